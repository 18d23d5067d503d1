"""The demo loans."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import DEMO_LOANS, ensure_demo_loans
from mortgage_fsm.ledger.loans import EmbeddedLoans
from tests.ledger.conftest import ON_SQLITE

KEY = bytes(range(32))


async def test_the_demo_loans_are_those_that_programs_rely_on(directory: EmbeddedLoans) -> None:
    known = {each.loan.number: (each.last_four, each.loan.amount_due) for each in DEMO_LOANS}
    assert known["10004471"] == ("2190", 1850_00)
    assert known["10005582"] == ("7304", 2412_36)
    assert known["10006693"][0] == "4418"
    for number, (last_four, _) in known.items():
        assert await directory.identity_matches(number, last_four)


async def test_demo_loans_are_not_put_among_real_ones(database: Database) -> None:
    directory = EmbeddedLoans(database, KEY)
    real = replace(DEMO_LOANS[0], loan=replace(DEMO_LOANS[0].loan, number="10007777"))
    async with database.transaction() as connection:
        await directory.keep(connection, [real])
    assert await ensure_demo_loans(database, directory, date(2026, 3, 10)) is False
    assert await directory.find("10004471") is None


@ON_SQLITE
async def test_demo_loans_are_made_once_also_at_once(database: Database) -> None:
    directory = EmbeddedLoans(database, KEY)
    made = await asyncio.gather(*(ensure_demo_loans(database, directory, date(2026, 3, 10)) for _ in range(5)))
    assert made == [True] * 5
    loan = await directory.find("10004471")
    assert loan is not None
    assert len(loan.instruments) == 2


async def test_the_due_date_moves_on_when_it_has_passed(database: Database, directory: EmbeddedLoans) -> None:
    for today, due in ((date(2026, 3, 31), date(2026, 4, 1)), (date(2026, 12, 31), date(2027, 1, 1))):
        assert await ensure_demo_loans(database, directory, today)
        loan = await directory.find("10004471")
        assert loan is not None
        assert loan.due_date == due
        assert loan.last_payment_date == (today if due.month == 4 else date(2026, 12, 1)).replace(day=1)
