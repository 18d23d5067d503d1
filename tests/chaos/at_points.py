"""Whole calls, each in a process that kills itself with SIGKILL at a named point of paying, or of reconciling afterwards.

Run as a program, for it forks: `python -m tests.chaos.at_points URL` prints what came of each point.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from typing import Final

from mortgage_fsm.machine import State
from tests.chaos import forks
from tests.chaos.books import (
    cents_of,
    do_not_wait_for_the_disk,
    fill,
    later_reconciler,
    ledger_at,
    settings_at,
    truth_of,
)
from tests.chaos.calls import wanting_to_pay
from tests.chaos.forks import Tell, Work, die
from tests.chaos.points import RECONCILING, SUBMITTING, Point, struck
from tests.chaos.quiet import no_logs
from tests.stories.rehearsal import YES, shipped_knowledge

SECOND: Final = "this would be a second one"
AFTER_THE_EFFECT: Final = "the gateway has paid and not answered"
BEFORE_THE_EFFECT: Final = "the gateway is about to be asked"


@dataclass
class Struck:
    """What came of one caller."""

    died: list[bool]
    """Whether each process died where it was to: the one of the call, and the reconciling one."""
    said_after: str = ""
    """What the caller hears to the same wish in the next call, before anything is reconciled."""
    said_at_last: str = ""
    """The same when everything is reconciled."""
    statuses: list[str] = field(default_factory=list)
    """Of the caller's payments, in the end."""
    effects: int = 0


@dataclass
class Outcome:
    """What came of all of it."""

    callers: dict[str, Struck]
    unknown: int = 0
    invented: int = 0
    under_way: int = 0
    records: int = 0


def main(url: str) -> Outcome:
    """Play one caller for each point. `url`: an empty database."""
    no_logs()
    do_not_wait_for_the_disk()
    shipped_knowledge()
    points = _points()
    asyncio.run(fill(url, len(points)))
    struck_at = {}
    for caller, (name, (paying, reconciling)) in enumerate(points.items()):
        one = struck_at[name] = Struck([forks.run(_pay(url, caller, paying)).killed])
        one.said_after = forks.run(_call_again(url, caller)).told[-1]
        if reconciling is not None:
            one.died.append(forks.run(_reconcile(url, reconciling)).killed)
        forks.run(_reconcile(url, None))
        one.said_at_last = forks.run(_call_again(url, caller)).told[-1]
    outcome = Outcome(struck_at)
    asyncio.run(_count(url, outcome))
    return outcome


def _points() -> Mapping[str, tuple[Point, Point | None]]:
    """Each point of paying; and each of reconciling, after the gateway has paid and after it was never asked."""
    found: dict[str, tuple[Point, Point | None]] = {name: (point, None) for name, point in SUBMITTING.items()}
    for before in (AFTER_THE_EFFECT, BEFORE_THE_EFFECT):
        found |= {f"{before}; {name}": (SUBMITTING[before], point) for name, point in RECONCILING.items()}
    return found


def _pay(url: str, caller: int, point: Point) -> Work:
    async def pay(_: Tell) -> None:
        async with ledger_at(url) as ledger:
            call = await wanting_to_pay(settings_at(url), ledger, caller)
            with struck(point, die):
                await call.say(YES)

    return pay


def _call_again(url: str, caller: int) -> Work:
    """The same wish in another call: a yes, unless it is told that it would be a second payment."""

    async def call_again(tell: Tell) -> None:
        async with ledger_at(url) as ledger:
            call = await wanting_to_pay(settings_at(url), ledger, caller)
            if call.state is State.CONFIRMING and SECOND not in " ".join(call.spoken):
                await call.say(YES)
            await call.phone.close()
        tell(" ".join(call.spoken))

    return call_again


def _reconcile(url: str, point: Point | None) -> Work:
    async def reconcile(_: Tell) -> None:
        async with ledger_at(url) as ledger:
            with struck(point, die) if point is not None else nullcontext():
                await later_reconciler(ledger).run()

    return reconcile


async def _count(url: str, outcome: Outcome) -> None:
    async with ledger_at(url) as ledger:
        truth = await truth_of(ledger)
    for caller, one in enumerate(outcome.callers.values()):
        one.effects = truth.effects[cents_of(caller)]
        one.statuses = truth.statuses.get(cents_of(caller), [])
    outcome.unknown, outcome.invented = truth.unknown, truth.invented
    outcome.under_way, outcome.records = truth.under_way, truth.records


if __name__ == "__main__":
    print(json.dumps(asdict(main(sys.argv[1]))))
