"""What the payments on a loan, from whatever call, say about the next one and about the loan's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import bindparam, or_, select

from mortgage_fsm.ledger.intents import UNDER_WAY, Status
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.ledger.schema import payments

ON_LOAN = (
    select(payments.c.status, payments.c.cents, payments.c.created_at)
    .where(
        payments.c.loan == bindparam("of_loan"),
        or_(
            *(payments.c.status == each for each in (*UNDER_WAY, Status.PENDING_AUTHORISATION)),
            (payments.c.status == Status.ACCEPTED) & (payments.c.created_at >= bindparam("midnight")),
        ),
    )
    .order_by(payments.c.id)
)
"""Made once: to put a statement together costs as much as to run it."""


@dataclass(frozen=True, slots=True)
class OnLoan:
    """What the payments on one loan, from whatever call, say about the next one."""

    outstanding: bool
    """One is under way or unresolved."""
    autopay_pending: bool
    """An enrolment waits for its signature."""
    today: date
    """The tenant's day."""
    paid_today: tuple[int, ...] = field(default=(), repr=False)
    """Amounts, in cents, that were paid or are under way since its midnight."""
    accepted_today: tuple[int, ...] = field(default=(), repr=False)
    """Those of them that were accepted; the latest is the last."""

    def on(self, loan: Loan) -> Loan:
        """The loan as the caller is to hear of it and to pay on it: with what was paid today.

        A loan system may take in a day's payments only at night. Where it has them at once, the most that can be paid is
        low by them until the next day, never too high.
        """
        payoff = None if loan.payoff is None else max(0, loan.payoff - sum(self.paid_today))
        loan = replace(loan, payoff=payoff, autopay_active=loan.autopay_active or self.autopay_pending)
        if not self.accepted_today:
            return loan
        return replace(loan, last_payment=self.accepted_today[-1], last_payment_date=self.today)

    @classmethod
    def of(cls, rows: Sequence[Any], midnight: datetime) -> Self:
        """From what ON_LOAN found; `midnight` is that of the tenant's day."""
        paid = [row for row in rows if row.status != Status.PENDING_AUTHORISATION and row.created_at >= midnight]
        return cls(
            outstanding=any(row.status in UNDER_WAY for row in rows),
            autopay_pending=any(row.status == Status.PENDING_AUTHORISATION for row in rows),
            today=midnight.date(),
            paid_today=tuple(row.cents for row in paid),
            accepted_today=tuple(row.cents for row in paid if row.status == Status.ACCEPTED),
        )
