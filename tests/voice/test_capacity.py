"""A worker takes as many calls as it is told, and leaves the rest to others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from livekit.agents import AgentServer
from livekit.agents.worker import ServerOptions

from mortgage_fsm.voice.capacity import FULL, Capacity


class Offer:
    """A job as LiveKit offers it; accepting takes until the test says so."""

    def __init__(self, number: int) -> None:
        self.id = f"job-{number}"
        self.assigned = asyncio.Event()
        self.answer = ""

    async def accept(self) -> None:
        self.answer = "accepted"
        await self.assigned.wait()

    async def reject(self, *, terminate: bool) -> None:
        self.answer = "ended" if terminate else "left to others"


async def test_offers_that_come_at_once_are_counted_before_their_calls_run() -> None:
    capacity, offers = Capacity(2), [Offer(number) for number in range(4)]
    async with asyncio.TaskGroup() as group:
        for offer in offers:
            group.create_task(capacity.take(offer, []))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        for offer in offers:
            offer.assigned.set()
    assert [offer.answer for offer in offers] == ["accepted"] * 2 + ["left to others"] * 2


async def test_a_job_that_runs_while_it_is_still_being_accepted_counts_once() -> None:
    capacity, first, second = Capacity(2), Offer(1), Offer(2)
    second.assigned.set()
    taking = asyncio.ensure_future(capacity.take(first, []))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await capacity.take(second, ["job-1"])  # type: ignore[arg-type]
    assert second.answer == "accepted"
    first.assigned.set()
    await taking


async def test_a_call_that_ended_makes_room() -> None:
    capacity, offer = Capacity(1), Offer(2)
    offer.assigned.set()
    await capacity.take(offer, ["job-1"])  # type: ignore[arg-type]
    assert offer.answer == "left to others"
    await capacity.take(offer, [])  # type: ignore[arg-type]
    assert offer.answer == "accepted"


async def test_without_a_limit_every_offer_is_taken() -> None:
    capacity, offer = Capacity(None), Offer(1)
    offer.assigned.set()
    await capacity.take(offer, [f"job-{number}" for number in range(500)])  # type: ignore[arg-type]
    assert offer.answer == "accepted"


@pytest.mark.parametrize(("calls", "full"), [(0, False), (3, False), (4, True)])
def test_livekit_is_told_that_a_worker_is_full(monkeypatch: pytest.MonkeyPatch, calls: int, full: bool) -> None:
    monkeypatch.setattr(ServerOptions, "load_fnc", lambda _: 0.1)
    monkeypatch.setattr(AgentServer, "active_jobs", property(lambda _: [None] * calls))
    assert (Capacity(4).load(AgentServer()) >= FULL) is full


def test_busy_processors_fill_a_worker_before_its_calls_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: Any) -> float:
        return 0.9

    monkeypatch.setattr(ServerOptions, "load_fnc", busy)
    monkeypatch.setattr(AgentServer, "active_jobs", property(lambda _: []))
    assert Capacity(4).load(AgentServer()) == 0.9
