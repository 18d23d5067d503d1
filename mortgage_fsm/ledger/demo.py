"""The demo loans of an embedded database: invented people, so that a first call can be made with nothing set up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.loans import EmbeddedLoans, NewLoan
from mortgage_fsm.ledger.ports import Flag, Instrument, Loan
from mortgage_fsm.ledger.schema import loans, meta

_MARK = "demo_loans_due"
"""Name in `meta`: there while the demo loans are in the database; its value is the day on which they are due."""

_SOME_DAY = date(2000, 1, 1)


def _loan(number: str, last_four: str, due: int, payoff: int, flag: Flag | None, *on_file: Instrument) -> NewLoan:
    loan = Loan(
        number=number,
        amount_due=due,
        due_date=_SOME_DAY,
        last_payment=due,
        last_payment_date=_SOME_DAY,
        payoff=payoff,
        flag=flag,
        instruments=on_file,
        autopay_active=False,
    )
    return NewLoan(loan, last_four)


def _checking(ending: str) -> Instrument:
    return Instrument(Method.BANK_TRANSFER, f"demo-checking-{ending}", f"checking account ending {ending}")


def _card(ending: str) -> Instrument:
    return Instrument(Method.DEBIT_CARD, f"demo-card-{ending}", f"debit card ending {ending}")


# fmt: off
DEMO_LOANS = (
    #     number      last4   due      payoff
    _loan("10004471", "2190", 1850_00, 214_380_55, None, _checking("6021"), _card("8830")),
    _loan("10005582", "7304", 2412_36, 301_742_18, None, _checking("3345")),
    _loan("10006693", "4418", 1604_90, 187_905_72, Flag.BANKRUPTCY, _checking("9917")),
)
# fmt: on
"""Shown, number and last four, at the start of a call in a terminal."""


async def ensure_demo_loans(database: Database, directory: EmbeddedLoans, today: date) -> bool:
    """Put the demo loans into a database without loans; later, move their due date on once it has passed.

    Due is the first of next month, the last payment was received on the first of this one.

    Returns:
        Whether the demo loans are in the database.

    Raises:
        UnavailableError: the database does not answer.
    """
    async with database.reading() as connection:
        due = await _due(connection)
        if due is not None and due > today:
            return True
        if due is None and await _any_loan(connection):
            return False
    async with database.transaction() as connection:  # asked again: another process may have been faster
        due = await _due(connection)
        if due is None and not await _any_loan(connection):
            await directory.keep(connection, [_dated(each, today) for each in DEMO_LOANS])
            await connection.execute(insert(meta).values(name=_MARK, value=_next_due(today).isoformat()))
            return True
        if due is not None and due <= today:
            numbers = [each.loan.number for each in DEMO_LOANS]
            dates = {"due_date": _next_due(today), "last_payment_date": today.replace(day=1)}
            await connection.execute(update(loans).where(loans.c.number.in_(numbers)).values(**dates))
            await connection.execute(
                update(meta).where(meta.c.name == _MARK).values(value=dates["due_date"].isoformat())
            )
        return due is not None


async def _due(connection: AsyncConnection) -> date | None:
    found = await connection.scalar(select(meta.c.value).where(meta.c.name == _MARK))
    return None if found is None else date.fromisoformat(found)


async def _any_loan(connection: AsyncConnection) -> bool:
    return bool(await connection.scalar(select(func.count()).select_from(loans)))


def _next_due(today: date) -> date:
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1)


def _dated(new: NewLoan, today: date) -> NewLoan:
    dated = replace(new.loan, due_date=_next_due(today), last_payment_date=today.replace(day=1))
    return replace(new, loan=dated)
