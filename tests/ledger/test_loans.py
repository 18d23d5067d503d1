"""The embedded loan directory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.contract import DirectoryCase, check_directory
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.loans import EmbeddedLoans, NewLoan
from mortgage_fsm.ledger.ports import Flag, LoanDirectory
from tests.ledger.conftest import ON_SQLITE


async def test_the_embedded_directory_keeps_the_contract(directory: EmbeddedLoans) -> None:
    as_port: LoanDirectory = directory
    assert await check_directory(as_port, DirectoryCase("10004471", "2190", "10009999")) == []


async def test_a_loan_comes_back_with_its_instruments_in_order(directory: EmbeddedLoans) -> None:
    loan = await directory.find("10004471")
    assert loan is not None
    assert (loan.amount_due, loan.due_date, loan.flag) == (1850_00, date(2026, 4, 1), None)
    assert [each.description for each in loan.instruments] == ["checking account ending 6021", "debit card ending 8830"]
    assert [each.method for each in loan.instruments] == [Method.BANK_TRANSFER, Method.DEBIT_CARD]


async def test_a_flag_comes_back(directory: EmbeddedLoans) -> None:
    loan = await directory.find("10006693")
    assert loan is not None
    assert loan.flag is Flag.BANKRUPTCY


@ON_SQLITE
async def test_the_last_four_are_not_in_the_file(directory: EmbeddedLoans, database: Database, tmp_path: Path) -> None:
    odd = NewLoan(replace(DEMO_LOANS[0].loan, number="10007777", instruments=()), "9173")
    async with database.transaction() as connection:
        await directory.keep(connection, [odd])
    assert await directory.identity_matches("10007777", "9173")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "kept").iterdir())
    assert b"9173" not in kept


async def test_keeping_a_loan_again_replaces_it_and_its_instruments(
    directory: EmbeddedLoans, database: Database
) -> None:
    first = DEMO_LOANS[0]
    again = replace(first, loan=replace(first.loan, amount_due=1, instruments=first.loan.instruments[1:]))
    async with database.transaction() as connection:
        await directory.keep(connection, [again])
    loan = await directory.find("10004471")
    assert loan is not None
    assert (loan.amount_due, len(loan.instruments)) == (1, 1)
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM instruments WHERE loan = '10004471'")) == 1


async def test_another_key_matches_nobody(directory: EmbeddedLoans, database: Database) -> None:
    assert not await EmbeddedLoans(database, b"k" * 32).identity_matches("10004471", "2190")


async def test_a_short_key_is_refused(database: Database) -> None:
    with pytest.raises(ConfigurationError):
        EmbeddedLoans(database, b"short")
