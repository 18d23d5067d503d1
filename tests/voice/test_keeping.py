"""A call's own snapshot: signs of life, and how its process finds out that the call is another's."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.snapshots import LostError, Place, Snapshots, Standing
from mortgage_fsm.machine import Call, State
from mortgage_fsm.voice.keeping import Keeper, standing
from tests.stories.rehearsal import opened

CALL = "ab" * 16
PLACE = Place("R" * 26, "agent-AJ_one", "a" * 64)
NO_CONNECTION: Any = None


class Signs:
    """Takes signs of life, each in its own way: None is taken."""

    def __init__(self, *ways: Exception | None) -> None:
        self.ways = list(ways)
        self.given = 0
        self.five = asyncio.Event()

    async def keep(self, connection: AsyncConnection, call: str, holder: str, standing: Standing) -> None: ...

    async def alive(self, call: str, holder: str) -> None:
        assert (call, holder) == (CALL, PLACE.holder)
        self.given += 1
        if self.given == 5:
            self.five.set()
        way = self.ways.pop(0) if self.ways else None
        if way is not None:
            raise way


def keeper(signs: Signs) -> Keeper:
    return Keeper(CALL, cast(Snapshots, signs), PLACE)


async def test_signs_of_life_go_on_while_the_database_is_gone_and_end_with_the_call() -> None:
    signs = Signs(None, UnavailableError("gone"), None)
    kept = keeper(signs)
    kept.begin(0.001)
    await asyncio.wait_for(signs.five.wait(), 5)
    await kept.end()
    given = signs.given
    await asyncio.sleep(0.01)
    assert signs.given == given
    assert not kept.lost.is_set()


async def test_a_decision_is_a_sign_of_life_as_well() -> None:
    signs = Signs()
    kept = keeper(signs)
    kept.begin(0.2)
    for _ in range(40):
        await kept.keep(NO_CONNECTION, Call(), 1, 0)
        await asyncio.sleep(0.01)
    given = signs.given
    await kept.end()
    assert given == 0


async def test_the_first_sign_that_is_not_taken_tells_that_the_call_is_lost() -> None:
    signs = Signs(None, LostError("another's"))
    kept = keeper(signs)
    kept.begin(0.001)
    await asyncio.wait_for(kept.lost.wait(), 5)
    await kept.end()
    assert signs.given == 2


async def test_whoever_writes_to_a_lost_call_finds_out_and_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as ledger:
        kept = Keeper(CALL, ledger.snapshots, PLACE)
        async with ledger.database.transaction() as connection:
            await kept.open(connection, Call(), time.time())
        found = await ledger.snapshots.in_room(PLACE.room_ref)
        assert found is not None
        await ledger.snapshots.take_over(found, "agent-AJ_two")
        with pytest.raises(LostError):
            async with ledger.database.transaction() as connection:
                await kept.keep(connection, Call(State.AMOUNT), 3, 1)
        assert kept.lost.is_set()
        still = await ledger.snapshots.in_room(PLACE.room_ref)
        assert still is not None
        assert still.standing == standing(Call(), 0, 0)
