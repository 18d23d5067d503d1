"""Callers who say anything at any moment, begin before the agent has ended, fall silent, and hang up in the middle.

What holds is what `phone_line` asks of every call: a whole log that ends with the call, one record for each decision,
which a replay takes again. And money moves on a yes alone.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from mortgage_fsm.machine import Moved, Trigger
from tests.stories.phone_line import Line, pause_before_finding, phone_line

STRAIGHT = ("I'd like to make a payment", "10004471", "2190", "$1,200", "my bank account", "yes", "yes", "yes")
PATIENT, STRAIGHT_ON = 0.7, 0.85
"""How likely a caller is to wait for an answer, and to say what was asked for."""
ANYTHING = (
    *("I'd like to make a payment", "10004471", "1000", "4471", "2190", "$1,200", "my bank account", "yes", "no"),
    *("make it $900", "what is escrow?", "please", "a person please", "um", "cancel", "go on", "hello", "thanks"),
    *("when is my payment due?", "repeat that", "goodbye"),
)


async def says(line: Line, words: str, chance: random.Random) -> None:
    """Say this, for some time, and then wait for the agent to have answered, or for less."""
    line.recogniser.begin()
    await asyncio.sleep(chance.choice((0.0, 0.02, 0.02, 0.02, 0.2)))
    line.recogniser.end(words)
    if chance.random() < PATIENT:
        await line.quiet()
    await asyncio.sleep(chance.choice((0.0, 0.01, 0.03, 0.05, 0.1, 0.3)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
async def test_a_call_that_ends_at_any_moment_leaves_a_whole_log_and_pays_on_a_yes_alone(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    pause_before_finding(monkeypatch, lambda: asyncio.sleep(chance.choice((0.0, 0.0, 0.02, 0.05))))
    async with phone_line(tmp_path, away=chance.choice((None, 0.2, 0.5))) as line:
        line.voice.slowly = chance.choice(("nothing", "Shall I", "Here's", "Thank you"))
        straight = list(STRAIGHT)
        for _ in range(chance.randint(3, 16)):
            goes_straight_on = straight and chance.random() < STRAIGHT_ON
            await says(line, straight.pop(0) if goes_straight_on else chance.choice(ANYTHING), chance)
        await line.phone.close()
        sent = [each for each in line.decided if isinstance(each, Moved) and each.after.in_flight is not None]
        confirmed = [each for each in sent if each.trigger is Trigger.PAYMENT_CONFIRMED]
        assert len(await line.payments()) == len(confirmed)
        assert all(each.finding.yes for each in confirmed)
