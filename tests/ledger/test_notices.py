"""Notices: due when their payment is, sent once, and without anything that tells who."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import Enrolment, Intent, Status
from mortgage_fsm.ledger.notices import Notices
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.schema import notices as table

NUMBER = "MP-AA2BB3CC4D"


@pytest.fixture
def notices(database: Database, loan_ref: Callable[[str], str], clock: Any) -> Notices:
    return Notices(database, loan_ref, clock=clock)


async def settle(database: Database, payments: Payments, intent: Intent, status: Status) -> None:
    async with database.transaction() as connection:
        number = NUMBER if status is Status.ACCEPTED else None
        await payments.settle(connection, intent.key, status, number)


async def test_a_notice_is_due_as_soon_as_its_payment_was_accepted(
    *, database: Database, payments: Payments, notices: Notices, intent: Intent, begun: Any, loan_ref: Any
) -> None:
    await begun(intent)
    assert await notices.waiting() == []
    await settle(database, payments, intent, Status.ACCEPTED)
    (one,) = await notices.waiting()
    assert one == {
        "id": one["id"],
        "kind": "telephone_authorisation",
        "confirmation": NUMBER,
        "loan_ref": loan_ref(intent.loan),
        "amount_cents": intent.cents,
        "call": intent.call,
        "queued_at": "2026-03-10T12:00:00.000Z",
    }


@pytest.mark.parametrize("status", [Status.DECLINED, Status.UNRESOLVED])
async def test_of_a_payment_that_was_not_made_nothing_is_sent(
    *, database: Database, payments: Payments, notices: Notices, intent: Intent, begun: Any, status: Status
) -> None:
    await begun(intent)
    await settle(database, payments, intent, status)
    assert await notices.waiting() == []
    assert not await notices.sent(1)


async def test_a_notice_is_sent_once_and_only_if_it_is_there(
    database: Database, payments: Payments, notices: Notices, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    await settle(database, payments, intent, Status.ACCEPTED)
    (one,) = await notices.waiting()
    number = int(str(one["id"]))
    assert [await notices.sent(each) for each in (number, number, number + 1)] == [True, False, False]
    assert await notices.waiting() == []


async def test_the_oldest_comes_first_and_an_enrolments_copy_is_due_at_once(
    *, database: Database, payments: Payments, notices: Notices, intent: Intent, begun: Any, clock: Any
) -> None:
    await begun(replace(intent, method=Method.BANK_TRANSFER))
    clock.forward(minutes=1)
    enrolment = Enrolment("e" * 32, 1, "10005582", 5_00, intent.instrument, intent.digest)
    async with database.transaction() as connection:
        await payments.enrol(connection, enrolment)
    await settle(database, payments, intent, Status.ACCEPTED)
    assert [each["kind"] for each in await notices.waiting()] == ["telephone_authorisation", "autopay_enrolment"]


def test_no_column_could_hold_a_name_or_an_address() -> None:
    assert {column.name for column in table.columns} == {"id", "payment", "kind", "queued_at", "sent_at"}
