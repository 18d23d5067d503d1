"""Written notices owed to borrowers: queued in the transaction of what they are about, sent by the servicer's people.

A bank debit that was authorised by telephone is either on a recording or followed by a written notice, before it
settles (Nacha Operating Rules, 2.5.15 TEL); automatic payments begin with a copy to sign (Reg E, 1005.10(b)).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select, update

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import Status
from mortgage_fsm.ledger.schema import notices, payments
from mortgage_fsm.ledger.times import Clock, as_text, utc_now

ENROLMENT_COPY = "autopay_enrolment"
"""Kind of the copy that is to be signed: queued with every enrolment."""

AUTHORISATION = "telephone_authorisation"
"""Kind of the notice of a bank debit: queued with its intent, unless the tenant records the call."""

_DUE = (Status.ACCEPTED, Status.PENDING_AUTHORISATION)
"""Only of these something is to be sent; what was declined was nothing."""


class Notices:
    """The ledger's notices. They hold no name, no address and no loan number: those are on file with the loan."""

    def __init__(self, database: Database, loan_ref: Callable[[str], str], *, clock: Clock = utc_now) -> None:
        self._database = database
        self._loan_ref = loan_ref
        self._clock = clock

    async def waiting(self) -> list[dict[str, str | int | None]]:
        """All that are to be sent, the oldest first. `amount_cents` is null for each month's own amount due."""
        query = (
            select(notices, payments.c.confirmation, payments.c.cents, payments.c.loan, payments.c.call)
            .join(payments, payments.c.id == notices.c.payment)
            .where(notices.c.sent_at.is_(None), payments.c.status.in_(_DUE))
            .order_by(notices.c.queued_at, notices.c.id)
        )
        async with self._database.reading() as connection:
            return [
                {
                    "id": row.id,
                    "kind": row.kind,
                    "confirmation": row.confirmation,
                    "loan_ref": self._loan_ref(row.loan),
                    "amount_cents": row.cents,
                    "call": row.call,
                    "queued_at": as_text(row.queued_at),
                }
                for row in await connection.execute(query)
            ]

    async def sent(self, number: int) -> bool:
        """The notice was sent. False: there is no such notice to send, or it was sent before."""
        due = select(payments.c.id).where(payments.c.status.in_(_DUE))
        open_one = (notices.c.id == number, notices.c.sent_at.is_(None), notices.c.payment.in_(due))
        async with self._database.transaction() as connection:
            changed = await connection.execute(update(notices).where(*open_one).values(sent_at=self._clock()))
        return changed.rowcount == 1
