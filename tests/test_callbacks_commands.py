"""The commands about callbacks: what a team works off, without anything that tells who."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mortgage_fsm.callbacks_commands import callbacks_app
from mortgage_fsm.heard import Reason
from tests.stories.rehearsal import opened

RUN = CliRunner()
LOAN, CALL = "10004471", "ab" * 16


@pytest.fixture(autouse=True)
def ledger_with_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Two who wait, one of them for a loan; the reference of that loan."""

    async def ask() -> str:
        async with opened(tmp_path) as ledger:
            reference = ledger.references.loan_ref(LOAN)
            async with ledger.database.transaction() as connection:
                await ledger.callbacks.ask(connection, CALL, reference, Reason.HARDSHIP)
            async with ledger.database.transaction() as connection:
                await ledger.callbacks.ask(connection, CALL, None, Reason.ASKED)
            return reference

    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)
    return asyncio.run(ask())


def test_those_who_wait_are_listed_until_they_were_called_back(ledger_with_two: str) -> None:
    shown = RUN.invoke(callbacks_app, ["list"])
    assert shown.exit_code == 0
    first, second = shown.output.splitlines()
    assert first.split() == ["1", first.split()[1], "hardship", ledger_with_two, CALL]
    assert second.split()[2:4] == ["asked", "-"]
    assert LOAN not in shown.output
    assert RUN.invoke(callbacks_app, ["done", "1"]).output == "done\n"
    rows = json.loads(RUN.invoke(callbacks_app, ["list", "--json"]).output)
    assert [row["id"] for row in rows] == [2]
    RUN.invoke(callbacks_app, ["done", "2"])
    assert RUN.invoke(callbacks_app, ["list"]).output == "nobody waits to be called back\n"


@pytest.mark.parametrize("number", ["3", "99999"])
def test_a_callback_that_does_not_wait_cannot_be_done(number: str) -> None:
    refused = RUN.invoke(callbacks_app, ["done", number])
    assert refused.exit_code == 1
    assert "no callback of this number is waiting" in refused.output


def test_a_number_that_is_none_is_wrong_usage() -> None:
    assert RUN.invoke(callbacks_app, ["done", "0"]).exit_code == 2
