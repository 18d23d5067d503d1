"""Snapshots: one holder each, one call a room, and whoever lost a call can write nothing of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mortgage_fsm.ledger.abandoned import Abandoned
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.snapshots import LostError, Place, Snapshot, Snapshots, Standing
from mortgage_fsm.machine import Call
from mortgage_fsm.machine.plain import as_plain
from tests.ledger.conftest import NOON, SetClock

CALL, OTHER = "c" * 32, "d" * 32
PLACE = Place("R" * 26, "agent-AJ_one", "a" * 64)
BEGAN = NOON - timedelta(milliseconds=250)
START = Standing("advising", as_plain(Call()), 0, 0, ended=False)
LATER = Standing("amount", as_plain(Call(loan="10004471")), 4, 1, ended=False)


@pytest.fixture
def snapshots(database: Database, clock: SetClock) -> Snapshots:
    return Snapshots(database, clock=clock)


async def opened(database: Database, snapshots: Snapshots, call: str = CALL, place: Place = PLACE) -> None:
    async with database.transaction() as connection:
        await snapshots.open(connection, call, place, START, BEGAN)


async def found(snapshots: Snapshots) -> Snapshot:
    snapshot = await snapshots.in_room(PLACE.room_ref)
    assert snapshot is not None
    return snapshot


async def kept(database: Database, snapshots: Snapshots, holder: str, standing: Standing = LATER) -> None:
    async with database.transaction() as connection:
        await snapshots.keep(connection, CALL, holder, standing)


async def test_a_snapshot_is_found_by_its_room_as_it_was_kept(
    database: Database, snapshots: Snapshots, clock: SetClock
) -> None:
    assert await snapshots.in_room(PLACE.room_ref) is None
    await opened(database, snapshots)
    clock.forward(seconds=1)
    await kept(database, snapshots, PLACE.holder)
    assert await found(snapshots) == Snapshot(CALL, PLACE, LATER, BEGAN, clock.now)
    async with database.transaction() as connection:
        await snapshots.close(connection, CALL, PLACE.holder)
    assert await snapshots.in_room(PLACE.room_ref) is None


async def test_nothing_private_stands_in_what_is_shown_of_one(database: Database, snapshots: Snapshots) -> None:
    await opened(database, snapshots)
    await kept(database, snapshots, PLACE.holder)
    assert "10004471" not in repr(await found(snapshots))


async def test_two_calls_cannot_go_on_in_one_room_but_one_may_begin_when_the_other_has_ended(
    database: Database, snapshots: Snapshots
) -> None:
    await opened(database, snapshots)
    other = replace(PLACE, holder="agent-AJ_two")
    with pytest.raises(ConflictError):
        await opened(database, snapshots, OTHER, other)
    await kept(database, snapshots, PLACE.holder, replace(LATER, ended=True))
    await opened(database, snapshots, OTHER, other)
    assert (await found(snapshots)).call == OTHER


async def test_who_lost_a_call_can_neither_write_nor_close_it_nor_give_a_sign_of_life(
    database: Database, snapshots: Snapshots
) -> None:
    await opened(database, snapshots)
    await snapshots.take_over(await found(snapshots), "agent-AJ_two")
    with pytest.raises(LostError):
        await kept(database, snapshots, PLACE.holder)
    with pytest.raises(LostError):
        await snapshots.alive(CALL, PLACE.holder)
    with pytest.raises(LostError):
        async with database.transaction() as connection:
            await snapshots.close(connection, CALL, PLACE.holder)
    await kept(database, snapshots, "agent-AJ_two")


async def test_of_many_who_take_one_call_over_one_does(database: Database, snapshots: Snapshots) -> None:
    await opened(database, snapshots)
    left = await found(snapshots)
    tries = [snapshots.take_over(left, f"agent-AJ_{number}") for number in range(8)]
    ends = await asyncio.gather(*tries, return_exceptions=True)
    [taken] = [number for number, each in enumerate(ends) if isinstance(each, Snapshot)]
    assert [type(each) for each in ends if not isinstance(each, Snapshot)] == [LostError] * 7
    assert (await found(snapshots)).place.holder == f"agent-AJ_{taken}"


@pytest.mark.parametrize(
    "clocks",
    [
        pytest.param((30.0, 50.0), id="the time in which nobody held the call counts"),
        pytest.param((12.0, 50.0), id="a clock that is behind goes on where the other was"),
        pytest.param((-3600.0, 50.0), id="however far it is behind, and then another is right"),
        pytest.param((-3600.0, -3590.0), id="two that are behind"),
        pytest.param((-3600.0, -7200.0), id="one behind the other"),
    ],
)
async def test_the_time_of_a_call_goes_on_through_every_clock_that_it_is_held_by(
    database: Database, snapshots: Snapshots, clock: SetClock, clocks: tuple[float, ...]
) -> None:
    await opened(database, snapshots)
    lasted = [12.5]
    clock.now = BEGAN + timedelta(seconds=12.5)
    await kept(database, snapshots, PLACE.holder)
    for number, seconds in enumerate(clocks):
        clock.now = BEGAN + timedelta(seconds=seconds)
        taken = await snapshots.take_over(await found(snapshots), f"agent-AJ_{number}")
        assert (await found(snapshots)).opened_at == taken.opened_at
        lasted.append((clock.now - taken.opened_at).total_seconds())
    assert lasted == sorted(lasted)
    assert lasted[1] == max(clocks[0], 12.5)


class Ends:
    """Writes down what ended, or cannot."""

    def __init__(self) -> None:
        self.written: list[tuple[str, str, str]] = []
        self.fails: Exception | None = None

    async def record(self, connection: Any, call: str, state: str, reason: str) -> None:
        if self.fails is not None:
            raise self.fails
        self.written.append((call, state, reason))


@pytest.fixture
def ends() -> Ends:
    return Ends()


@pytest.fixture
def abandoned(database: Database, snapshots: Snapshots, ends: Ends, clock: SetClock) -> Abandoned:
    return Abandoned(database, snapshots, ends, after=timedelta(minutes=15), clock=clock)


async def test_only_calls_without_a_sign_of_life_are_closed(
    database: Database, snapshots: Snapshots, abandoned: Abandoned, ends: Ends, clock: SetClock
) -> None:
    await opened(database, snapshots)
    await opened(database, snapshots, OTHER, Place("S" * 26, "agent-AJ_two", "a" * 64))
    clock.forward(minutes=15)
    await snapshots.alive(OTHER, "agent-AJ_two")
    clock.forward(seconds=1)
    assert await abandoned.run() == 1
    assert ends.written == [(CALL, "advising", "abandoned")]
    assert await abandoned.run() == 0


async def test_a_call_whose_end_cannot_be_recorded_is_kept(
    database: Database, snapshots: Snapshots, abandoned: Abandoned, ends: Ends, clock: SetClock
) -> None:
    await opened(database, snapshots)
    clock.forward(minutes=16)
    ends.fails = LostError("as any of ours")
    assert await abandoned.run() == 0
    assert (await found(snapshots)).call == CALL


async def test_a_holder_who_gives_a_sign_of_life_in_the_last_moment_keeps_the_call(
    database: Database, snapshots: Snapshots, abandoned: Abandoned, ends: Ends, clock: SetClock
) -> None:
    await opened(database, snapshots)
    left = await found(snapshots)
    clock.forward(minutes=16)
    await snapshots.alive(CALL, PLACE.holder)
    with pytest.raises(LostError):
        await abandoned.close(left, "abandoned")
    assert ends.written == []
