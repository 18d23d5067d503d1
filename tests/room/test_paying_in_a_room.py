"""Whole payment calls in a LiveKit room, with the worker as its users run it."""

from __future__ import annotations

import asyncio

import pytest

from tests.room.evidence import ended, listed_payments, payments, records_when
from tests.room.house import House
from tests.room.payment import OTHER_LAST_FOUR, OTHER_LOAN, pay
from tests.room.worker_process import WorkerProcess

pytestmark = pytest.mark.slow


async def test_a_call_by_text_stream_pays_once_and_says_the_confirmation_number(
    house: House, worker: WorkerProcess
) -> None:
    async with house.call() as caller:
        confirmation = await pay(caller, "$50.25")
        (payment,) = await listed_payments(worker)
        assert (payment["amount_cents"], payment["method"], payment["status"]) == (5025, "bank_transfer", "accepted")
        assert payment["confirmation"] == confirmation
    (kept,) = (await records_when(worker, ended(1))).values()
    assert [each["seq"] for each in kept] == list(range(len(kept)))
    assert kept[0]["type"] == "call_started"


async def test_two_calls_at_once_in_one_worker_do_not_know_each_other(house: House, worker: WorkerProcess) -> None:
    async with house.call() as one, house.call() as two:
        first, second = await asyncio.gather(
            pay(one, "$50"), pay(two, "$75.50", loan=OTHER_LOAN, last_four=OTHER_LAST_FOUR)
        )
        amounts = {each["confirmation"]: each["amount_cents"] for each in await payments(worker)}
        assert amounts == {first: 5000, second: 7550}
        assert not any("75.50" in sentence for sentence in one.heard)
        assert not any("$50" in sentence for sentence in two.heard)
    await records_when(worker, ended(2))
