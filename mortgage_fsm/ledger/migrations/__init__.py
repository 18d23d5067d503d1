"""Brings a database to the schema this version needs; Alembic is imported only when there is something to migrate."""

from __future__ import annotations

import asyncio
import importlib
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.ledger.database import Database

HEAD = "0006"
"""The newest revision in `versions/`."""

SNAPSHOT = "sqlite.sql"
"""What the migrations leave in a new SQLite file, statement by statement: some 600 ms faster than asking Alembic."""

_REVISION_TABLE = "alembic_version"


async def ensure(database: Database) -> bool:
    """Have the schema that this version needs. One query when it is there already.

    A SQLite file is made or migrated; a server's schema is changed by `upgrade` alone, on an operator's word.

    Returns:
        True when the schema was made just now, in an empty database.

    Raises:
        ConfigurationError: the database is not ours, was made by a newer version, or is a server to be upgraded.
        UnavailableError: the database does not answer.
    """
    async with database.reading() as connection:
        revision = await _revision(connection)
    if revision == HEAD:
        return False
    if not database.is_sqlite:
        raise ConfigurationError("The database's schema is not that of this version: run `db upgrade`.")
    if revision is None:
        return await _create(database)
    await upgrade(database)
    return False


async def upgrade(database: Database) -> None:
    """Run every migration that is missing, in one transaction.

    Raises:
        ConfigurationError: the database was made by a newer version, or holds tables that are not ours.
        UnavailableError: the database does not answer.
    """
    command = await asyncio.to_thread(importlib.import_module, "alembic.command")
    config_module = importlib.import_module("alembic.config")
    errors = importlib.import_module("alembic.util.exc")
    config = config_module.Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with database.transaction(patient=True) as connection:
        if not database.is_sqlite:
            # Two `db upgrade` at once: the second waits here and finds nothing left to do.
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(6200143)"))
        await _refuse_foreign(connection, await _revision(connection))
        try:
            await connection.run_sync(run)
        except errors.CommandError:
            raise ConfigurationError("The database was made by another version of this program.") from None


async def _create(database: Database) -> bool:
    statements = await asyncio.to_thread(_snapshot)
    async with database.transaction() as connection:
        revision = await _revision(connection)
        if revision is not None:  # another process was faster
            return False
        await _refuse_foreign(connection, revision)
        await connection.run_sync(_execute, statements)
    return True


def _execute(connection: Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _snapshot() -> list[str]:
    script = resources.files(__package__).joinpath(SNAPSHOT).read_text("utf-8")
    return [statement.strip() for statement in script.split(";\n") if statement.strip()]


async def _revision(connection: AsyncConnection) -> str | None:
    if not await connection.run_sync(_has_revision_table):
        return None
    found: Any = await connection.scalar(text(f"SELECT version_num FROM {_REVISION_TABLE}"))  # noqa: S608 - a constant
    return None if found is None else str(found)


def _has_revision_table(connection: Connection) -> bool:
    return inspect(connection).has_table(_REVISION_TABLE)


def _has_tables(connection: Connection) -> bool:
    return bool(inspect(connection).get_table_names())


async def _refuse_foreign(connection: AsyncConnection, revision: str | None) -> None:
    if revision is None and await connection.run_sync(_has_tables):
        raise ConfigurationError("The database holds tables that are not ours.")


async def dump(database: Database) -> str:
    """The schema of a SQLite database as a script, in the order in which it was made, revision included."""
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
    async with database.reading() as connection:
        statements = [str(row) for row in await connection.scalars(text(query))]
        revision = await _revision(connection)
    statements.append(f"INSERT INTO {_REVISION_TABLE} (version_num) VALUES ('{revision}')")  # noqa: S608 - written, not run
    lines = "".join(f"{statement};\n\n" for statement in statements).expandtabs(2).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip() + "\n"
