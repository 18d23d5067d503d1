"""What calls have left behind, read from the worker's own database while it runs: payments and records."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from mortgage_fsm.wiring import Ledger, open_ledger
from tests.room.server.seen import PATIENCE
from tests.room.worker_process import WorkerProcess

_LOOK_AGAIN_SECONDS = 0.05

Record = dict[str, Any]


class Evidence:
    """The calls of one worker since `begin`, so that tests may share it."""

    def __init__(self, worker: WorkerProcess) -> None:
        self.worker = worker
        self._earlier: set[str] = set()

    async def begin(self) -> None:
        """Leave out whatever there is by now."""
        async with open_ledger(self.worker.settings) as ledger:
            self._earlier |= set(await self._calls(ledger))

    async def payments(self) -> list[Record]:
        """What was submitted, newest first."""
        async with open_ledger(self.worker.settings) as ledger:
            return [each for each in await ledger.payments.listing() if each["call"] not in self._earlier]

    async def listed_payments(self) -> list[Record]:
        """The same, as `python -m mortgage_fsm payments list --json` prints it in the worker's folder."""
        printed = await self.worker.run("payments", "list", "--json")
        return [each for each in json.loads(printed) if each["call"] not in self._earlier]

    async def ended(self, count: int = 1) -> list[list[Record]]:
        """The records of each call, oldest first, once so many calls have been recorded to their end.

        Raises:
            AssertionError: they were not, in time; with the records' types and the worker's log.
        """
        return await self._when(lambda calls: sum(each[-1]["type"] == "call_ended" for each in calls) == count)

    async def _when(self, holds: Callable[[list[list[Record]]], bool]) -> list[list[Record]]:
        async with open_ledger(self.worker.settings) as ledger:
            calls = list((await self._calls(ledger)).values())
            try:
                async with asyncio.timeout(PATIENCE):
                    while not holds(calls):
                        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
                        calls = list((await self._calls(ledger)).values())
            except TimeoutError:
                types = [[each["type"] for each in call] for call in calls]
                raise AssertionError(f"not in the records, but: {types}\n{self.worker.log}") from None
        return calls

    async def _calls(self, ledger: Ledger) -> dict[str, list[Record]]:
        calls: dict[str, list[Record]] = {}
        async with ledger.database.reading() as connection:
            async for record in ledger.journal.records(connection):
                if record["call"] not in self._earlier:
                    calls.setdefault(str(record["call"]), []).append(record)
        return calls
