"""Callers pay, each in a process that is killed with SIGKILL at a random instant; they call again; all is counted.

Run as a program, for it forks: `python -m tests.chaos.at_random URL ours|naive KILLS SEED` prints what came of it.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from sqlalchemy import select

from mortgage_fsm.ledger.schema import meta, payments
from mortgage_fsm.wiring import Ledger
from tests.chaos import forks
from tests.chaos.books import (
    cents_of,
    do_not_wait_for_the_disk,
    fill,
    later_reconciler,
    ledger_at,
    made_by_embedded_gateway,
    truth_of,
)
from tests.chaos.forks import READY, Tell, Work
from tests.chaos.payers import NOTE, Caller, NaivePayer, Payer, Told
from tests.chaos.quiet import no_logs

KINDS: Final[dict[str, type[Payer | NaivePayer]]] = {"ours": Payer, "naive": NaivePayer}
BATCH = 25
"""Callers that are brought to their yes before the first of them says it: well within the time in which it counts."""
MOST = 5_000
"""Callers there may be."""
NOT_KILLED = 2
"""Callers of each batch who are let be, to see how long a yes takes just now."""
LONGER = 1.05
"""Instants lie between the yes and this many times what it takes, so that some come too late."""
TRIES = 4
"""How often the same yes is said, each time in another process, as long as nothing of it was written down."""
BEGUN = "begun"


@dataclass
class Outcome:
    """What came of all of it."""

    callers: int = 0
    killed: int = 0
    where: dict[str, int] = field(default_factory=dict)
    """How far the payments had come when their processes were dead and nothing was repaired yet."""
    reconcilers_killed: int = 0
    told_wrongly: int = 0
    """Callers who had been told that they had paid, and had not."""
    paid_once: int = 0
    paid_twice: int = 0
    never_paid: int = 0
    unknown: int = 0
    invented: int = 0
    under_way: int = 0
    records: int = 0
    """Of the log, all verified and replayed."""


def main(url: str, kind: str, kills: int, seed: int) -> Outcome:
    """Play callers until so many processes were killed.

    Args:
        url: an empty database.
        kind: `ours` or `naive`.
        seed: of the instants.
    """
    no_logs()
    do_not_wait_for_the_disk()
    asyncio.run(fill(url, MOST))
    chance, outcome = random.Random(seed), Outcome()
    took: list[float] = []
    while outcome.killed < kills:
        ready = asyncio.run(_come_to_confirm(url, kind, range(outcome.callers, outcome.callers + BATCH)))
        outcome.callers += BATCH
        told = {}
        gc.freeze()  # or each process would copy all that the collector looks at
        for caller in ready:
            if caller in ready[:NOT_KILLED]:
                ended = forks.run(_yes_of(caller))
                took.append(ended.seconds)
                told[caller.caller] = ended.told
            else:
                longest = LONGER * statistics.median(took[-2 * NOT_KILLED :])
                told[caller.caller] = _killed_again_and_again(caller, chance, longest, outcome)
        asyncio.run(_look(url, told, outcome))
        again = asyncio.run(_call_again(url, kind, [each for each, lines in told.items() if Told.PAID not in lines]))
        if kind == "ours":
            outcome.reconcilers_killed += forks.run(_reconcile(url), kill_after=chance.uniform(0.0, 0.1)).killed
            forks.run(_reconcile(url))
        if left := asyncio.run(_call_again(url, kind, again)):
            raise RuntimeError(f"whatever was under way is resolved: a caller who calls again must be told, not {left}")
    asyncio.run(_count(url, kind, outcome))
    return outcome


def _killed_again_and_again(caller: Caller, chance: random.Random, longest: float, outcome: Outcome) -> list[str]:
    for number in range(TRIES):
        ended = forks.run(_yes_of(caller, again=number > 0), kill_after=chance.uniform(0.0, longest))
        outcome.killed += ended.killed
        if ended.told:
            return [each for each in ended.told if each != BEGUN]
    return []


async def _come_to_confirm(url: str, kind: str, batch: Sequence[int]) -> list[Caller]:
    async with ledger_at(url) as ledger:
        ready: list[Caller] = [KINDS[kind](ledger, each) for each in batch]
        if turned_away := Counter([told for caller in ready if (told := await caller.comes_to_confirm())]):
            raise RuntimeError(f"a caller who has not paid yet must come to confirm, and hears {dict(turned_away)}")
    return ready


def _yes_of(caller: Caller, *, again: bool = False) -> Work:
    async def says_yes(tell: Tell) -> None:
        if again and await caller.is_begun():
            tell(BEGUN)
            return
        async with caller.ledger.database.reading():  # a call has its connection long before
            pass
        tell(READY)
        tell(await caller.says_yes())
        await caller.ledger.database.close()

    return says_yes


def _reconcile(url: str) -> Work:
    async def reconcile(tell: Tell) -> None:
        async with ledger_at(url) as ledger:
            tell(READY)
            await later_reconciler(ledger).run()

    return reconcile


async def _call_again(url: str, kind: str, callers: Iterable[int]) -> dict[int, Told]:
    """Those who were not told that they have paid try again, each in a new call; what those hear who still are not."""
    async with ledger_at(url) as ledger:
        heard = {caller: await _whole_call(KINDS[kind](ledger, caller)) for caller in callers}
    return {caller: told for caller, told in heard.items() if told is not Told.PAID}


async def _whole_call(caller: Caller) -> Told:
    return await caller.comes_to_confirm() or await caller.says_yes()


async def _standing(ledger: Ledger) -> tuple[Counter[int], dict[int, str]]:
    """By US cents: how often it was paid, and what is written down of it."""
    async with ledger.database.reading() as connection:
        made = await made_by_embedded_gateway(connection)
        written = {row.cents: row.status for row in await connection.execute(select(payments).order_by(payments.c.id))}
        naive = await connection.scalars(select(meta.c.name).where(meta.c.name.startswith(NOTE)))
        written |= {cents_of(int(name.removeprefix(NOTE))): "accepted" for name in naive}
    return Counter(cents for _, _, cents in made), written


async def _look(url: str, told: dict[int, list[str]], outcome: Outcome) -> None:
    async with ledger_at(url) as ledger:
        paid, written = await _standing(ledger)
    for caller, lines in told.items():
        cents = cents_of(caller)
        said = ", told so" if lines else ""
        here = f"{written.get(cents, 'nothing')} written, {'' if paid[cents] else 'not '}paid{said}"
        outcome.where[here] = outcome.where.get(here, 0) + 1
        outcome.told_wrongly += Told.PAID in lines and not paid[cents]


async def _count(url: str, kind: str, outcome: Outcome) -> None:
    async with ledger_at(url) as ledger:
        paid, _ = await _standing(ledger)
        times = Counter(paid[cents_of(caller)] for caller in range(outcome.callers))
        outcome.never_paid, outcome.paid_once = times.pop(0, 0), times.pop(1, 0)
        outcome.paid_twice = times.total()
        if kind == "ours":
            truth = await truth_of(ledger)
            outcome.unknown, outcome.invented = truth.unknown, truth.invented
            outcome.under_way, outcome.records = truth.under_way, truth.records


if __name__ == "__main__":
    print(json.dumps(asdict(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))))
