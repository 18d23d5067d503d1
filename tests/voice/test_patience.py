"""One turn has one time for all the models that are asked in it."""

from __future__ import annotations

import asyncio

import pytest

from mortgage_fsm.voice.patience import Patience


async def test_what_one_model_took_the_next_one_no_longer_has() -> None:
    patience = Patience(0.05)
    with pytest.raises(TimeoutError):
        async with patience.asking():
            await asyncio.Event().wait()
    with pytest.raises(TimeoutError):
        async with patience.asking():
            await asyncio.sleep(0.01)


async def test_every_turn_begins_with_all_of_it() -> None:
    patience = Patience(0.05)
    with pytest.raises(TimeoutError):
        async with patience.asking():
            await asyncio.Event().wait()
    patience.turn_begins()
    async with patience.asking():
        await asyncio.sleep(0)


async def test_a_model_that_fails_at_once_leaves_the_time_to_the_next() -> None:
    patience = Patience(5.0)
    with pytest.raises(ConnectionError):
        async with patience.asking():
            raise ConnectionError
    async with patience.asking():
        await asyncio.sleep(0.001)
