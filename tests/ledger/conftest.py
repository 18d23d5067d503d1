"""A real database with the schema, the demo loans in it, and a clock that tests set.

Every test that asks for a database runs on a SQLite file, and, in the slow suite, on a PostgreSQL server.
"""

from __future__ import annotations

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import mortgage_fsm
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import ensure_demo_loans
from mortgage_fsm.ledger.intents import Intent
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.ports import Instrument

KEY = bytes(range(32))
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def loan_ref() -> Callable[[str], str]:
    return lambda loan: hashlib.sha256(loan.encode()).hexdigest()[:26].upper()


ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For a test of what is SQLite's alone: its file, its statements."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/kept/ledger.db"
    else:
        with request.getfixturevalue("postgresql").database() as made:
            yield made


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    found = Database(url)
    await migrations.ensure(found)
    yield found
    await found.close()


@pytest.fixture
async def directory(database: Database) -> EmbeddedLoans:
    embedded = EmbeddedLoans(database, KEY)
    await ensure_demo_loans(database, embedded, date(2026, 3, 10))
    return embedded


@pytest.fixture
def payments(database: Database, loan_ref: Callable[[str], str], clock: SetClock) -> Payments:
    return Payments(database, loan_ref, clock=clock)


@pytest.fixture
def intent() -> Intent:
    return Intent(
        call="c" * 32,
        confirmation_id=3,
        loan="10004471",
        cents=1850_00,
        method=Method.BANK_TRANSFER,
        instrument=Instrument(Method.BANK_TRANSFER, "demo-checking-6021", "checking account ending 6021"),
        digest="D" * 26,
    )


@pytest.fixture
def begun(database: Database, payments: Payments) -> Callable[[Intent], Awaitable[object]]:
    async def begin(intent: Intent) -> object:
        async with database.transaction() as connection:
            return await payments.begin(connection, intent)

    return begin


@pytest.fixture
def processes() -> Callable[[str, int], list[str]]:
    """Runs a program in several processes at once and gives what each printed."""

    def run(program: str, how_many: int) -> list[str]:
        root = Path(mortgage_fsm.__file__).parent.parent
        started = [
            subprocess.Popen([sys.executable, "-c", program], cwd=root, stdout=subprocess.PIPE, text=True)
            for _ in range(how_many)
        ]
        printed = [each.communicate(timeout=60)[0].strip() for each in started]
        assert [each.returncode for each in started] == [0] * how_many
        return printed

    return run


@pytest.fixture
def in_processes(processes: Callable[[str, int], list[str]]) -> Callable[[str, int], Awaitable[list[str]]]:
    return lambda program, how_many: asyncio.to_thread(processes, program, how_many)
