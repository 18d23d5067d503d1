"""Payments: one yes, one intent; settled once; listed as programs expect."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.intents import (
    ConfirmationUsedError,
    Enrolment,
    Intent,
    PaymentUnderWayError,
    SettledError,
    Status,
)
from mortgage_fsm.ledger.payments import SEND_WITHIN, Payments
from mortgage_fsm.ledger.schema import notices
from mortgage_fsm.ledger.schema import payments as table
from tests.ledger.conftest import ON_SQLITE

LOAN = "10004471"


async def settle(
    database: Database, payments: Payments, intent: Intent, status: Status, number: str | None = None
) -> bool:
    async with database.transaction() as connection:
        return await payments.settle(connection, intent.key, status, number)


async def count(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def test_the_intent_is_written_before_anything_is_sent(
    database: Database, payments: Payments, intent: Intent, begun: Any, clock: Any
) -> None:
    request = await begun(intent)
    assert (request.key, request.cents, request.instrument_token) == (intent.key, 1850_00, "demo-checking-6021")
    assert request.not_after == clock.now + SEND_WITHIN
    found = await payments.find(intent.key)
    assert found is not None
    assert (found.status, found.cents, found.digest) == (Status.SUBMITTING, 1850_00, intent.digest)


async def test_one_confirmation_begins_one_payment(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    for again in (intent, replace(intent, cents=5), replace(intent, loan="10005582")):
        with pytest.raises(ConfirmationUsedError):
            await begun(again)
    assert await count(database) == 1


async def test_fifty_yeses_to_one_read_back_begin_one_payment(database: Database, intent: Intent, begun: Any) -> None:
    done = await asyncio.gather(*(begun(intent) for _ in range(50)), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in done) == 1
    assert {type(each) for each in done if isinstance(each, Exception)} <= {ConfirmationUsedError, PaymentUnderWayError}
    assert await count(database) == 1


async def test_two_calls_on_one_loan_cannot_both_submit(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    other = replace(intent, call="e" * 32, cents=5)
    await begun(intent)
    with pytest.raises(PaymentUnderWayError):
        await begun(other)
    await settle(database, payments, intent, Status.UNRESOLVED)
    with pytest.raises(PaymentUnderWayError):
        await begun(other)
    await settle(database, payments, intent, Status.DECLINED)
    await begun(other)


@pytest.mark.slow
async def test_processes_that_begin_one_payment_at_once_begin_it_once(
    database: Database, url: str, in_processes: Any
) -> None:
    program = f"""
import asyncio
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import ConfirmationUsedError, Intent, PaymentUnderWayError
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.ports import Instrument
async def main():
    database = Database({url!r})
    payments = Payments(database, str)
    begun = 0
    for number in range(20):
        on_file = Instrument(Method.DEBIT_CARD, "t", "debit card ending 8830")
        intent = Intent("c" * 32, number, str(10000000 + number), 5, Method.DEBIT_CARD, on_file, "D" * 26)
        try:
            async with database.transaction() as connection:
                await payments.begin(connection, intent)
            begun += 1
        except (ConfirmationUsedError, PaymentUnderWayError):
            pass
    print(begun)
    await database.close()
