"""Two knowledge bases as one: callers never wait for the first, and hear the second instead."""

from __future__ import annotations

import asyncio
import time

import pytest

from mortgage_fsm.knowledge.fallback import FallbackKnowledge
from mortgage_fsm.knowledge.port import Answer, Status


class Scripted:
    """Behaves as told: a status, an exception to raise, or seconds to take."""

    def __init__(self, name: str, behaviour: Status | Exception | float, *, ready: bool = True) -> None:
        self.name = name
        self.behaviour = behaviour
        self.ready = ready
        self.searches = 0
        self.closes = 0
        self.budgets: list[float] = []

    def warm(self, budget_s: float) -> bool:
        self.budgets.append(budget_s)
        return self.ready

    async def search(self, query: str, *, top: int = 4) -> Answer:
        self.searches += 1
        if isinstance(self.behaviour, Exception):
            raise self.behaviour
        if isinstance(self.behaviour, float):
            await asyncio.sleep(self.behaviour)
            return Answer(Status.FOUND, self.name)
        return Answer(self.behaviour, self.name, reason="away" if self.behaviour is Status.UNAVAILABLE else None)

    async def aclose(self) -> None:
        self.closes += 1
        if isinstance(self.behaviour, Exception):
            raise self.behaviour


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def second() -> Scripted:
    return Scripted("second", Status.FOUND)


@pytest.mark.parametrize("status", [Status.FOUND, Status.NOT_FOUND])
async def test_an_answer_of_the_first_stands_found_or_not(second: Scripted, status: Status) -> None:
    knowledge = FallbackKnowledge(Scripted("first", status), second)
    answer = await knowledge.search("anything")
    assert knowledge.name == "first"
    assert (answer.backend, answer.status, answer.degraded) == ("first", status, False)
    assert second.searches == 0


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [(Status.UNAVAILABLE, "away"), (ValueError("10004471"), "failed"), (30.0, "timed_out")],
    ids=["unavailable", "raises", "hangs"],
)
async def test_the_second_answers_degraded_when_the_first_cannot(
    second: Scripted, behaviour: Status | Exception | float, reason: str
) -> None:
    began = time.monotonic()
    answer = await FallbackKnowledge(Scripted("first", behaviour), second).search("anything")
    assert (answer.backend, answer.status, answer.degraded, answer.reason) == ("second", Status.FOUND, True, reason)
    assert time.monotonic() - began < 15.0, "it hangs for thirty"


async def test_after_three_failures_in_a_row_the_first_is_left_alone_for_thirty_seconds(second: Scripted) -> None:
    first, clock = Scripted("first", Status.UNAVAILABLE), Clock()
    knowledge = FallbackKnowledge(first, second, clock=clock)
    reasons = [(await knowledge.search("anything")).reason for _ in range(6)]
    assert reasons == ["away", "away", "away", "skipped", "skipped", "skipped"]
    clock.now += 29.9
    assert (await knowledge.search("anything")).reason == "skipped"
    assert first.searches == 3
    clock.now += 0.1
    assert (await knowledge.search("anything")).reason == "away"
    assert (await knowledge.search("anything")).reason == "skipped"
    assert first.searches == 4


async def test_one_good_answer_closes_the_circuit_and_forgets_the_failures(second: Scripted) -> None:
    first, clock = Scripted("first", Status.UNAVAILABLE), Clock()
    knowledge = FallbackKnowledge(first, second, clock=clock)
    for _ in range(3):
        await knowledge.search("anything")
    clock.now += 30
    first.behaviour = Status.NOT_FOUND
    assert (await knowledge.search("anything")).degraded is False
    first.behaviour = Status.UNAVAILABLE
    assert [(await knowledge.search("anything")).reason for _ in range(3)] == ["away"] * 3


async def test_both_away_is_unavailable_and_not_not_found() -> None:
    away = FallbackKnowledge(Scripted("first", Status.UNAVAILABLE), Scripted("second", Status.UNAVAILABLE))
    answer = await away.search("anything")
    assert (answer.status, answer.degraded) == (Status.UNAVAILABLE, True)


@pytest.mark.parametrize(("first", "second", "ready"), [(1, 0, True), (0, 1, True), (0, 0, False)])
def test_it_is_ready_when_one_of_the_two_can_answer(first: int, second: int, ready: bool) -> None:
    pair = (
        Scripted("first", Status.FOUND, ready=bool(first)),
        Scripted("second", Status.FOUND, ready=bool(second)),
    )
    assert FallbackKnowledge(*pair).warm(5.0) is ready
    assert all(0 < one.budgets[0] <= 5.0 for one in pair)


async def test_the_second_is_closed_even_when_the_first_cannot_be(second: Scripted) -> None:
    with pytest.raises(ValueError, match="no"):
        await FallbackKnowledge(Scripted("first", ValueError("no")), second).aclose()
    assert second.closes == 1
