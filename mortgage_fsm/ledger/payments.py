"""Payment intents: written before the gateway is asked, one per confirmation, at most one under way per loan.

The protocol, of which this module holds the two transactions:

1. `begin` and the audit record of the yes, in one transaction. From here on the payment is never forgotten.
2. `PaymentGateway.submit`, outside any transaction, with what `begin` returned.
3. `settle` and the audit record of the answer, in one transaction.

Whatever stops in between is looked up by its key (`reconcile`), never sent again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import CursorResult, exc, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import (
    UNDER_WAY,
    ConfirmationUsedError,
    Enrolment,
    Intent,
    PaymentUnderWayError,
    RepeatedError,
    SettledError,
    Status,
    new_confirmation_number,
)
from mortgage_fsm.ledger.notices import AUTHORISATION, ENROLMENT_COPY
from mortgage_fsm.ledger.on_loan import ON_LOAN, OnLoan
from mortgage_fsm.ledger.ports import PaymentRequest
from mortgage_fsm.ledger.schema import notices, payments
from mortgage_fsm.ledger.times import Clock, as_text, utc_now

SEND_WITHIN = timedelta(seconds=30)
"""How long after its intent was written a payment may still be sent. Later it counts as never sent."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as the ledger has it."""

    call: str
    loan: str = field(repr=False)
    cents: int | None = field(repr=False)
    method: Method
    status: Status
    key: str
    confirmation: str | None
    digest: str
    created_at: datetime
    gateway: str | None = None
    """The name of the one that it is sent through; None: it is not known."""