asyncio.run(main())
"""
    assert sum(map(int, await in_processes(program, 3))) == 20


async def test_an_intent_whose_transaction_fails_is_not_there(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    async def undone() -> None:
        async with database.transaction() as connection:
            await payments.begin(connection, intent)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    assert await payments.find(intent.key) is None
    await begun(intent)


async def test_a_refused_intent_quotes_nothing(intent: Intent, begun: Any) -> None:
    await begun(intent)
    with pytest.raises(ConfirmationUsedError) as caught:
        await begun(replace(intent, loan="10005582"))
    assert caught.value.__suppress_context__
    assert not any(digits in str(caught.value) for digits in ("1000", "1850", "6021"))


async def test_an_answer_is_written_once(database: Database, payments: Payments, intent: Intent, begun: Any) -> None:
    await begun(intent)
    assert await settle(database, payments, intent, Status.UNRESOLVED)
    assert await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    assert not await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")


@pytest.mark.parametrize(
    ("status", "number"), [(Status.DECLINED, None), (Status.UNRESOLVED, None), (Status.ACCEPTED, "MP-ZZ9ZZ9ZZ9Z")]
)
async def test_what_is_settled_never_changes(
    *, database: Database, payments: Payments, intent: Intent, begun: Any, status: Status, number: str | None
) -> None:
    await begun(intent)
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    with pytest.raises(SettledError):
        await settle(database, payments, intent, status, number)
    found = await payments.find(intent.key)
    assert found is not None
    assert (found.status, found.confirmation) == (Status.ACCEPTED, "MP-AA2BB3CC4D")


async def test_a_payment_that_was_never_begun_cannot_be_settled(
    database: Database, payments: Payments, intent: Intent
) -> None:
    with pytest.raises(SettledError):
        await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.PENDING_AUTHORISATION])
async def test_no_answer_puts_a_payment_back(
    database: Database, payments: Payments, intent: Intent, begun: Any, status: Status
) -> None:
    await begun(intent)
    with pytest.raises(ValueError, match="settled as"):
        await settle(database, payments, intent, status)


@pytest.mark.parametrize(("status", "number"), [(Status.ACCEPTED, None), (Status.DECLINED, "MP-AA2BB3CC4D")])
async def test_accepted_and_a_confirmation_number_are_one_thing(
    *, database: Database, payments: Payments, intent: Intent, begun: Any, status: Status, number: str | None
) -> None:
    await begun(intent)
    with pytest.raises(ConflictError):
        await settle(database, payments, intent, status, number)


async def test_two_payments_never_have_one_confirmation_number(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    other = replace(intent, loan="10005582", confirmation_id=4)
    for each in (intent, other):
        await begun(each)
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    with pytest.raises(ConflictError):
        await settle(database, payments, other, Status.ACCEPTED, "MP-AA2BB3CC4D")


@pytest.mark.parametrize(
    "values",
    [
        {"cents": 0},
        {"cents": None},
        {"cents": None, "wish": "amount_due"},
        {"wish": "amount_due"},
        {"status": "paid"},
        {"status": "pending_authorisation", "confirmation": "AE-AA2BB3CC4D"},
        {"method": "autopay"},
    ],
)
async def test_the_database_itself_refuses_what_cannot_be(
    database: Database, intent: Intent, begun: Any, values: dict[str, object]
) -> None:
    await begun(intent)
    with pytest.raises(ConflictError):
        async with database.transaction() as connection:
            await connection.execute(update(table).values(**values))


async def test_an_enrolment_waits_for_its_signature_and_its_copy_is_queued(
    database: Database, payments: Payments, intent: Intent
) -> None:
    enrolment = Enrolment(intent.call, 3, LOAN, Wish.AMOUNT_DUE, intent.instrument, intent.digest)
    async with database.transaction() as connection:
        reference = await payments.enrol(connection, enrolment)
    assert reference.startswith("AE-")
    assert (await payments.on_loan(LOAN)).autopay_pending
    assert not (await payments.on_loan("10005582")).autopay_pending
    assert not (await payments.on_loan(LOAN)).outstanding
    assert await payments.under_way() == []
    async with database.reading() as connection:
        queued = (await connection.execute(select(notices.c.kind, notices.c.sent_at))).all()
    assert queued == [("autopay_enrolment", None)]
    (listed,) = await payments.listing()
    assert (listed["method"], listed["status"], listed["amount_cents"]) == ("autopay", "pending_authorisation", None)
    assert listed["confirmation"] == reference


async def test_an_enrolment_uses_up_its_confirmation_too(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    enrolment = Enrolment(intent.call, intent.confirmation_id, LOAN, 1850_00, intent.instrument, intent.digest)
    async with database.transaction() as connection:
        await payments.enrol(connection, enrolment)
    with pytest.raises(ConfirmationUsedError):
        await begun(intent)
    with pytest.raises(ConfirmationUsedError):
        async with database.transaction() as connection:
            await payments.enrol(connection, enrolment)


async def test_an_enrolment_that_is_rolled_back_queues_no_copy(
    database: Database, payments: Payments, intent: Intent
) -> None:
    enrolment = Enrolment(intent.call, 3, LOAN, 1850_00, intent.instrument, intent.digest)

    async def undone() -> None:
        async with database.transaction() as connection:
            await payments.enrol(connection, enrolment)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(notices)) == 0


@pytest.mark.parametrize(
    ("method", "recorded", "queued"),
    [
        (Method.BANK_TRANSFER, False, ["telephone_authorisation"]),
        (Method.BANK_TRANSFER, True, []),
        (Method.DEBIT_CARD, False, []),
    ],
)
async def test_a_bank_debit_begins_with_its_notice_unless_the_call_is_recorded(
    *, database: Database, intent: Intent, begun: Any, method: Method, recorded: bool, queued: list[str]
) -> None:
    await begun(replace(intent, method=method, recorded=recorded))
    async with database.reading() as connection:
        assert list(await connection.scalars(select(notices.c.kind))) == queued


async def test_a_bank_debit_whose_notice_cannot_be_queued_is_not_begun(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("ALTER TABLE notices RENAME TO gone"))
    with pytest.raises(UnavailableError):
        await begun(intent)
    assert await payments.find(intent.key) is None
    await begun(replace(intent, recorded=True))


async def test_a_loan_is_outstanding_until_its_payment_is_settled(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    assert not (await payments.on_loan(LOAN)).outstanding
    await begun(intent)
    assert (await payments.on_loan(LOAN)).outstanding
    await settle(database, payments, intent, Status.UNRESOLVED)
    assert (await payments.on_loan(LOAN)).outstanding
    assert not (await payments.on_loan("10005582")).outstanding
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    assert not (await payments.on_loan(LOAN)).outstanding


async def test_the_same_loan_and_amount_counts_as_paid_today_until_midnight(
    database: Database, payments: Payments, intent: Intent, begun: Any, clock: Any
) -> None:
    await begun(intent)
    assert 1850_00 in (await payments.on_loan(LOAN)).paid_today
    assert 1850_01 not in (await payments.on_loan(LOAN)).paid_today
    assert 1850_00 not in (await payments.on_loan("10005582")).paid_today
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    clock.forward(hours=11, minutes=59)
    assert 1850_00 in (await payments.on_loan(LOAN)).paid_today
    clock.forward(minutes=1)
    assert 1850_00 not in (await payments.on_loan(LOAN)).paid_today


async def test_a_declined_payment_was_not_paid(
    database: Database, payments: Payments, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    await settle(database, payments, intent, Status.DECLINED)
    assert 1850_00 not in (await payments.on_loan(LOAN)).paid_today


async def test_today_is_the_day_of_the_tenants_zone(
    database: Database, intent: Intent, loan_ref: Any, clock: Any
) -> None:
    west = Payments(database, loan_ref, clock=clock, zone=timezone(timedelta(hours=-8)))
    async with database.transaction() as connection:
        await west.begin(connection, intent)
    clock.forward(hours=19, minutes=59)  # 7:59 in UTC of the next day, 23:59 there
    assert 1850_00 in (await west.on_loan(LOAN)).paid_today
    clock.forward(minutes=1)
    assert 1850_00 not in (await west.on_loan(LOAN)).paid_today


async def test_the_list_is_newest_first_and_has_exactly_the_promised_fields(
    *, database: Database, payments: Payments, intent: Intent, begun: Any, clock: Any, loan_ref: Any
) -> None:
    await begun(intent)
    await settle(database, payments, intent, Status.ACCEPTED, "MP-AA2BB3CC4D")
    clock.forward(seconds=1)
    card = intent.instrument
    await begun(replace(intent, confirmation_id=4, cents=77, method=Method.DEBIT_CARD, instrument=card))
    newest, oldest = json.loads(json.dumps(await payments.listing()))
    assert oldest == {
        "confirmation": "MP-AA2BB3CC4D",
        "loan_ref": loan_ref(LOAN),
        "amount_cents": 1850_00,
        "method": "bank_transfer",
        "status": "accepted",
        "call": "c" * 32,
        "created_at": "2026-03-10T12:00:00.000Z",
    }
    assert (newest["confirmation"], newest["method"], newest["status"]) == (None, "debit_card", "submitting")


async def test_the_list_holds_no_loan_number_and_no_account(payments: Payments, intent: Intent, begun: Any) -> None:
    await begun(intent)
    listed = json.dumps(await payments.listing())
    assert LOAN not in listed
    assert "6021" not in listed
    assert LOAN not in repr(await payments.find(intent.key))


@ON_SQLITE
async def test_money_is_kept_as_whole_cents(database: Database, intent: Intent, begun: Any) -> None:
    await begun(replace(intent, cents=2**53 + 1))
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT typeof(cents) FROM payments")) == "integer"
        assert await connection.scalar(select(table.c.cents)) == 2**53 + 1
