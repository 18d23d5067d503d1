"""What a new job process does before it takes a call: it leaves nothing, says nothing, and stops nobody."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select
from sqlalchemy.sql.compiler import SQLCompiler
from structlog.testing import capture_logs

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.schema import metadata
from mortgage_fsm.machine import State
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice import warming
from mortgage_fsm.voice.metrics import Tier, Uncounted
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.wiring import open_ledger
from tests.postgresql import PostgreSQL
from tests.stories.rehearsal import settings_for, shipped_knowledge


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the ledger of a process lies that was warmed."""
    return tmp_path_factory.mktemp("warm")


@pytest.fixture(scope="module")
def settings(folder: Path) -> Settings:
    return settings_for(folder)


@pytest.fixture(scope="module")
def warmed(settings: Settings) -> tuple[Database, list[str], list[str]]:
    """The database, what was logged meanwhile or would have been, and what the caller of the played call said."""
    database, said = Database(settings.database_url), list[str]()
    records: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record.getMessage())

    kept, real = Kept(), PhoneCall.close

    async def close(self: PhoneCall) -> None:
        if logging.getLogger("mortgage_fsm.decisions").isEnabledFor(logging.ERROR):
            records.append("our own events")
        said.extend(item.text_content or "" for item in self.session.history.messages() if item.role == "user")
        await real(self)

    logging.getLogger().addHandler(kept)
    PhoneCall.close = close  # type: ignore[method-assign] # as it is, and looked at
    try:
        warming.warm(settings, database, shipped_knowledge())
    finally:
        PhoneCall.close = real  # type: ignore[method-assign] # as it was
        logging.getLogger().removeHandler(kept)
    return database, records, said


def test_a_whole_call_is_played_up_to_the_read_back(warmed: tuple[Database, list[str], list[str]]) -> None:
    assert warmed[2] == list(warming._SAID)


def test_nothing_is_logged_of_a_call_that_nobody_made(warmed: tuple[Database, list[str], list[str]]) -> None:
    assert warmed[1] == []
    assert logging.root.manager.disable == logging.NOTSET


async def rows_of(database: Database) -> dict[str, int]:
    """How many rows each table has that has any, but for what comes with the schema; the database is closed then."""
    async with database.reading() as connection:
        tables = [each for each in metadata.sorted_tables if each.name not in {"loans", "instruments", "meta"}]
        counts = {each.name: await connection.scalar(select(func.count()).select_from(each)) for each in tables}
    await database.close()
    return {name: count for name, count in counts.items() if count}


def test_nothing_of_it_is_kept(warmed: tuple[Database, list[str], list[str]]) -> None:
    assert asyncio.run(rows_of(warmed[0])) == {}


@pytest.mark.slow
def test_a_server_is_left_as_it_was_and_can_be_used(postgresql: PostgreSQL, tmp_path: Path) -> None:
    with postgresql.database() as url, capture_logs() as logged:
        database = Database(url)
        warming.warm(settings_for(tmp_path).model_copy(update={"database_url": url}), database, shipped_knowledge())
        assert asyncio.run(rows_of(database)) == {}
    assert "warming_failed" not in {each["event"] for each in logged}


def test_the_statements_of_a_decision_are_put_together_already(
    warmed: tuple[Database, list[str], list[str]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    real = SQLCompiler.__init__

    def counted(self: SQLCompiler, dialect: object, statement: object, *arguments: object, **options: object) -> None:
        made.append(str(statement))
        real(self, dialect, statement, *arguments, **options)  # type: ignore[arg-type] # passed on

    async def ask() -> None:
        async with open_ledger(settings, database=warmed[0]) as ledger:
            monkeypatch.setattr(SQLCompiler, "__init__", counted)
            await ledger.payments.on_loan("10004471")
            assert (await ledger.identity.attempt("10004471", "2190")).matches
            assert await ledger.directory.find("10004471") is not None
            with pytest.raises(warming._UndoneError):
                await warming._decide_nothing(ledger, "ab" * 16)

    asyncio.run(ask())
    assert made == []


def test_a_process_that_cannot_be_warmed_takes_calls_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "no folder").touch()
    settings = settings_for(tmp_path / "no folder")
    with capture_logs() as logged:
        warming.warm(settings, Database(settings.database_url), shipped_knowledge())
    assert [each["error"] for each in logged if each["event"] == "warming_failed"] == ["UnavailableError"]


def test_nothing_of_it_is_counted() -> None:
    registry = CollectorRegistry()
    uncounted = Uncounted(registry)
    uncounted.heard(Tier.RULES)
    uncounted.first_word(0.1)
    uncounted.call_ended(State.ADVISING)
    assert list(registry.collect()) == []
