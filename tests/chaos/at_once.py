"""The same confirmations, given at the same time again and again, by several processes that know nothing of each other.

Run as a program, for it forks: `python -m tests.chaos.at_once URL PAYMENTS PROCESSES COPIES` prints what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any

from mortgage_fsm.ledger import postgresql, sqlite
from tests.chaos import forks
from tests.chaos.books import do_not_wait_for_the_disk, fill, later_reconciler, ledger_at, truth_of
from tests.chaos.forks import Tell, Work
from tests.chaos.payers import Payer
from tests.chaos.quiet import no_logs

PATIENT = 60.0
"""Seconds for a transaction: a machine that is too busy would have everybody refused, and nothing would be tried."""
HEAD_START = 2.0
"""Seconds in which every process is there: then all begin."""


def main(url: str, payments: int, processes: int, copies: int) -> dict[str, Any]:
    """Confirm each of so many payments `processes` times `copies` times. `url`: an empty database."""
    no_logs()
    do_not_wait_for_the_disk()
    postgresql.ANSWER_SECONDS = sqlite.BUSY_SECONDS = PATIENT
    asyncio.run(fill(url, payments))
    payers = asyncio.run(_at_confirm(url, payments))
    work = _confirm_all(payers, copies, time.time() + HEAD_START)
    forks.wait([forks.start(work) for _ in range(processes)])
    return asyncio.run(_count(url))


async def _at_confirm(url: str, payments: int) -> list[Payer]:
    async with ledger_at(url) as ledger:
        payers = [Payer(ledger, each) for each in range(payments)]
        for each in payers:
            await each.stands_at_confirm()
    return payers


def _confirm_all(payers: list[Payer], copies: int, begin: float) -> Work:
    async def confirm_all(_: Tell) -> None:
        await asyncio.sleep(max(begin - time.time(), 0.0))
        for payer in payers:
            await asyncio.gather(*(each.says_yes() for each in await payer.twins(copies)))
        await payers[0].ledger.database.close()

    return confirm_all


async def _count(url: str) -> dict[str, Any]:
    async with ledger_at(url) as ledger:
        before = await truth_of(ledger, whole=False)
        await later_reconciler(ledger).run()
        truth = await truth_of(ledger, whole=False)
    return {
        "effects": truth.effects.total(),
        "loans": len(truth.effects),
        "unknown": truth.unknown,
        "invented": truth.invented,
        "under_way_before": before.under_way,
        "under_way": truth.under_way,
        "statuses": Counter(status for each in truth.statuses.values() for status in each),
        "records": truth.records,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:]))))
