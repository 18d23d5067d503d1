"""How often a statement goes to the thread of its connection, and that what is cut off on the way leaves nothing open."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from mortgage_fsm.ledger import sqlite_trips
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.sqlite_trips import AT_ONCE, OneTripConnection

MANY = 3 * AT_ONCE + 1


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A file with one table of many rows, on one connection that is open already."""
    database = Database(f"sqlite:///{tmp_path / 'some.db'}")
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE numbers (number INTEGER)"))
        await connection.execute(text("INSERT INTO numbers VALUES (:n)"), [{"n": n} for n in range(MANY)])
    yield database
    await database.close()


@pytest.fixture
def trips(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every trip to a thread, by what it was for."""
    made: list[str] = []
    real = OneTripConnection._execute

    async def counted(self: OneTripConnection, work: Callable[..., Any], *arguments: Any) -> Any:
        made.append(work.__name__)
        return await real(self, work, *arguments)  # type: ignore[no-untyped-call] # as where it is called

    monkeypatch.setattr(OneTripConnection, "_execute", counted)
    return made


async def test_a_transaction_goes_once_for_each_statement_and_once_to_commit(
    database: Database, trips: list[str]
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("INSERT INTO numbers VALUES (-1)"))
        assert await connection.scalar(text("SELECT count(*) FROM numbers")) == MANY + 1
    assert trips == ["_run", "_run", "commit"]


async def test_nobody_waits_for_the_end_of_reading_and_it_is_over_all_the_same(
    database: Database, trips: list[str], tmp_path: Path
) -> None:
    count = text("SELECT count(*) FROM numbers")
    async with database.reading() as connection:
        assert await connection.scalar(count) == MANY
    with sqlite3.connect(tmp_path / "some.db") as other:
        other.execute("DELETE FROM numbers")
    other.close()
    async with database.reading() as connection:
        assert await connection.scalar(count) == 0
    assert trips == ["_run", "_run"]


async def test_a_transaction_without_a_statement_goes_nowhere(database: Database, trips: list[str]) -> None:
    async with database.transaction():
        pass
    async with database.reading():
        pass
    assert trips == []


async def test_what_is_written_can_be_seen_by_others_only_after_the_commit(database: Database, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "some.db")
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM numbers"))
        assert other.execute("SELECT count(*) FROM numbers").fetchone() == (MANY,)
    assert other.execute("SELECT count(*) FROM numbers").fetchone() == (0,)
    other.close()


async def test_a_writer_has_the_file_from_its_first_statement_on_even_if_that_one_reads(
    database: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "some.db", timeout=0)
    async with database.transaction() as connection:
        await connection.scalar(text("SELECT count(*) FROM numbers"))
        with pytest.raises(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_more_rows_than_come_with_the_statement_are_all_read(database: Database, trips: list[str]) -> None:
    query = text("SELECT number FROM numbers ORDER BY number")
    async with database.reading() as connection:
        assert list(await connection.scalars(query)) == list(range(MANY))
        streamed = [row.number async for row in await connection.stream(query)]
        assert streamed == list(range(MANY))
        few = await connection.stream(query)
        assert (await few.fetchone())[0] == 0  # type: ignore[index] # there is one
        await few.close()
    assert trips.count("fetchall") == 1


async def test_a_transaction_that_is_cut_off_while_it_begins_leaves_the_file_to_others(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_there, go_on = threading.Event(), threading.Event()
    real = sqlite_trips._run

    def held(*arguments: Any) -> Any:
        in_there.set()
        go_on.wait(10)
        return real(*arguments)

    monkeypatch.setattr(sqlite_trips, "_run", held)

    async def write() -> None:
        async with database.transaction() as connection:
            await connection.execute(text("DELETE FROM numbers"))

    writing = asyncio.ensure_future(write())
    await asyncio.to_thread(in_there.wait, 10)
    writing.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await writing
    monkeypatch.undo()
    async with database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM numbers")) == MANY
