"""What a call has left behind, read from the worker's own database while it runs: payments and records."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

from mortgage_fsm.wiring import Ledger, open_ledger
from tests.room.server.seen import PATIENCE
from tests.room.worker_process import WorkerProcess

_LOOK_AGAIN_SECONDS = 0.05

Records = dict[str, list[dict[str, Any]]]
"""The records of each call, oldest first."""


async def listed_payments(worker: WorkerProcess) -> list[dict[str, Any]]:
    """What `python -m mortgage_fsm payments list --json` prints in the worker's folder."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mortgage_fsm",
        "payments",
        "list",
        "--json",
        cwd=worker.folder,
        env=worker.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    listed: list[dict[str, Any]] = json.loads(printed)
    return listed


async def payments(worker: WorkerProcess) -> list[dict[str, Any]]:
    """The same, without a process for it."""
    async with open_ledger(worker.settings) as ledger:
        listed: list[dict[str, Any]] = await ledger.payments.listing()
        return listed


async def _read(ledger: Ledger) -> Records:
    by_call: Records = {}
    async with ledger.database.reading() as connection:
        async for record in ledger.journal.records(connection):
            by_call.setdefault(str(record["call"]), []).append(record)
    return by_call


async def records_when(worker: WorkerProcess, holds: Callable[[Records], bool], *, within: float = PATIENCE) -> Records:
    """The records as soon as this is true of them.

    Raises:
        AssertionError: it was not, in time; with the records' types and the worker's log.
    """
    async with open_ledger(worker.settings) as ledger:
        found = await _read(ledger)
        try:
            async with asyncio.timeout(within):
                while not holds(found):  # noqa: ASYNC110 - another process writes them, and tells nobody
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                    found = await _read(ledger)
        except TimeoutError:
            types = {call: [each["type"] for each in kept] for call, kept in found.items()}
            raise AssertionError(f"not in the records, but: {types}\n{worker.log}") from None
    return found


def ended(count: int) -> Callable[[Records], bool]:
    """Whether so many calls have been recorded to their end."""
    return lambda found: sum(kept[-1]["type"] == "call_ended" for kept in found.values()) == count
