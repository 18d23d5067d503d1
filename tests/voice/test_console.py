"""A call over lines of text, in this process."""

from __future__ import annotations

import io
from pathlib import Path

from mortgage_fsm.machine import State
from mortgage_fsm.terminal import talk
from tests.stories.rehearsal import WAY, opened, settings_for


async def talked(folder: Path, *lines: str) -> list[str]:
    async with opened(folder):
        pass
    out = io.StringIO()
    await talk(settings_for(folder), io.StringIO("".join(f"{line}\n" for line in lines)), out)
    return out.getvalue().splitlines()


async def test_a_piped_call_pays_and_writes_nothing_but_the_agents_lines(tmp_path: Path) -> None:
    said = await talked(tmp_path, *WAY[State.SUBMITTED])
    assert all(line.startswith("agent: ") for line in said)
    assert "Your confirmation number is" in said[-1]
    async with opened(tmp_path) as ledger:
        assert [each["amount_cents"] for each in await ledger.payments.listing()] == [120000]


async def test_a_call_without_lines_is_a_greeting(tmp_path: Path) -> None:
    assert len(await talked(tmp_path)) == 1


async def test_every_line_of_junk_is_answered_on_one_line(tmp_path: Path) -> None:
    said = await talked(
        tmp_path, "", "\x00\x1b[31m", "\U0001f600" * 50, "a" * 100_000, "{0} %s {loan}", "<b>\ud800</b>"
    )
    assert len(said) == 7
    assert all(len(line) > len("agent: ") for line in said)


async def test_a_last_line_without_an_end_counts(tmp_path: Path) -> None:
    async with opened(tmp_path):
        pass
    out = io.StringIO()
    await talk(settings_for(tmp_path), io.StringIO("I'd like to make a payment"), out)
    assert "loan number?" in out.getvalue()
