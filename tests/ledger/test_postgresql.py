"""What is PostgreSQL's alone. Every other test of the ledger runs on it as well."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert, inspect, select, text, update

from mortgage_fsm.audit import schema as audit_schema
from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.ledger import migrations, schema
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.postgresql import ANSWER_SECONDS
from mortgage_fsm.ledger.probe import check_writable
from mortgage_fsm.ledger.schema import meta
from tests.postgresql import PostgreSQL

pytestmark = pytest.mark.slow

RECORD = {"call": "c" * 32, "seq": 0, "type": "call_started", "ts": "2026-03-10T12:00:00.000Z"}


@pytest.fixture
def backend() -> str:
    return "postgresql"


@pytest.fixture
def empty(postgresql: PostgreSQL) -> Iterator[str]:
    with postgresql.database(with_schema=False) as url:
        yield url


@pytest.fixture
async def new(empty: str) -> AsyncIterator[Database]:
    found = Database(empty)
    yield found
    await found.close()


async def put(database: Database, name: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(insert(meta).values(name=name, value="0"))


async def names(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list(await connection.scalars(select(meta.c.name).order_by(meta.c.name)))


# --- the schema


async def test_a_servers_schema_is_made_only_on_an_operators_word(new: Database) -> None:
    with pytest.raises(ConfigurationError, match="run `db upgrade`"):
        await migrations.ensure(new)
    await migrations.upgrade(new)
    assert await migrations.ensure(new) is False


async def test_a_schema_of_an_older_version_is_refused_until_it_is_upgraded(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
        for table in ("guesses", "call_snapshots"):
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("ALTER TABLE payments DROP COLUMN gateway"))
        await connection.execute(text("DROP TRIGGER audit_records_are_only_added ON audit_records"))
        await connection.execute(text("DROP FUNCTION refuse_to_change_records"))
    with pytest.raises(ConfigurationError, match="run `db upgrade`"):
        await migrations.ensure(database)
    await migrations.upgrade(database)
    assert await migrations.ensure(database) is False


async def test_a_schema_of_a_newer_version_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError):
        await migrations.ensure(database)
    with pytest.raises(ConfigurationError, match="another version"):
        await migrations.upgrade(database)


async def test_a_database_with_tables_of_others_is_left_alone(new: Database) -> None:
    async with new.transaction() as connection:
        await connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    with pytest.raises(ConfigurationError, match="not ours"):
        await migrations.upgrade(new)
    async with new.reading() as connection:
        assert await connection.run_sync(lambda bare: inspect(bare).get_table_names()) == ["recipes"]


async def test_several_processes_may_upgrade_one_server_at_once(new: Database, empty: str, in_processes: Any) -> None:
    program = f"""
import asyncio
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
async def main():
    database = Database({empty!r})
    await migrations.upgrade(database)
    await database.close()
asyncio.run(main())
"""
    await in_processes(program, 3)
    assert await migrations.ensure(new) is False


async def test_the_migrations_make_the_tables_of_the_code(
    postgresql: PostgreSQL, new: Database, empty: str, url: str
) -> None:
    async with new.transaction() as connection:
        for each in (schema.metadata, audit_schema.metadata):
            await connection.run_sync(each.create_all)
    ours = re.compile(r"refuse_to_change_records|alembic_version")
    migrated = [each for each in postgresql.described(url) if not ours.search(each)]
    assert migrated == postgresql.described(empty)
    assert len(migrated) > 20


# --- evidence


@pytest.mark.parametrize(
    "change",
    [
        update(audit_schema.audit_records).values(body="{}"),
        update(audit_schema.audit_records).where(audit_schema.audit_records.c.seq == 99).values(body="{}"),
        delete(audit_schema.audit_records),
        text("TRUNCATE audit_records"),
    ],
    ids=["changed", "changed_none", "deleted", "truncated"],
)
async def test_the_server_refuses_to_change_a_record(database: Database, change: Any) -> None:
    async with database.transaction() as connection:
        await connection.execute(insert(audit_schema.audit_records).values(**RECORD, hash="a" * 64, body="x"))
    with pytest.raises(UnavailableError, match="42501"):
        async with database.transaction() as connection:
            await connection.execute(change)
    async with database.reading() as connection:
        assert (await connection.execute(select(audit_schema.audit_records.c.body))).all() == [("x",)]


# --- several writers


async def test_writers_of_several_processes_lose_no_update_made_in_one_statement(
    database: Database, url: str, in_processes: Any
) -> None:
    await put(database, "n")
    program = f"""
