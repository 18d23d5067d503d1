"""Whether payments could be written right now: the schema is ours, and the database takes writes. Changes nothing."""

from __future__ import annotations

from sqlalchemy import text

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.migrations import ensure

_TOUCH = text("UPDATE alembic_version SET version_num = version_num WHERE version_num IS NULL")
"""A write that meets no row: refused by a standby, by a read-only file and without the right to write."""


async def check_writable(database: Database) -> None:
    """Have the schema (as `ensure` does) and write nothing, as a payment would be written.

    Raises:
        ConfigurationError: the schema is not that of this version.
        UnavailableError: the database does not answer, or takes no writes.
    """
    await ensure(database)
    async with database.transaction() as connection:
        await connection.execute(_TOUCH)
