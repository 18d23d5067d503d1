"""Which process a call is held by: a new one goes on with the call of its room only when nobody else does any more."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger.abandoned import INTERRUPTED
from mortgage_fsm.ledger.snapshots import LostError, Place, Snapshot
from mortgage_fsm.ledger.times import Clock, utc_now
from mortgage_fsm.machine import TABLE_HASH
from mortgage_fsm.machine.plain import FORM
from mortgage_fsm.spoken import VERSION
from mortgage_fsm.tenants import Tenant
from mortgage_fsm.voice.keeping import BEAT_SECONDS
from mortgage_fsm.wiring import Ledger, build_name

log = structlog.get_logger("mortgage_fsm.taking_over")

WATCHED_SECONDS: Final = 2.5 * BEAT_SECONDS
"""How long a holder who is still in the room may give no sign of life before it counts as dead."""
_LOOK_AGAIN_SECONDS = 0.2


class HeldElsewhereError(MortgageFsmError):
    """The call of this room is alive in another process."""


def place_of(ledger: Ledger, tenant: Tenant, *, room: str, caller: str, holder: str) -> Place:
    """Where a call is held. Room and caller are kept as one keyed reference: a room's name may be a telephone number.

    `holder` is this process's own identity in the room; no other process ever has it.
    """
    terms = json.dumps([FORM, tenant.id, tenant.config_hash, TABLE_HASH, build_name(), VERSION])
    return Place(ledger.references.room_ref(room, caller), holder, hashlib.sha256(terms.encode()).hexdigest())


async def take_over(
    ledger: Ledger,
    place: Place,
    is_there: Callable[[str], bool],
    limit: timedelta,
    *,
    watched: float = WATCHED_SECONDS,
    clock: Clock = utc_now,
) -> Snapshot | None:
    """The call that another process has left in this room, held by this one from now on; None: a call begins anew.

    One that cannot be gone on with is closed: it is held on other terms, or its holder's last sign of life is longer ago
    than the limit. A holder of whom `is_there` says that it is still in the room is watched first, for so many seconds.

    Raises:
        HeldElsewhereError: its holder is in the room and gives signs of life, or it changes hands again and again.
        UnavailableError: the database does not answer.
    """
    first: Snapshot | None = None
    until = asyncio.get_running_loop().time() + watched
    while (found := await ledger.snapshots.in_room(place.room_ref)) is not None:
        first = first or found
        if is_there(found.place.holder) and asyncio.get_running_loop().time() < until:
            if (found.call, found.place, found.seen_at) != (first.call, first.place, first.seen_at):
                raise HeldElsewhereError("This call is alive in another process.")
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            continue
        try:
            if found.place.terms == place.terms and clock() - found.seen_at <= limit:
                taken = await ledger.snapshots.take_over(found, place.holder)
                log.info("call_taken_over", call=found.call)
                return taken
            await ledger.abandoned.close(found, INTERRUPTED)
        except LostError:
            if asyncio.get_running_loop().time() >= until:
                raise HeldElsewhereError("This call changed hands again and again.") from None
            continue
        log.info("call_closed", call=found.call, reason=INTERRUPTED)
    return None
