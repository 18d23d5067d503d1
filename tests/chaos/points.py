"""The named points of a submission and of a reconciliation, and how to do something there to the code as it is."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mortgage_fsm.audit.resolutions import ResolutionRecords
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.reconcile import Reconciler
from mortgage_fsm.voice.deciding import Decider
from mortgage_fsm.voice.desk import Desk
from mortgage_fsm.voice.recording import Recorder

Strike = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Point:
    """Just before or just after a method, the first time or the second."""

    owner: type
    method: str
    after: bool
    time: int = 1


def _before(owner: type, method: str, time: int = 1) -> Point:
    return Point(owner, method, after=False, time=time)


def _after(owner: type, method: str, time: int = 1) -> Point:
    return Point(owner, method, after=True, time=time)


INTENT: Mapping[str, Point] = {
    "the yes was heard, nothing is asked": _before(Desk, "find"),
    "the ledger was asked for the facts": _after(Desk, "find"),
    "the first transaction has begun": _before(Payments, "begin"),
    "the intent is written, not committed": _after(Payments, "begin"),
    "the intent and the record of the yes are written, not committed": _after(Journal, "append"),
    "the first transaction is committed": _after(Recorder, "write"),
}
GATEWAY: Mapping[str, Point] = {
    "the gateway is about to be asked": _before(EmbeddedGateway, "submit"),
    "the gateway has looked into its books": _after(EmbeddedGateway, "_booked"),
    "the gateway has made its entry, not committed": _after(EmbeddedGateway, "_book"),
    "the gateway has paid and not answered": _after(EmbeddedGateway, "submit"),
}
RESULT: Mapping[str, Point] = {
    "the answer has come": _after(Desk, "send"),
    "the second transaction has begun": _before(Payments, "settle"),
    "the result is written, not committed": _after(Payments, "settle"),
    "the result and the record of the answer are written, not committed": _after(Journal, "append", 2),
    "the second transaction is committed": _after(Recorder, "write", 2),
    "the answer is taken, and the caller not told": _after(Decider, "take_answer"),
}
SUBMITTING: Mapping[str, Point] = {**INTENT, **GATEWAY, **RESULT}
RECONCILING: Mapping[str, Point] = {
    "what is under way was listed": _after(Payments, "under_way"),
    "the look-up is about to be made": _before(EmbeddedGateway, "look_up"),
    "the look-up was answered": _after(EmbeddedGateway, "look_up"),
    "the transaction of the resolution has begun": _before(Payments, "settle"),
    "the resolution is written, not committed": _after(Payments, "settle"),
    "the resolution and its record are written, not committed": _after(ResolutionRecords, "record"),
    "the resolution is committed": _after(Reconciler, "_settle"),
}


@contextmanager
def struck(point: Point, strike: Strike) -> Iterator[None]:
    """Within the block `strike` is awaited at this point, once."""
    original = getattr(point.owner, point.method)
    came = 0

    @functools.wraps(original)
    async def watched(*given: Any, **named: Any) -> Any:
        nonlocal came
        came += 1
        mine = came == point.time
        if mine and not point.after:
            await strike()
        answer = await original(*given, **named)
        if mine and point.after:
            await strike()
        return answer

    setattr(point.owner, point.method, watched)
    try:
        yield
    finally:
        setattr(point.owner, point.method, original)
