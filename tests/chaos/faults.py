"""Ways in which a database fails under the ledger, on SQLite and on PostgreSQL, and how they end."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped] # it comes without types
from sqlalchemy import event, make_url

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import Database

Fault = Callable[[Database], AbstractAsyncContextManager[None]]


def file_of(database: Database) -> Path:
    """The file of a SQLite database."""
    return Path(database.url.database or "")


def _length_of_log(database: Database) -> int:
    return Path(f"{file_of(database)}-wal").stat().st_size


# --- SQLite


@asynccontextmanager
async def locked_by_another_process(database: Database) -> AsyncIterator[None]:
    """Somebody else has begun to write, as soon as nobody writes, and does not end."""
    other = sqlite3.connect(file_of(database), isolation_level=None, check_same_thread=False, timeout=5.0)
    locking = asyncio.ensure_future(asyncio.to_thread(other.execute, "BEGIN IMMEDIATE"))
    await asyncio.wait([locking], timeout=0.1)
    try:
        yield
    finally:
        await locking
        other.close()


@asynccontextmanager
async def read_only(database: Database) -> AsyncIterator[None]:
    """SQLite takes no more writes."""

    def refuse(_: Any, cursor: Any, *__: Any) -> None:
        cursor.execute("PRAGMA query_only = ON")

    def take(connection: Any, *_: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = OFF")
        cursor.close()

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
        event.listen(engine.pool, "checkout", take)


@asynccontextmanager
async def full_disk(database: Database) -> AsyncIterator[None]:
    """No file of this process may become longer than the database's log is: what is committed finds no room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_length_of_log(database) + 100, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@asynccontextmanager
async def broken(database: Database) -> AsyncIterator[None]:
    """Every statement fails, reading or writing."""

    def fail(*_: Any) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


# --- PostgreSQL


@asynccontextmanager
async def _administrator(database: Database, name: str | None = None) -> AsyncIterator[Any]:
    url = make_url(database.url)
    connection = await asyncpg.connect(
        host=url.query["host"], user=url.username, database=name or url.database, timeout=10
    )
    try:
        yield connection
    finally:
        await connection.close()


async def _disconnect_all(administrator: Any, database: Database) -> None:
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    await administrator.execute(others, database.url.database)


@asynccontextmanager
async def _altered(database: Database, to: str, back: str) -> AsyncIterator[None]:
    """Every connection is cut, within a transaction or not, and new ones find the database changed; then all again."""
    async with _administrator(database, "postgres") as administrator:
        await administrator.execute(f"ALTER DATABASE {database.url.database} {to}")
        await _disconnect_all(administrator, database)
        try:
            yield
        finally:
            await administrator.execute(f"ALTER DATABASE {database.url.database} {back}")
            await _disconnect_all(administrator, database)


@asynccontextmanager
async def down(database: Database) -> AsyncIterator[None]:
    """Every connection is cut, and none is taken."""
    async with _altered(database, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
        yield


@asynccontextmanager
async def a_standby(database: Database) -> AsyncIterator[None]:
    """Every connection is cut, and new ones only read, as when a standby has taken over."""
    name = "default_transaction_read_only"
    async with _altered(database, f"SET {name} = on", f"RESET {name}"):
        yield


@asynccontextmanager
async def locked_by_a_migration(database: Database) -> AsyncIterator[None]:
    """Somebody else has the tables to themselves, as soon as nobody writes, and does not end."""
    async with _administrator(database) as other:
        await other.execute("BEGIN")
        locking = asyncio.ensure_future(other.execute("LOCK TABLE payments, audit_records IN ACCESS EXCLUSIVE MODE"))
        await asyncio.wait([locking], timeout=0.1)
        try:
            yield
        finally:
            await locking
            await other.execute("ROLLBACK")


_NO_ROOM = 6
_FIND_ROOM = f"""
    CREATE FUNCTION find_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT pg_try_advisory_xact_lock_shared({_NO_ROOM}) THEN
            RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER find_room AFTER INSERT ON audit_records DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION find_room();
"""


async def let_it_be_filled(database: Database) -> None:
    """Prepare a server's database for `full_log`."""
    async with _administrator(database) as administrator:
        await administrator.execute(_FIND_ROOM)


@asynccontextmanager
async def full_log(database: Database) -> AsyncIterator[None]:
    """The server finds no room for a record, as late as it may find that out: when it commits."""
    async with _administrator(database) as administrator:
        await administrator.execute("SELECT pg_advisory_lock($1)", _NO_ROOM)
        yield


@contextmanager
def counted_waits() -> Iterator[list[int]]:
    """One for each time in the block that a database did not answer, which may have taken as long as it may take.

    Of what was asked at once all is one time: the number is how many did not answer.
    """
    waits: list[int] = []
    before = {name: getattr(Database, name) for name in ("transaction", "reading")}
    asked = latest_failure = 0

    def counting(name: str) -> Any:
        @asynccontextmanager
        async def counted(database: Database, **given: Any) -> AsyncIterator[Any]:
            nonlocal asked, latest_failure
            asked += 1
            mine = asked
            try:
                async with before[name](database, **given) as connection:
                    yield connection
            except UnavailableError:
                if waits and mine <= latest_failure:  # asked before the one before had failed
                    waits[-1] += 1
                else:
                    waits.append(1)
                latest_failure = asked
                raise

        return counted

    for name in before:
        setattr(Database, name, counting(name))
    try:
        yield waits
    finally:
        for name, original in before.items():
            setattr(Database, name, original)


FAULTS: Mapping[str, Mapping[str, Fault]] = {
    "sqlite": {
        "broken": broken,
        "locked": locked_by_another_process,
        "read-only": read_only,
        "full": full_disk,
    },
    "postgresql": {
        "down": down,
        "locked": locked_by_a_migration,
        "read-only": a_standby,
        "full": full_log,
    },
}