import asyncio
from sqlalchemy import text
from mortgage_fsm.ledger.database import Database
MORE = text("UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = 'n'")
async def main():
    database = Database({url!r})
    async def once():
        async with database.transaction() as connection:
            await connection.execute(MORE)
    await asyncio.gather(*(once() for _ in range(25)))
    await database.close()
asyncio.run(main())
"""
    await in_processes(program, 3)
    async with database.reading() as connection:
        assert await connection.scalar(select(meta.c.value)) == "75"


async def test_who_waits_for_another_writers_row_is_told_in_time_and_may_try_again(database: Database) -> None:
    await put(database, "n")
    more = update(meta).values(value="1")
    began = time.monotonic()
    async with database.transaction(patient=True) as first:
        await first.execute(more)
        with pytest.raises(UnavailableError, match=r"in time|55P03"):
            async with database.transaction() as second:
                await second.execute(more)
    assert time.monotonic() - began < 15
    async with database.transaction() as third:
        await third.execute(more)


# --- a server that fails


async def test_a_connection_that_the_server_ends_is_unavailable_and_the_next_one_serves(database: Database) -> None:
    await put(database, "one")

    async def is_ended() -> None:
        async with database.transaction() as connection:
            await connection.execute(insert(meta).values(name="two", value="canary"))
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(UnavailableError) as caught:
        await is_ended()
    assert "canary" not in str(caught.value)
    assert await names(database) == ["one"]
    await put(database, "three")
    assert await names(database) == ["one", "three"]


async def test_a_server_that_takes_no_writes_is_unavailable_for_writing_alone(database: Database, url: str) -> None:
    await put(database, "one")
    async with database.transaction() as connection:
        name = await connection.scalar(text("SELECT current_database()"))
        await connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    standby = Database(url)
    with pytest.raises(UnavailableError, match="25006"):
        await check_writable(standby)
    assert await names(standby) == ["one"]
    await standby.close()


class Line:
    """Between a client and the server: passes on everything until it goes dead, and then nothing, without a word."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._alive = asyncio.Event()
        self._alive.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, back = (await asyncio.open_unix_connection(self._server))[::-1]
        self._writers += [to, writer]
        for source, target in ((reader, to), (back, writer)):
            self._tasks.add(asyncio.create_task(self._pass_on(source, target)))

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self._alive.wait()
            target.write(data)

    def dies(self) -> None:
        self._alive.clear()

    async def ends(self) -> None:
        self._alive.set()
        for each in self._tasks:
            each.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
            await writer.wait_closed()


async def test_a_line_that_goes_dead_within_a_transaction_is_told_within_five_seconds(
    database: Database, postgresql: PostgreSQL, tmp_path: Any
) -> None:
    line = Line(postgresql.socket)
    server = await asyncio.start_unix_server(line.serve, tmp_path / ".s.PGSQL.5432")
    far = Database(str(database.url.set(query={"host": str(tmp_path)})))
    await put(far, "one")
    began = time.monotonic()

    async def dies_before_the_commit() -> None:
        async with far.transaction() as connection:
            await connection.execute(insert(meta).values(name="two", value="0"))
            line.dies()

    with pytest.raises(UnavailableError, match="in time"):
        await dies_before_the_commit()
    told_after = time.monotonic() - began
    with pytest.raises(UnavailableError):
        await put(far, "three")
    assert told_after < 5
    await line.ends()
    server.close()
    await far.close()
    assert "three" not in await names(database)


def test_the_time_for_an_answer_leaves_room_to_give_the_connection_up() -> None:
    assert ANSWER_SECONDS + 2 < 5
