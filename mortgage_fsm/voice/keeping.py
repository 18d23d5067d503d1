"""Keeps the snapshot of one call as it goes on, gives signs of life, and finds out when the call is another process's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.snapshots import LostError, Place, Snapshots, Standing
from mortgage_fsm.machine import Call
from mortgage_fsm.machine.plain import as_plain

log = structlog.get_logger("mortgage_fsm.keeping")

BEAT_SECONDS: Final = 5.0
"""Between two signs of life."""


class Keeper:
    """The snapshot of one call, of which this process is the holder."""

    def __init__(self, call_id: str, snapshots: Snapshots, place: Place) -> None:
        self.call_id = call_id
        self._snapshots = snapshots
        self._place = place
        self._beating: asyncio.Task[None] | None = None
        self._written = False
        self.lost = asyncio.Event()
        """Set when another process holds the call: nothing that is decided here is written any more."""

    async def open(self, connection: AsyncConnection, call: Call, began: float) -> None:
        """The call has begun, so many seconds after the epoch; in the transaction of its first record."""
        moment = datetime.fromtimestamp(began, UTC)
        await self._snapshots.open(connection, self.call_id, self._place, standing(call, 0, 0), moment)

    async def keep(self, connection: AsyncConnection, call: Call, turn: int, attempts: int) -> None:
        """Something was decided; in the transaction of its record.

        Raises:
            LostError: the call is another process's.
        """
        with self._noticing():
            after = standing(call, turn, attempts)
            await self._snapshots.keep(connection, self.call_id, self._place.holder, after)
        self._written = True

    async def close(self, connection: AsyncConnection) -> None:
        """The call has ended; in the transaction of its last record.

        Raises:
            LostError: the call is another process's.
        """
        with self._noticing():
            await self._snapshots.close(connection, self.call_id, self._place.holder)

    def begin(self, seconds: float = BEAT_SECONDS) -> None:
        """Give signs of life, from now on."""
        self._beating = asyncio.ensure_future(self._beat(seconds))

    async def end(self) -> None:
        """Give no more of them."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)

    async def _beat(self, seconds: float) -> None:
        while not self.lost.is_set():
            self._written = False
            await asyncio.sleep(seconds)
            if self._written:
                continue  # a decision is a sign of life as well
            try:
                with self._noticing():
                    await self._snapshots.alive(self.call_id, self._place.holder)
            except (LostError, UnavailableError):
                continue  # lost; or it is the next one that tells

    @contextmanager
    def _noticing(self) -> Iterator[None]:
        try:
            yield
        except LostError:
            if not self.lost.is_set():
                log.warning("call_lost")
            self.lost.set()
            raise


def standing(call: Call, turn: int, attempts: int) -> Standing:
    """Where a call stands, as it is kept."""
    return Standing(str(call.state), as_plain(call), turn, attempts, call.ended)
