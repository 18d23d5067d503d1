"""A connection to a SQLite file that goes to its thread once for a statement, and waits for no BEGIN and no end of reading.

The driver goes there for a cursor, for the statement, for its rows and to close the cursor. Each trip is a change of
threads, during which somebody else's work may come first: most of what a short transaction takes.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple, Self

import aiosqlite

AT_ONCE = 64
"""Rows that come back with the statement. Whoever reads more of them, as an export does, goes again."""


class _Done(NamedTuple):
    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]
    rest: sqlite3.Cursor | None
    """Where there are more rows; None: these were all."""


class OneTripConnection(aiosqlite.Connection):
    """As its driver has it, but for cursors, BEGIN, COMMIT and ROLLBACK."""

    _first: str | None = None
    _may_be_open = False
    _only_reads = False

    def begins_with(self, statement: str, *, reads: bool) -> None:
        """Begin a transaction with this statement: on the next trip, before what that one is for.

        `reads`: nothing is written in it, so nobody waits for its end.
        """
        self._first, self._only_reads = statement, reads

    def cursor(self) -> OneTripCursor:  # type: ignore[override] # awaited as the driver's is, which says so otherwise
        """A cursor, for which nobody has to go to the thread."""
        return OneTripCursor(self)

    async def trip(self, method: str, statement: str, parameters: Any) -> _Done:
        """Run a statement, the one that begins the transaction before it, and fetch the first of its rows."""
        first, self._first = self._first, None
        # Set before it goes: whoever is cancelled on the way rolls back what the thread may yet begin.
        self._may_be_open = self._may_be_open or first is not None
        done: _Done = await self.there(_run, self._conn, first, method, statement, parameters)
        return done

    async def there(self, work: Any, *arguments: Any) -> Any:
        """Have this done in the thread, after everything that was sent there before."""
        return await self._execute(work, *arguments)  # type: ignore[no-untyped-call] # the driver types only what is public

    async def commit(self) -> None:
        """Commit what was begun."""
        self._first = None
        if self._may_be_open and self._only_reads:
            self._tx.put_nowait((None, self._conn.rollback))  # done before whatever is sent there next
        elif self._may_be_open:
            await super().commit()
        self._may_be_open = False

    async def rollback(self) -> None:
        """Roll back what was begun."""
        self._first = None
        if self._may_be_open:
            await super().rollback()
            self._may_be_open = False


class OneTripCursor:
    """What SQLAlchemy asks of a cursor. Has no rows but those of the latest statement."""

    arraysize = 1

    def __init__(self, connection: OneTripConnection) -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: deque[Any] = deque()
        self._rest: sqlite3.Cursor | None = None

    async def __aenter__(self) -> Self:
        """Itself."""
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Run a statement."""
        return await self._run("execute", statement, parameters)

    async def executemany(self, statement: str, parameters: Iterable[Any]) -> Self:
        """Run a statement for each of these."""
        return await self._run("executemany", statement, parameters)

    async def _run(self, method: str, statement: str, parameters: Any) -> Self:
        await self.close()
        done = await self._connection.trip(method, statement, parameters)
        self.description, self.rowcount, self.lastrowid = done.description, done.rowcount, done.lastrowid
        self._rows, self._rest = deque(done.rows), done.rest
        return self

    async def fetchone(self) -> Any:
        """The next row; None: there is none."""
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows, as many as there are at most."""
        wanted = self.arraysize if size is None else size
        if len(self._rows) < wanted and self._rest is not None:
            more = max(wanted - len(self._rows), AT_ONCE)
            self._took(await self._connection.there(self._rest.fetchmany, more), more)
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        if self._rest is not None:
            self._took(await self._connection.there(self._rest.fetchall))
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def _took(self, rows: list[Any], asked: int | None = None) -> None:
        self._rows.extend(rows)
        if asked is None or len(rows) < asked:
            self._rest = None  # it has run to its end, and holds nothing any more

    async def close(self) -> None:
        """Leave the rows that were not fetched."""
        rest, self._rest = self._rest, None
        self._rows.clear()
        if rest is not None:
            await self._connection.there(rest.close)


def connect(file: str, **options: Any) -> OneTripConnection:
    """Open a connection when it is awaited. `options`: those of `sqlite3.connect`."""
    connection = OneTripConnection(partial(sqlite3.connect, file, **options), AT_ONCE)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: an open connection must not keep a process alive
    return connection


def _run(raw: sqlite3.Connection, first: str | None, method: str, statement: str, parameters: Any) -> _Done:
    if first is not None:
        raw.execute(first)
    cursor = raw.cursor()
    getattr(cursor, method)(statement, parameters)
    rows = cursor.fetchmany(AT_ONCE) if cursor.description else []
    rest = cursor if len(rows) == AT_ONCE else None
    done = _Done(cursor.description, cursor.rowcount, cursor.lastrowid, rows, rest)
    if rest is None:
        cursor.close()
    return done
