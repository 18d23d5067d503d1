"""Figures are written out for the voice alone, wherever the text is cut."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.voice.aloud import for_the_voice
from mortgage_fsm.voice.phone_call import PhoneCall
from tests.stories.rehearsal import opened, settings_for, shipped_knowledge

WRITTEN = "One payment of $1,206.40, from your checking account ending 6021."
SAID = (
    "One payment of one thousand two hundred six dollars and forty cents, "
    "from your checking account ending six zero two one."
)


async def through(transforms: list[Any], *parts: str) -> str:
    async def given() -> AsyncGenerator[str, None]:
        for part in parts:
            yield part

    text: Any = given()
    for each in transforms:
        text = each(text) if callable(each) else text
    return "".join([part async for part in text])


@pytest.mark.parametrize("cut", [0, 17, 20, len(WRITTEN) - 3])
async def test_a_figure_that_comes_in_two_pieces_is_written_out_as_one(cut: int) -> None:
    assert await through(for_the_voice("en"), WRITTEN[:cut], WRITTEN[cut:]) == SAID


async def test_a_call_with_a_voice_gives_it_figures_written_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        settings = settings_for(tmp_path, stt="tests.room.voices:deaf_ear", tts="tests.room.voices:quick_voice")
        phone = PhoneCall(settings, ledger, shipped_knowledge(), model=None, audio=True)
        transforms = list(phone.session.options.tts_text_transforms or ())
        assert await through(transforms, WRITTEN) == SAID
        await phone.session.aclose()
