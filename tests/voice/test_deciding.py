"""The time of a call."""

from __future__ import annotations

from typing import Any

from mortgage_fsm.machine import Call
from mortgage_fsm.voice.deciding import Decider

NOTHING: Any = None


def test_time_counts_from_the_beginning_in_whole_milliseconds() -> None:
    clock = [1_800_000_000.0]
    decider = Decider(Call(), NOTHING, NOTHING, lambda: clock[0])
    clock[0] += 1.23456
    assert decider.now() == 1.235
