"""Closes calls that nobody goes on with: their process died, and their caller did not come back or must begin anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import MortgageFsmError, UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.snapshots import LostError, Snapshot, Snapshots
from mortgage_fsm.ledger.times import Clock, utc_now

ABANDONED, INTERRUPTED = "abandoned", "interrupted"
"""Why such a call ended, in its last record: nobody came back to it; its caller is there, in a call that began anew."""


class EndRecorder(Protocol):
    """Where the end of a call is written: the audit journal, behind a port because it is not the ledger's."""

    async def record(self, connection: AsyncConnection, call: str, state: str, reason: str) -> None:
        """Write the last record of a call within the transaction of `connection`."""
        ...


class Abandoned:
    """Ends calls whose holders are gone. A payment of theirs that is under way is `reconcile`'s, before or after.

    Args:
        after: for how long a holder gave no sign of life before the call counts as abandoned.
    """

    def __init__(
        self,
        database: Database,
        snapshots: Snapshots,
        recorder: EndRecorder,
        *,
        after: timedelta,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._snapshots = snapshots
        self._recorder = recorder
        self._after = after
        self._clock = clock

    async def run(self) -> int:
        """Close every call whose holder was silent for too long; how many were closed.

        Raises:
            UnavailableError: the database does not answer.
        """
        closed = 0
        for each in await self._snapshots.unseen_since(self._clock() - self._after):
            try:
                await self.close(each, ABANDONED)
            except (LostError, UnavailableError):
                continue  # its holder lives, or another run was faster; or the next run will
            except MortgageFsmError:  # one chain that is broken must not keep the others waiting
                continue
            closed += 1
        return closed

    async def close(self, found: Snapshot, reason: str) -> None:
        """Forget the call and write its last record. Whoever held it writes nothing of it any more.

        Raises:
            LostError: it has changed hands, or its holder has given a sign of life.
            UnavailableError: the database does not answer.
        """
        async with self._database.transaction() as connection:
            await self._snapshots.forget(connection, found)
            await self._recorder.record(connection, found.call, found.standing.state, reason)
