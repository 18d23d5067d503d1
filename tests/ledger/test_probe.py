"""The probe says whether a payment could be written, and leaves nothing behind."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.probe import check_writable


async def test_a_database_that_takes_writes_passes_and_is_left_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    database = Database(f"sqlite:///{file}")
    await check_writable(database)
    with sqlite3.connect(file) as connection:
        before = list(connection.iterdump())
    await check_writable(database)
    await database.close()
    with sqlite3.connect(file) as connection:
        assert list(connection.iterdump()) == before
    connection.close()


async def test_a_database_that_may_only_be_read_does_not_pass(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    database = Database(f"sqlite:///{file}")
    await check_writable(database)
    await database.close()
    reading = Database(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(UnavailableError):
        await check_writable(reading)
    await reading.close()
