"""The ledger of a chaos test: its loans, one for each caller, and what truly became of every caller's payment."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.chain import canonical
from mortgage_fsm.audit.replaying import Replay
from mortgage_fsm.audit.resolutions import ResolutionRecords
from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger import migrations, sqlite
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.intents import UNDER_WAY
from mortgage_fsm.ledger.loans import NewLoan
from mortgage_fsm.ledger.ports import Instrument
from mortgage_fsm.ledger.reconcile import Reconciler, Reconciliation
from mortgage_fsm.ledger.schema import gateway_entries, payments
from mortgage_fsm.settings import Settings
from mortgage_fsm.wiring import Ledger, embedded_loans, open_ledger

LAST_FOUR = "9012"
LATER = timedelta(minutes=30)
"""After that long nothing that was begun can still arrive anywhere: what a gateway does not know then, it never will."""


def loan_of(caller: int) -> str:
    """The loan number of a caller."""
    return f"1000{caller:04d}"


def cents_of(caller: int) -> int:
    """What a caller wants to pay, once. No two want the same, so every cent that moved is somebody's."""
    return 100_00 + caller


def settings_at(url: str) -> Settings:
    """The settings of a worker on this database."""
    return Settings(_env_file=None, database_url=url)


def do_not_wait_for_the_disk() -> None:
    """In this process, from now on: SIGKILL leaves what was written to the kernel, and no test here pulls the plug."""
    sqlite._PRAGMAS = (*sqlite._PRAGMAS, "PRAGMA synchronous = OFF")


async def fill(url: str, callers: int) -> None:
    """Make the schema, and a loan for each caller."""
    database = Database(url)
    await migrations.ensure(database)
    async with database.transaction(patient=True) as connection:
        loans = embedded_loans(settings_at(url), database)
        await loans.keep(connection, [_loan(loan_of(each)) for each in range(callers)])
    await database.close()


def _loan(number: str) -> NewLoan:
    on_file = Instrument(Method.BANK_TRANSFER, f"checking-{number}", "checking account ending 6021")
    plain = replace(DEMO_LOANS[0].loan, number=number, payoff=900_000_00, instruments=(on_file,))
    return NewLoan(replace(plain, due_date=date(2030, 1, 1)), LAST_FOUR)


@asynccontextmanager
async def ledger_at(url: str, gateway: Any = None) -> AsyncIterator[Ledger]:
    """The ledger of a worker on this database, with this gateway or the embedded one."""
    async with open_ledger(settings_at(url)) as own:
        yield replace(own, gateway=gateway or own.gateway)


def later_reconciler(ledger: Ledger) -> Reconciler:
    """Reconciles as if it were half an hour later, when whatever was on its way has long arrived."""
    return Reconciler(
        database=ledger.database,
        payments=ledger.payments,
        gateway=ledger.gateway,
        recorder=ResolutionRecords(ledger.journal),
        loan_ref=ledger.references.loan_ref,
        clock=lambda: datetime.now(UTC) + LATER,
    )


async def reconcile(ledger: Ledger) -> Reconciliation:
    """Reconcile half an hour later."""
    return await later_reconciler(ledger).run()


@dataclass
class Truth:
    """What the gateway did, and what the ledger says that it did."""

    effects: Counter[int] = field(default_factory=Counter)
    """How often money moved, by US cents."""
    unknown: int = 0
    """Debits that the gateway made and the ledger does not have as accepted, by key and confirmation number: lost."""
    invented: int = 0
    """Payments that the ledger has as accepted and the gateway never made."""
    under_way: int = 0
    statuses: dict[int, list[str]] = field(default_factory=dict)
    """Of each caller's payments, by US cents."""
    records: int = 0

    @property
    def twice(self) -> list[int]:
        """What was paid more than once."""
        return [cents for cents, times in self.effects.items() if times > 1]


Made = set[tuple[str, str, int]]
"""Key, confirmation number and US cents of debits that a gateway made."""


async def made_by_embedded_gateway(connection: AsyncConnection) -> Made:
    """All that stands in its books as accepted."""
    entries = gateway_entries.c
    booked = select(entries.key, entries.confirmation, entries.cents).where(entries.confirmation.is_not(None))
    return {(key, confirmation, cents) for key, confirmation, cents in await connection.execute(booked)}


async def truth_of(ledger: Ledger, made: Made | None = None, *, whole: bool = True) -> Truth:
    """Hold the ledger against the gateway's own books, and check every chain of the log, replayed as well.

    Args:
        ledger: where the payments and the log are.
        made: every debit, where the gateway is not the embedded one.
        whole: all that was decided is in the log, so that it can be replayed.
    """
    truth = Truth()
    async with ledger.database.reading(patient=True) as connection:
        if made is None:
            made = await made_by_embedded_gateway(connection)
        ours = (await connection.execute(select(payments).order_by(payments.c.id))).all()
        records = [record async for record in ledger.journal.records(connection)]
    accepted = {(row.idempotency_key, row.confirmation, row.cents) for row in ours if row.status == "accepted"}
    truth.effects.update(cents for _, _, cents in made)
    truth.unknown, truth.invented = len(made - accepted), len(accepted - made)
    truth.under_way = sum(row.status in UNDER_WAY for row in ours)
    for row in ours:
        truth.statuses.setdefault(row.cents, []).append(row.status)
    assert check_chain(records) is None
    replay = Replay()
    for record in records if whole else ():
        replay.take(canonical(record).encode())
    truth.records = len(records)
    return truth
