"""Moments of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.schema import identity_attempts
from mortgage_fsm.ledger.times import as_text, utc_now


def test_the_clock_is_aware_and_in_utc() -> None:
    assert utc_now().tzinfo is UTC


def test_a_moment_is_written_in_utc_with_milliseconds() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert as_text(datetime(2026, 3, 1, 2, 0, 0, 120_999, tzinfo=east)) == "2026-02-28T20:30:00.120Z"
    assert as_text(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000Z"


async def test_a_moment_comes_back_from_the_database_as_it_was(database: Database) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    moment = datetime(2026, 3, 1, 2, 0, 0, 123_456, tzinfo=east)
    async with database.transaction() as connection:
        await connection.execute(insert(identity_attempts).values(loan_ref="A", slot=0, at=moment))
        found = await connection.scalar(select(identity_attempts.c.at).where(identity_attempts.c.at == moment))
    assert found == moment
    assert found.tzinfo is UTC


async def test_a_moment_without_its_zone_is_not_kept(database: Database) -> None:
    naive = datetime(2026, 3, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(UnavailableError):
        async with database.transaction() as connection:
            await connection.execute(insert(identity_attempts).values(loan_ref="A", slot=0, at=naive))
