"""The database: what commits, what rolls back, and what its failures say."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, func, insert, inspect, select, text

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.ledger import sqlite
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.schema import meta
from tests.ledger.conftest import ON_SQLITE


async def names(database: Database) -> list[str]:
    async with database.reading() as connection:
        return list(await connection.scalars(select(meta.c.name).order_by(meta.c.name)))


async def put(database: Database, name: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(insert(meta).values(name=name, value="x"))


async def undone(database: Database, statement: Executable) -> None:
    async with database.transaction() as connection:
        await connection.execute(statement)
        raise ZeroDivisionError


async def test_a_transaction_commits_at_the_end_of_its_block(database: Database) -> None:
    await put(database, "one")
    assert await names(database) == ["one"]


async def test_a_transaction_whose_block_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await undone(database, insert(meta).values(name="one", value="x"))
    assert await names(database) == []


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(database: Database) -> None:
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.transaction() as connection:
            await connection.execute(insert(meta).values(name="one", value="x"))
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(hang())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(database, "two")
    assert await names(database) == ["two"]


async def test_an_error_of_the_block_itself_keeps_its_type(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.transaction():
            raise FileNotFoundError


async def test_making_a_table_is_undone_with_its_transaction(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        await undone(database, text("CREATE TABLE other (id INTEGER)"))
    async with database.reading() as connection:
        assert not await connection.run_sync(lambda bare: inspect(bare).has_table("other"))


async def test_a_reader_sees_one_state_while_a_writer_goes_on(database: Database) -> None:
    async with database.reading() as connection:
        count = select(func.count()).select_from(meta)
        before = await connection.scalar(count)
        await put(database, "one")
        assert await connection.scalar(count) == before


@ON_SQLITE
async def test_writers_of_one_process_wait_for_each_other(database: Database) -> None:
    async def read_then_write() -> None:
        async with database.transaction() as connection:
            value = int(await connection.scalar(select(meta.c.value).where(meta.c.name == "n")) or 0)
            await asyncio.sleep(0)
            await connection.execute(text(f"REPLACE INTO meta (name, value) VALUES ('n', '{value + 1}')"))

    await asyncio.gather(*(read_then_write() for _ in range(30)))
    async with database.reading() as connection:
        assert await connection.scalar(select(meta.c.value)) == "30"


@ON_SQLITE
@pytest.mark.slow
async def test_writers_of_several_processes_lose_no_update(database: Database, url: str, in_processes: Any) -> None:
    program = f"""
import asyncio
from sqlalchemy import text
from mortgage_fsm.ledger.database import Database
async def main():
    database = Database({url!r})
    for _ in range(20):
        async with database.transaction() as connection:
            value = int(await connection.scalar(text("SELECT value FROM meta WHERE name = 'n'")) or 0)
            await connection.execute(text(f"REPLACE INTO meta (name, value) VALUES ('n', '{{value + 1}}')"))
    await database.close()
asyncio.run(main())
"""
    await in_processes(program, 3)
    async with database.reading() as connection:
        assert await connection.scalar(select(meta.c.value)) == "60"


@ON_SQLITE
async def test_a_sqlite_connection_is_durable_and_keeps_foreign_keys(database: Database) -> None:
    async with database.reading() as connection:
        found = [await connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


@ON_SQLITE
async def test_the_folder_of_a_database_is_made_for_its_owner_alone(database: Database, tmp_path: Path) -> None:
    await names(database)
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700


@ON_SQLITE
async def test_a_locked_database_is_unavailable_within_five_seconds(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sqlite.BUSY_SECONDS < 5
    monkeypatch.setattr(sqlite, "_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    holder = sqlite3.connect(tmp_path / "kept/ledger.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = Database(str(database.url))
    with pytest.raises(UnavailableError, match=r"^The database does not answer \(SQLITE_BUSY: .* try again\)\.$"):
        await put(impatient, "one")
    assert await names(impatient) == []
    holder.close()
    await put(impatient, "one")
    await impatient.close()


@ON_SQLITE
async def test_who_has_waited_for_other_writers_of_its_process_has_only_the_rest_of_its_time_for_other_processes(
    database: Database,
) -> None:
    longest = int(sqlite.BUSY_SECONDS * 1000)

    async def patience() -> int:
        async with database.transaction() as connection:
            return int(await connection.scalar(text("PRAGMA busy_timeout")) or 0)

    async with database.transaction():
        waiting = asyncio.ensure_future(patience())
        await asyncio.sleep(0.15)
    assert 0 < await waiting < longest
    assert await patience() == longest, "who did not wait has all of it"


@ON_SQLITE
async def test_a_read_only_database_is_unavailable_for_writing(database: Database, tmp_path: Path) -> None:
    await put(database, "one")
    read_only = Database(f"sqlite:///file:{tmp_path}/kept/ledger.db?mode=ro&uri=true")
    with pytest.raises(UnavailableError, match="SQLITE_READONLY"):
        await put(read_only, "two")
    await read_only.close()


@pytest.mark.parametrize(
    ("at", "remedy"), [("a_folder", "cannot be opened"), ("a_file/below", "cannot be made or reached")]
)
async def test_a_database_that_cannot_be_opened_is_unavailable_and_says_what_to_look_at(
    tmp_path: Path, at: str, remedy: str
) -> None:
    (tmp_path / "a_folder").mkdir()
    (tmp_path / "a_file").write_text("x")
    database = Database(f"sqlite:///{tmp_path}/{at}")
    with pytest.raises(UnavailableError, match="does not answer") as caught:
        await put(database, "one")
    assert remedy in str(caught.value)
    assert at not in str(caught.value)
    await database.close()


async def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all, " * 100)
    database = Database(f"sqlite:///{tmp_path}/text.db")
    with pytest.raises(UnavailableError, match="SQLITE_NOTADB: the file is no SQLite database"):
        await put(database, "one")
    await database.close()


async def test_a_refused_row_is_a_conflict_and_quotes_nothing(database: Database) -> None:
    await put(database, "canary")
    with pytest.raises(ConflictError) as caught:
        await put(database, "canary")
    assert "canary" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_failing_statement_quotes_no_value(database: Database) -> None:
    with pytest.raises(UnavailableError) as caught:
        async with database.transaction() as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:value)"), {"value": "canary"})
    assert "canary" not in str(caught.value)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    database = Database("postgresql://someone:hidden@127.0.0.1:9/ledger")
    with pytest.raises(UnavailableError) as caught:
        await put(database, "one")
    assert "hidden" not in str(caught.value) + database.location
    await database.close()


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true"]
)
def test_a_url_that_cannot_serve_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Database(url)


def test_a_bad_url_is_not_quoted() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Database("mysql://someone:hidden@h/d")
    assert "hidden" not in str(caught.value)


async def test_closing_twice_is_harmless(database: Database) -> None:
    await put(database, "one")
    await database.close()
    await database.close()
    assert await names(database) == ["one"]
