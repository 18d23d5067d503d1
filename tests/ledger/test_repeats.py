"""Two calls about one loan at the same time: the second does not pay what the first has just paid, unless it was told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import Intent, RepeatedError, Status
from mortgage_fsm.ledger.payments import Payments

Begin = Callable[[Intent], Awaitable[object]]


@pytest.fixture
async def paid(database: Database, payments: Payments, intent: Intent, begun: Begin) -> Intent:
    """A payment of another call that was accepted a moment ago."""
    other = replace(intent, call="d" * 32)
    await begun(other)
    async with database.transaction() as connection:
        await payments.settle(connection, other.key, Status.ACCEPTED, "MP-AA2BB3CC4D")
    return other


async def test_a_call_that_was_told_of_no_other_payment_today_does_not_make_a_second_one(
    payments: Payments, intent: Intent, begun: Begin, paid: Intent
) -> None:
    with pytest.raises(RepeatedError):
        await begun(replace(intent, once=True))
    assert await payments.find(intent.key) is None


async def test_a_second_payment_is_made_that_was_announced_or_is_another_one(
    intent: Intent, begun: Begin, paid: Intent
) -> None:
    await begun(replace(intent, once=False))
    await begun(replace(intent, confirmation_id=9, loan="10005582", once=True))


async def test_another_amount_is_no_repetition(intent: Intent, begun: Begin, paid: Intent) -> None:
    await begun(replace(intent, cents=intent.cents + 1, once=True))


async def test_another_day_is_no_repetition(intent: Intent, begun: Begin, paid: Intent, clock: Any) -> None:
    clock.forward(days=1)
    await begun(replace(intent, once=True))
