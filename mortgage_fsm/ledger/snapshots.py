"""Snapshots of calls that are going on, each with the one holder who may write to it: whoever lost it finds out at once.

A call belongs to its holder. Everything that the holder writes of it goes through a statement that names the holder, in
the same transaction; after another process has taken the call over, nothing that the first one decides is written any
more, no payment is begun, and none of its answers counts: they are looked up by their key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.schema import call_snapshots
from mortgage_fsm.ledger.times import Clock, utc_now

_HELD = (call_snapshots.c.call == bindparam("of_call"), call_snapshots.c.holder == bindparam("held_by"))
_WRITE, _FORGET = update(call_snapshots).where(*_HELD), delete(call_snapshots).where(*_HELD)
# Made once: to put a statement together costs as much as to run it.


class LostError(MortgageFsmError):
    """Another process holds this call now, or it is closed. Leave the transaction."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call is held, by whom and on which terms."""

    room_ref: str
    holder: str
    terms: str
    """What must be the same for another process to go on with the call."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a call stands after a decision."""

    state: str
    facts: Mapping[str, Any] = field(repr=False)
    """All that is known in the call, as JSON values. The loan number is among them."""
    turn: int
    """Number of the caller's latest turn."""
    attempts: int
    """Identity attempts made in this call."""
    ended: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A call that is going on, as its latest decision left it."""

    call: str
    place: Place
    standing: Standing
    opened_at: datetime
    """When the call began, by its holder's clock: all times in it count from here."""
    seen_at: datetime
    """When its holder last gave a sign of life."""


class Snapshots:
    """The ledger's snapshots."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def open(
        self, connection: AsyncConnection, call: str, place: Place, standing: Standing, began: datetime
    ) -> None:
        """A call began: at that moment, which is before it is written here.

        Raises:
            ConflictError: at the end of the transaction; another call is going on in this room, or had this id.
        """
        row = {"call": call, "room_ref": place.room_ref, "terms": place.terms, "holder": place.holder}
        times = {"opened_at": began, "seen_at": self._clock()}
        await connection.execute(insert(call_snapshots).values(**row, **_columns(standing), **times))

    async def keep(self, connection: AsyncConnection, call: str, holder: str, standing: Standing) -> None:
        """Write where the call stands, in the transaction that records what led there.

        Raises:
            LostError: this holder holds it no more.
        """
        values = {**_columns(standing), "seen_at": self._clock()}
        _one(await connection.execute(_WRITE, _of(call, holder) | values))

    async def close(self, connection: AsyncConnection, call: str, holder: str) -> None:
        """Forget the call, in the transaction of its last record.

        Raises:
            LostError: this holder holds it no more.
        """
        _one(await connection.execute(_FORGET, _of(call, holder)))

    async def forget(self, connection: AsyncConnection, found: Snapshot) -> None:
        """Forget a call of another holder, who has given no sign of life since it was found.

        Raises:
            LostError: its holder has, or it has changed hands.
        """
        unseen = call_snapshots.c.seen_at == found.seen_at
        _one(await connection.execute(_FORGET.where(unseen), _of(found.call, found.place.holder)))

    async def alive(self, call: str, holder: str) -> None:
        """A sign of life of a call in which nothing happens.

        Raises:
            LostError: this holder holds it no more.
            UnavailableError: the database does not answer.
        """
        async with self._database.transaction() as connection:
            _one(await connection.execute(_WRITE, _of(call, holder) | {"seen_at": self._clock()}))

    async def take_over(self, found: Snapshot, holder: str) -> Snapshot:
        """Hold the call from now on, in place of whoever held it; the call as it was found, by this holder's clock.

        Where that is behind the clock of the holder before, the call counts as begun so much earlier by it: time goes
        on from the last sign of life.

        Raises:
            LostError: another process was faster.
            UnavailableError: the database does not answer.
        """
        now = self._clock()
        began = min(found.opened_at, now - (found.seen_at - found.opened_at))
        async with self._database.transaction() as connection:
            held = _of(found.call, found.place.holder)
            _one(await connection.execute(_WRITE, held | {"holder": holder, "opened_at": began, "seen_at": now}))
        return replace(found, opened_at=began)

    async def in_room(self, room_ref: str) -> Snapshot | None:
        """The call that is going on in a room, if one is. One that has ended and waits for an answer is none."""
        found = await self._select(call_snapshots.c.room_ref == room_ref, call_snapshots.c.ended.is_(False))
        return found[0] if found else None

    async def unseen_since(self, moment: datetime) -> list[Snapshot]:
        """The calls whose holders have given no sign of life since then, the longest first."""
        return await self._select(call_snapshots.c.seen_at < moment)

    async def _select(self, *where: ColumnElement[bool]) -> list[Snapshot]:
        query = select(call_snapshots).where(*where).order_by(call_snapshots.c.seen_at)
        async with self._database.reading() as connection:
            return [
                Snapshot(
                    call=row.call,
                    place=Place(row.room_ref, row.holder, row.terms),
                    standing=Standing(row.state, row.facts, row.turn, row.attempts, row.ended),
                    opened_at=row.opened_at,
                    seen_at=row.seen_at,
                )
                for row in await connection.execute(query)
            ]


def _columns(standing: Standing) -> dict[str, Any]:
    return {
        "state": standing.state,
        "facts": dict(standing.facts),
        "turn": standing.turn,
        "attempts": standing.attempts,
        "ended": standing.ended,
    }


def _of(call: str, holder: str) -> dict[str, Any]:
    return {"of_call": call, "held_by": holder}


def _one(done: Any) -> None:
    if done.rowcount != 1:
        raise LostError("This call is not held by this process.")