class Payments:
    """The ledger's payments.

    Args:
        loan_ref: keyed hash of a loan number, for lists that people and programs read.
        zone: whose calendar day "today" is.
        gateway: the name of the one that payments are sent through; None: there has never been another.
    """

    def __init__(
        self,
        database: Database,
        loan_ref: Callable[[str], str],
        *,
        clock: Clock = utc_now,
        zone: tzinfo = UTC,
        gateway: str | None = None,
    ) -> None:
        self._gateway = gateway
        self._database = database
        self._loan_ref = loan_ref
        self._clock = clock
        self._zone = zone

    async def begin(self, connection: AsyncConnection, intent: Intent) -> PaymentRequest:
        """Write the intent and so use up its confirmation. Send what is returned only after the commit.

        A bank debit in a call that is not recorded has its written notice queued in the same transaction, or is not begun.

        Raises:
            ConfirmationUsedError: this confirmation has had its payment.
            PaymentUnderWayError: another payment on this loan is not settled.
            RepeatedError: the intent is to be the only one of its amount today, and is not. Leave the transaction.
        """
        now = self._clock()
        row = {
            "call": intent.call,
            "confirmation_id": intent.confirmation_id,
            "loan": intent.loan,
            "cents": intent.cents,
            "method": intent.method.value,
            "instrument_token": intent.instrument.token,
            "instrument": intent.instrument.description,
            "status": Status.SUBMITTING.value,
            "idempotency_key": intent.key,
            "digest": intent.digest,
            "created_at": now,
            "gateway": self._gateway,
        }
        is_debit = intent.method is Method.BANK_TRANSFER
        await self._insert(connection, row, AUTHORISATION if is_debit and not intent.recorded else None)
        # Asked again here, after the insert: between the look before the yes and now another call may have paid. What
        # was under way then has kept the insert waiting, or refused it; what is settled since can be seen.
        others = (*self._paid_today(intent.loan, intent.cents), payments.c.idempotency_key != intent.key)
        if intent.once and await connection.scalar(select(payments.c.id).where(*others).limit(1)) is not None:
            raise RepeatedError("This amount was paid on this loan today.")
        return PaymentRequest(
            key=intent.key,
            loan=intent.loan,
            cents=intent.cents,
            method=intent.method,
            instrument_token=intent.instrument.token,
            not_after=now + SEND_WITHIN,
        )

    async def settle(
        self, connection: AsyncConnection, key: str, status: Status, confirmation: str | None = None
    ) -> bool:
        """Write the gateway's answer: accepted with its confirmation number, declined, or unresolved.

        Returns:
            True when this changed the payment, False when it stood so already.

        Raises:
            SettledError: it is settled otherwise, or unknown. A settled payment never changes.
        """
        if status in {Status.SUBMITTING, Status.PENDING_AUTHORISATION}:
            raise ValueError("a payment is settled as accepted, declined or unresolved")
        settled_at = None if status is Status.UNRESOLVED else self._clock()
        may_change = (payments.c.idempotency_key == key, payments.c.status.in_(UNDER_WAY), payments.c.status != status)
        done = await connection.execute(
            update(payments)
            .where(*may_change)
            .values(status=status.value, confirmation=confirmation, settled_at=settled_at)
        )
        if done.rowcount == 1:
            return True
        stands = (payments.c.idempotency_key == key, payments.c.status == status.value)
        if (await connection.execute(select(payments.c.confirmation).where(*stands))).first() != (confirmation,):
            raise SettledError("This payment is settled otherwise.")
        return False

    async def enrol(self, connection: AsyncConnection, enrolment: Enrolment) -> str:
        """Write an autopay enrolment, pending its signature, and queue its written copy. No gateway, no money.

        Returns:
            The reference number for the caller, such as AE-KT4WB7HN2R.

        Raises:
            ConfirmationUsedError: this confirmation has had its effect; leave the transaction.
        """
        reference = new_confirmation_number("AE")
        is_wish = isinstance(enrolment.amount, Wish)
        row = {
            "call": enrolment.call,
            "confirmation_id": enrolment.confirmation_id,
            "loan": enrolment.loan,
            "cents": None if is_wish else enrolment.amount,
            "wish": Wish.AMOUNT_DUE.value if is_wish else None,
            "method": Method.AUTOPAY.value,
            "instrument_token": enrolment.instrument.token,
            "instrument": enrolment.instrument.description,
            "status": Status.PENDING_AUTHORISATION.value,
            "idempotency_key": enrolment.key,
            "confirmation": reference,
            "digest": enrolment.digest,
            "created_at": self._clock(),
        }
        await self._insert(connection, row, ENROLMENT_COPY)
        return reference

    async def on_loan(self, loan: str) -> OnLoan:
        """What the payments on this loan say about the next one."""
        midnight = self._midnight()
        async with self._database.reading() as connection:
            rows = (await connection.execute(ON_LOAN, {"of_loan": loan, "midnight": midnight})).all()
        return OnLoan.of(rows, midnight)

    def _midnight(self) -> datetime:
        return datetime.combine(self._clock().astimezone(self._zone).date(), time.min, self._zone)

    def _paid_today(self, loan: str, cents: int) -> tuple[ColumnElement[bool], ...]:
        return (
            payments.c.loan == loan,
            payments.c.cents == cents,
            payments.c.status.in_([Status.ACCEPTED, *UNDER_WAY]),
            payments.c.created_at >= self._midnight(),
        )

    async def find(self, key: str) -> Payment | None:
        """The payment with this idempotency key."""
        found = await self._select(payments.c.idempotency_key == key)
        return found[0] if found else None

    def elsewhere(self, payment: Payment) -> str | None:
        """The gateway that a payment is sent through, where it is another one than is used now."""
        return payment.gateway if payment.gateway != self._gateway else None

    async def latest(self, call: str, loan: str) -> Payment | None:
        """The last payment that was begun in this call on this loan."""
        found = await self._select(payments.c.call == call, payments.c.loan == loan)
        return found[0] if found else None

    async def under_way(self) -> list[Payment]:
        """All payments that are submitting or unresolved, oldest first."""
        return (await self._select(payments.c.status.in_(UNDER_WAY)))[::-1]

    async def listing(self) -> list[dict[str, str | int | None]]:
        """All payments, newest first, as `payments list --json` prints them: programs rely on these names.

        `amount_cents` is null for autopay of each month's own amount due, `confirmation` until there is one.
        """
        return [
            {
                "confirmation": each.confirmation,
                "loan_ref": self._loan_ref(each.loan),
                "amount_cents": each.cents,
                "method": each.method.value,
                "status": each.status.value,
                "call": each.call,
                "created_at": as_text(each.created_at),
            }
            for each in await self._select()
        ]

    async def _insert(self, connection: AsyncConnection, row: dict[str, Any], notice: str | None) -> None:
        try:
            done = await connection.execute(insert(payments).values(**row))
        except exc.IntegrityError as error:
            raise _conflict(error) from None
        if notice is not None:
            queued = {"payment": _row_number(done), "kind": notice, "queued_at": row["created_at"]}
            await connection.execute(insert(notices).values(**queued))

    async def _select(self, *where: ColumnElement[bool]) -> list[Payment]:
        newest_first = (payments.c.created_at.desc(), payments.c.id.desc())
        async with self._database.reading() as connection:
            rows = await connection.execute(select(payments).where(*where).order_by(*newest_first))
            return [
                Payment(
                    call=row.call,
                    loan=row.loan,
                    cents=row.cents,
                    method=Method(row.method),
                    status=Status(row.status),
                    key=row.idempotency_key,
                    confirmation=row.confirmation,
                    digest=row.digest,
                    created_at=row.created_at,
                    gateway=row.gateway,
                )
                for row in rows
            ]


def _row_number(inserted: CursorResult[Any]) -> Any:
    key = inserted.inserted_primary_key
    if key is None:  # cannot be: the insert names one row
        raise ValueError("the insert gave no row number")
    return key[0]


def _conflict(error: exc.IntegrityError) -> ConfirmationUsedError | PaymentUnderWayError:
    """Which of the constraints it was. SQLite names the columns of a unique index, PostgreSQL the index."""
    said = str(error.orig)
    if "one_payment_under_way_per_loan" in said or said.endswith("payments.loan"):
        return PaymentUnderWayError("Another payment on this loan is not settled yet.")
    return ConfirmationUsedError("This confirmation has had its payment.")
