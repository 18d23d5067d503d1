"""Reconciling: what is under way is looked up, never sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.intents import Intent, Status
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest, Resolution
from mortgage_fsm.ledger.reconcile import Reconciler, Reconciliation

NOTHING = Reconciliation(resolved=(), left=0, unasked=0, unrecorded=0)


class Answers:
    """A gateway that can only be looked at; to send it anything is an error."""

    absent_after = timedelta(seconds=30)

    def __init__(self) -> None:
        self.known: dict[str, Accepted | Declined | BaseException] = {}

    async def submit(self, request: PaymentRequest) -> Accepted:
        raise AssertionError("sent")

    async def look_up(self, key: str) -> Accepted | Declined | None:
        found = self.known.get(key)
        if isinstance(found, BaseException):
            raise found
        return found


class Records:
    """Keeps what is recorded; fails when told to."""

    def __init__(self) -> None:
        self.kept: list[Resolution] = []
        self.fails = False

    async def record(self, connection: AsyncConnection, resolution: Resolution) -> None:
        assert connection.in_transaction()
        if self.fails:
            raise MortgageFsmError
        self.kept.append(resolution)


@pytest.fixture
def gateway() -> Answers:
    return Answers()


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def reconciler(
    *, database: Database, payments: Payments, gateway: Answers, records: Records, loan_ref: Any, clock: Any
) -> Reconciler:
    return Reconciler(
        database=database, payments=payments, gateway=gateway, recorder=records, loan_ref=loan_ref, clock=clock
    )


async def test_a_payment_that_the_gateway_took_is_accepted_and_recorded(
    *,
    reconciler: Reconciler,
    gateway: Answers,
    records: Records,
    payments: Payments,
    intent: Intent,
    begun: Any,
    loan_ref: Any,
) -> None:
    await begun(intent)
    gateway.known[intent.key] = Accepted("MP-AA2BB3CC4D")
    done = await reconciler.run()
    assert done == replace(NOTHING, resolved=tuple(records.kept))
    (resolution,) = done.resolved
    assert (resolution.status, resolution.confirmation) == ("accepted", "MP-AA2BB3CC4D")
    assert (resolution.call, resolution.loan_ref) == (intent.call, loan_ref(intent.loan))
    found = await payments.find(intent.key)
    assert found is not None
    assert found.status is Status.ACCEPTED
    assert await reconciler.run() == NOTHING


async def test_a_declined_payment_opens_its_loan_again(
    reconciler: Reconciler, gateway: Answers, payments: Payments, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    gateway.known[intent.key] = Declined("insufficient_funds")
    assert [each.status for each in (await reconciler.run()).resolved] == ["declined"]
    assert not (await payments.on_loan(intent.loan)).outstanding


async def test_what_the_gateway_does_not_know_stays_until_it_can_never_arrive(
    reconciler: Reconciler, payments: Payments, intent: Intent, begun: Any, clock: Any
) -> None:
    await begun(intent)
    clock.forward(seconds=60)
    assert await reconciler.run() == replace(NOTHING, left=1)
    assert (await payments.on_loan(intent.loan)).outstanding
    clock.forward(seconds=1)
    assert [each.status for each in (await reconciler.run()).resolved] == ["declined"]


async def test_what_another_gateway_does_not_know_stays_until_its_own_is_asked(
    *, database: Database, gateway: Answers, records: Records, intent: Intent, begun: Any, clock: Any, loan_ref: Any
) -> None:
    def through(name: str | None) -> tuple[Payments, Reconciler]:
        payments = Payments(database, loan_ref, clock=clock, gateway=name)
        made = Reconciler(
            database=database, payments=payments, gateway=gateway, recorder=records, loan_ref=loan_ref, clock=clock
        )
        return payments, made

    (payments, own), (_, other) = through("https://payments.example/v1"), through("embedded")
    async with database.transaction() as connection:
        await payments.begin(connection, intent)
    clock.forward(days=30)
    assert await other.run() == replace(NOTHING, left=1, elsewhere=frozenset({"https://payments.example/v1"}))
    assert (await payments.on_loan(intent.loan)).outstanding
    gateway.known[intent.key] = Accepted("MP-AA2BB3CC4D")
    assert [each.status for each in (await other.run()).resolved] == ["accepted"], "what it does know is believed"
    assert await own.run() == NOTHING


async def test_a_gateway_of_its_own_that_does_not_know_it_says_that_it_never_arrived(
    *, database: Database, gateway: Answers, records: Records, intent: Intent, clock: Any, loan_ref: Any
) -> None:
    payments = Payments(database, loan_ref, clock=clock, gateway="embedded")
    async with database.transaction() as connection:
        await payments.begin(connection, intent)
    clock.forward(days=1)
    own = Reconciler(
        database=database, payments=payments, gateway=gateway, recorder=records, loan_ref=loan_ref, clock=clock
    )
    assert [each.status for each in (await own.run()).resolved] == ["declined"]


@pytest.mark.parametrize("error", [ConnectionError("10004471"), TimeoutError(), ValueError("x")])
async def test_a_gateway_that_does_not_answer_resolves_nothing_and_stops_nothing(
    *,
    reconciler: Reconciler,
    gateway: Answers,
    payments: Payments,
    intent: Intent,
    begun: Any,
    clock: Any,
    error: Exception,
) -> None:
    other = replace(intent, loan="10005582", confirmation_id=4)
    for each in (intent, other):
        await begun(each)
    clock.forward(days=9)
    gateway.known = {intent.key: error, other.key: Accepted("MP-AA2BB3CC4D")}
    done = await reconciler.run()
    assert (done.left, done.unasked, len(done.resolved)) == (1, 1, 1)
    assert (await payments.on_loan(intent.loan)).outstanding


async def test_without_its_record_nothing_is_resolved(
    *, reconciler: Reconciler, gateway: Answers, records: Records, payments: Payments, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    gateway.known[intent.key] = Accepted("MP-AA2BB3CC4D")
    records.fails = True
    assert await reconciler.run() == replace(NOTHING, left=1, unrecorded=1)
    assert (await payments.on_loan(intent.loan)).outstanding
    records.fails = False
    assert len((await reconciler.run()).resolved) == 1


async def test_one_loan_can_be_asked_for(reconciler: Reconciler, gateway: Answers, intent: Intent, begun: Any) -> None:
    other = replace(intent, loan="10005582", confirmation_id=4)
    for each, number in ((intent, "MP-AA2BB3CC4D"), (other, "MP-AA2BB3CC5E")):
        await begun(each)
        gateway.known[each.key] = Accepted(number)
    assert [each.confirmation for each in (await reconciler.run(loan="10005582")).resolved] == ["MP-AA2BB3CC5E"]
    assert [each.confirmation for each in (await reconciler.run()).resolved] == ["MP-AA2BB3CC4D"]


async def test_runs_at_once_resolve_and_record_once(
    reconciler: Reconciler, gateway: Answers, records: Records, intent: Intent, begun: Any
) -> None:
    await begun(intent)
    gateway.known[intent.key] = Accepted("MP-AA2BB3CC4D")
    done = await asyncio.gather(*(reconciler.run() for _ in range(5)))
    assert sum(len(each.resolved) for each in done) == len(records.kept) == 1


async def test_a_submission_that_stopped_after_the_gateway_took_it_is_found_and_not_paid_again(
    *,
    database: Database,
    directory: EmbeddedLoans,
    payments: Payments,
    records: Records,
    intent: Intent,
    begun: Any,
    clock: Any,
    loan_ref: Any,
) -> None:
    gateway = EmbeddedGateway(database, clock)
    answer = await gateway.submit(await begun(intent))
    assert isinstance(answer, Accepted)
    reconciler = Reconciler(
        database=database, payments=payments, gateway=gateway, recorder=records, loan_ref=loan_ref, clock=clock
    )
    clock.forward(days=1)
    assert [each.confirmation for each in (await reconciler.run()).resolved] == [answer.confirmation]


async def test_a_submission_that_stopped_before_the_gateway_can_no_longer_arrive(
    *,
    database: Database,
    directory: EmbeddedLoans,
    payments: Payments,
    records: Records,
    intent: Intent,
    begun: Any,
    clock: Any,
    loan_ref: Any,
) -> None:
    gateway = EmbeddedGateway(database, clock)
    request = await begun(intent)
    reconciler = Reconciler(
        database=database, payments=payments, gateway=gateway, recorder=records, loan_ref=loan_ref, clock=clock
    )
    clock.forward(seconds=61)
    assert [each.status for each in (await reconciler.run()).resolved] == ["declined"]
    assert await gateway.submit(request) == Declined("too_late")
