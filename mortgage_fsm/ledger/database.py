"""One database, its transactions, and the only place where a driver's error becomes one of ours (without its text)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, Final

from sqlalchemy import Table, exc, make_url
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_in_file
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mortgage_fsm.errors import ConfigurationError, MortgageFsmError, UnavailableError
from mortgage_fsm.ledger import postgresql, sqlite

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
_SUPPORTED = frozenset(_DRIVERS.values())
_AT_ONCE = 0.1
"""Seconds: a writer who waited for less did not wait."""
_OF_FOLDERS: Final = dict.fromkeys(
    ("PermissionError", "NotADirectoryError", "FileExistsError"),
    "it cannot be made or reached there: look at the address, and at the rights to the folders in it",
)
"""What the system says of a file's folder, and of a server's socket that is a file."""


class ConflictError(MortgageFsmError):
    """A constraint of the database refused a row: another transaction was first."""


class Database:
    """An engine on one URL. Nothing is opened before the first transaction.

    Args:
        url: an SQLAlchemy URL; `sqlite:///FILE` and `postgresql://...` get their asynchronous drivers.

    Raises:
        ConfigurationError: the URL cannot be read, or names a database the ledger does not run on.
    """

    def __init__(self, url: str) -> None:
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == sqlite.DIALECT
        self._folder_is_there = not self.is_sqlite
        # Writers of one process queue here, fairly and without polling; those of other processes in SQLite itself.
        self._writers = asyncio.Lock()
        self._engine = self._new_engine()
        self._reader = self._engine.execution_options(**(sqlite.READ if self.is_sqlite else postgresql.READ))

    @property
    def location(self) -> str:
        """The URL without its password, for people."""
        return self.url.render_as_string(hide_password=True)

    def require_there(self) -> None:
        """For what only looks: a file that is not there is a mistyped address, and is not made.

        Raises:
            UnavailableError: there is no such file, or nothing in it. A server is not asked.
            OSError: it cannot be looked for.
        """
        if self.is_sqlite and not sqlite.is_there(self.url):
            raise UnavailableError("there is no database at the address of MORTGAGE_FSM_DATABASE_URL")

    def _new_engine(self) -> AsyncEngine:
        kind = sqlite if self.is_sqlite else postgresql
        options: dict[str, Any] = {"pool_timeout": sqlite.BUSY_SECONDS, "hide_parameters": True}
        options["connect_args"] = kind.connect_arguments()
        options["pool_pre_ping"] = not self.is_sqlite  # a server may have been started anew since
        with _configured():
            engine = create_async_engine(self.url, **options)
        kind.prepare(engine.sync_engine)
        return engine.execution_options(**sqlite.WRITE) if self.is_sqlite else engine

    @asynccontextmanager
    async def transaction(self, *, patient: bool = False) -> AsyncIterator[AsyncConnection]:
        """A transaction that may write: commits at the end of the block, rolls back when the block raises.

        Cancelled or cut off while it commits, it may or may not have committed: ask again by key, never assume.

        Args:
            patient: it may take as long as it takes (an import, a new schema); nobody waits on a telephone.

        Raises:
            UnavailableError: the database cannot be opened, is locked, read-only or full, went away, or is too slow.
            ConflictError: a constraint refused a row and the block did not take that up itself.
        """
        with _our_errors(exc.SQLAlchemyError):
            async with self._within_its_time(patient), AsyncExitStack() as stack:
                with _our_errors(OSError):
                    await self._make_folder()
                    waited = await stack.enter_async_context(self._turn_to_write())
                    engine = self._engine
                    if waited > _AT_ONCE:  # or many writers of this process would have their callers wait twice
                        engine = engine.execution_options(**sqlite.write_after(waited))
                    connection = await stack.enter_async_context(engine.begin())
                yield connection

    @asynccontextmanager
    async def reading(self, *, patient: bool = False) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the database that waits for no writer.

        Args:
            patient: as in `transaction`.

        Raises:
            UnavailableError: as in `transaction`.
        """
        with _our_errors(exc.SQLAlchemyError):
            async with self._within_its_time(patient), AsyncExitStack() as stack:
                with _our_errors(OSError):
                    await self._make_folder()
                    connection = await stack.enter_async_context(self._reader.begin())
                yield connection

    @asynccontextmanager
    async def _within_its_time(self, patient: bool) -> AsyncIterator[None]:
        # A file has its own time limits, lock by lock; a server may be at the other end of a line that went dead.
        limit = asyncio.timeout(None if patient or self.is_sqlite else postgresql.ANSWER_SECONDS)
        try:
            async with limit:
                yield
        except TimeoutError:
            if limit.expired():
                raise UnavailableError("The database does not answer in time.") from None
            raise

    @asynccontextmanager
    async def _turn_to_write(self) -> AsyncIterator[float]:
        """Only a file has turns. Gives the seconds for which this one was waited for."""
        if not self.is_sqlite:
            yield 0.0
            return
        clock = asyncio.get_running_loop().time
        began = clock()
        async with asyncio.timeout(sqlite.BUSY_SECONDS):
            await self._writers.acquire()
        try:
            yield clock() - began
        finally:
            self._writers.release()

    async def close(self) -> None:
        """Close every connection. The next transaction would open new ones."""
        await self._engine.dispose()

    async def _make_folder(self) -> None:
        if not self._folder_is_there:
            await asyncio.to_thread(sqlite.make_folder, self.url)
            self._folder_is_there = True


async def insert_unless_there(connection: AsyncConnection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row, unless a unique constraint has it already: one statement, of two at the same time one inserts."""
    insert = insert_in_file if connection.dialect.name == sqlite.DIALECT else insert_on_server
    await connection.execute(insert(table).values(**row).on_conflict_do_nothing())


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except exc.ArgumentError:
        raise ConfigurationError("The database URL cannot be read.") from None
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    if url.drivername not in _SUPPORTED:
        raise ConfigurationError("The database URL must begin with sqlite+aiosqlite: or postgresql+asyncpg:.")
    if url.get_backend_name() == sqlite.DIALECT and sqlite.is_in_memory(url):
        raise ConfigurationError("The database must be a file or a server, not in memory.")
    return url


@contextmanager
def _configured() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise ConfigurationError("The driver of the database URL is not installed.") from None
    except (exc.ArgumentError, TypeError, ValueError):
        raise ConfigurationError("The database URL has an option that its driver does not know.") from None


@contextmanager
def _our_errors(kind: type[Exception]) -> Iterator[None]:
    """Drivers quote rows and connection strings in their errors; what leaves here is a constant sentence."""
    try:
        yield
    except exc.IntegrityError:
        raise ConflictError("Another transaction was first.") from None
    except kind as error:
        code = _code(error)
        remedy = sqlite.remedy(code) or _OF_FOLDERS.get(code)
        raise UnavailableError(f"The database does not answer ({code}{f': {remedy}' if remedy else ''}).") from None


def _code(error: Exception) -> str:
    """What a driver calls this failure: SQLite's or PostgreSQL's own code, else the type of the error."""
    origin = getattr(error, "orig", None)
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None)
    return code if isinstance(code, str) else type(origin or error).__name__
