"""Callbacks: kept once, worked off once, and without a telephone number."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from mortgage_fsm.heard import Reason
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.callbacks import Callbacks
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.schema import callbacks as table
from tests.ledger.conftest import SetClock

CALL, REF = "c" * 32, "R" * 26


@pytest.fixture
def callbacks(database: Database, clock: SetClock) -> Callbacks:
    return Callbacks(database, clock=clock)


async def ask(callbacks: Callbacks, database: Database, call: str = CALL, reason: Reason = Reason.ASKED) -> None:
    async with database.transaction() as connection:
        await callbacks.ask(connection, call, REF, reason)


async def test_a_callback_waits_until_it_is_done(callbacks: Callbacks, database: Database) -> None:
    await ask(callbacks, database)
    [waiting] = await callbacks.waiting()
    assert waiting == {
        "id": waiting["id"], "call": CALL, "loan_ref": REF, "reason": "asked", "asked_at": "2026-03-10T12:00:00.000Z"
    }  # fmt: skip
    assert await callbacks.done(int(str(waiting["id"])))
    assert await callbacks.waiting() == []


async def test_a_callback_is_done_only_once_and_only_if_it_is_there(callbacks: Callbacks, database: Database) -> None:
    await ask(callbacks, database)
    [waiting] = await callbacks.waiting()
    number = int(str(waiting["id"]))
    assert [await callbacks.done(each) for each in (number, number, number + 1)] == [True, False, False]


async def test_who_asks_twice_for_one_reason_is_called_back_once(callbacks: Callbacks, database: Database) -> None:
    for reason in (Reason.ASKED, Reason.ASKED, Reason.FRAUD):
        await ask(callbacks, database, reason=reason)
    assert [each["reason"] for each in await callbacks.waiting()] == ["asked", "fraud"]


async def test_asked_for_at_the_same_time_it_stands_once_and_nobody_is_turned_away(
    callbacks: Callbacks, database: Database
) -> None:
    at_once = 5
    all_are_in = asyncio.Barrier(1 if database.is_sqlite else at_once)  # a file has one writer at a time

    async def asks() -> None:
        async with database.transaction() as connection:
            await all_are_in.wait()
            await callbacks.ask(connection, CALL, REF, Reason.ASKED)

    await asyncio.gather(*(asks() for _ in range(at_once)))
    assert len(await callbacks.waiting()) == 1


async def test_who_has_waited_longest_comes_first(callbacks: Callbacks, database: Database, clock: SetClock) -> None:
    await ask(callbacks, database, call="b" * 32)
    clock.forward(minutes=1)
    await ask(callbacks, database, call="a" * 32)
    assert [each["call"] for each in await callbacks.waiting()] == ["b" * 32, "a" * 32]


def test_no_column_could_hold_a_telephone_number() -> None:
    assert {column.name for column in table.columns} == {"id", "call", "loan_ref", "reason", "asked_at", "done_at"}


async def test_a_database_of_the_first_schema_is_given_the_table_and_keeps_its_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    database = Database(url)
    await migrations.ensure(database)
    async with database.transaction() as connection:
        for table in ("callbacks", "guesses", "call_snapshots"):
            await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("ALTER TABLE payments DROP COLUMN gateway"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        await connection.execute(text("INSERT INTO meta (name, value) VALUES ('kept', 'yes')"))
    assert await migrations.ensure(database) is False
    await database.close()
    engine = create_engine(url)
    assert inspect(engine).has_table("callbacks")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT value FROM meta WHERE name = 'kept'")) == "yes"
    engine.dispose()
