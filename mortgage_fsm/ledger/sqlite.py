"""The only place that knows SQLite: how its connections are opened and how its transactions begin."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL

from mortgage_fsm.ledger import sqlite_trips

DIALECT = "sqlite"

BUSY_SECONDS = 4.0
"""How long a writer waits for other transactions, of this process and of others. Below five seconds, in which a caller
must be told."""

# The driver's own transaction control begins late and only before some statements; it is switched off, and every
# transaction is begun by us: readers at the first statement, writers at once (BEGIN IMMEDIATE), so that a writer
# never finds out at its second statement that another was faster.
_BEGIN = "mortgage_fsm_begin"
READ = {_BEGIN: "BEGIN"}
WRITE = {_BEGIN: "BEGIN IMMEDIATE"}
_WAIT = "mortgage_fsm_wait"

_PRAGMAS: tuple[str, ...] = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit that was reported survives power loss: money hangs on it
    "PRAGMA foreign_keys = ON",
)


_REMEDIES: Final = {
    "SQLITE_FULL": "the disk is full: make room",
    "SQLITE_IOERR": "the disk cannot be read or written: look whether it is full or broken",
    "SQLITE_CANTOPEN": "the file cannot be opened: look whether its folder is there, and at the rights to both",
    "SQLITE_READONLY": "the file may not be written: look at the rights to it and to its folder",
    "SQLITE_NOTADB": "the file is no SQLite database: look at the address",
    "SQLITE_CORRUPT": "the file is damaged: put a backup in its place",
    "SQLITE_BUSY": "another process holds it: try again",
    "SQLITE_LOCKED": "another process holds it: try again",
}


def remedy(code: str) -> str | None:
    """What can be done about a failure, by SQLite's name for it; None: nothing is known."""
    return _REMEDIES.get("_".join(code.split("_")[:2]))  # SQLITE_CANTOPEN_ISDIR is a kind of SQLITE_CANTOPEN


def connect_arguments() -> dict[str, Any]:
    """What the driver is given when it opens a connection."""
    return {"timeout": BUSY_SECONDS, "async_creator_fn": sqlite_trips.connect}


def write_after(waited: float) -> dict[str, Any]:
    """Options of a writer who has waited for so many seconds in this process: other processes have what is left."""
    return {**WRITE, _WAIT: max(round((BUSY_SECONDS - waited) * 10), 1) * 100}


def _milliseconds() -> int:
    return int(BUSY_SECONDS * 1000)


def make_folder(url: URL) -> None:
    """Make the folder of the database file, readable by its owner alone.

    Raises:
        OSError: the folder cannot be made.
    """
    name = url.database or ""
    if not name.startswith("file:"):
        Path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def is_there(url: URL) -> bool:
    """Whether there is a database file with something in it."""
    try:
        return Path((url.database or "").removeprefix("file:")).stat().st_size > 0
    except (FileNotFoundError, NotADirectoryError):
        return False


def is_in_memory(url: URL) -> bool:
    """Whether this is a database without a file, which several connections cannot share."""
    name = url.database or ""
    return name in {"", ":memory:"} or ":memory:" in name or url.query.get("mode") == "memory"


def prepare(engine: Engine) -> None:
    """Have every new connection of this engine set up, and every transaction begun, as the ledger needs it."""

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        record.info[_WAIT] = _milliseconds()
        cursor = connection.cursor()
        for pragma in (f"PRAGMA busy_timeout = {_milliseconds()}", *_PRAGMAS):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        wait = options.get(_WAIT, _milliseconds())
        if connection.info[_WAIT] != wait:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {wait}")
            connection.info[_WAIT] = wait
        driver: sqlite_trips.OneTripConnection = connection.connection.driver_connection  # type: ignore[assignment] # as made
        statement = options.get(_BEGIN, WRITE[_BEGIN])
        driver.begins_with(statement, reads=statement == READ[_BEGIN])
