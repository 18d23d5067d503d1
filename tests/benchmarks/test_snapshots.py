"""What a snapshot adds to a decision: `python -m pytest -m benchmark -s tests/benchmarks/test_snapshots.py`."""

from __future__ import annotations

import secrets
import statistics
import time
from pathlib import Path

import pytest

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import HeardBy, Outcome, RecordType
from mortgage_fsm.ledger.snapshots import Place
from mortgage_fsm.machine import Call
from mortgage_fsm.voice.keeping import Keeper
from mortgage_fsm.wiring import open_ledger
from tests.machine.conversation import read_back
from tests.stories.rehearsal import settings_for

pytestmark = pytest.mark.benchmark

TIMES = 300
REFUSED = Draft(
    type=RecordType.EDGE_REFUSAL,
    turn=1,
    state_from="confirming",
    heard_by=HeardBy.RULES,
    outcome=Outcome.REFUSED,
    reason="not_heard",
)


async def _milliseconds(folder: Path, *, kept: bool) -> list[float]:
    """Of each of many transactions with one record in it, synced to the disk."""
    call, standing, times = secrets.token_hex(16), read_back().call, []
    async with open_ledger(settings_for(folder)) as ledger:
        keeper = Keeper(call, ledger.snapshots, Place(secrets.token_hex(13), "agent", "a" * 64))
        async with ledger.database.transaction() as connection:
            await keeper.open(connection, Call(), time.time())
            await ledger.journal.append(connection, call, [Draft(type=RecordType.CALL_STARTED, state_to="advising")])
        for _ in range(TIMES):
            began = time.perf_counter()
            async with ledger.database.transaction() as connection:
                if kept:
                    await keeper.keep(connection, standing, 5, 1)
                await ledger.journal.append(connection, call, [REFUSED])
            times.append(1000 * (time.perf_counter() - began))
    return times


async def test_a_decisions_transaction_with_and_without_a_snapshot(tmp_path: Path) -> None:
    medians: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(5):
        for kept in (False, True):
            medians[kept].append(statistics.median(await _milliseconds(tmp_path, kept=kept)))
    without, with_one = (statistics.median(medians[kept]) for kept in (False, True))
    print(f"\nmedian of 5 times {TIMES}: {without:.2f} ms without, {with_one:.2f} ms with a snapshot, on SQLite")
