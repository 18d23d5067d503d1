"""The time of a call, which is one through all processes that hold it."""

from __future__ import annotations

from typing import Any

import pytest

from mortgage_fsm.machine import Call
from mortgage_fsm.voice.deciding import Decider

NOTHING: Any = None
BEGAN = 1_800_000_000.0


def decider(at: float) -> tuple[Decider, list[float]]:
    clock = [at]
    return Decider(Call(), NOTHING, NOTHING, lambda: clock[0]), clock


def test_time_counts_from_the_beginning_in_whole_milliseconds() -> None:
    own, clock = decider(BEGAN)
    clock[0] += 1.23456
    assert own.now() == 1.235


@pytest.mark.parametrize(
    ("ours", "at_least"),
    [
        pytest.param(BEGAN + 30.0, 30.0, id="the time in which nobody held the call counts"),
        pytest.param(BEGAN + 12.0, 12.5, id="a clock that is behind goes on where the other was"),
        pytest.param(BEGAN - 3600.0, 12.5, id="however far it is behind"),
    ],
)
def test_a_call_that_goes_on_in_another_process_is_no_younger_than_it_was(ours: float, at_least: float) -> None:
    own, clock = decider(ours)
    own.go_on(BEGAN, BEGAN + 12.5)
    assert own.now() == at_least
    clock[0] += 1.0
    assert own.now() == at_least + 1.0
