"""Callbacks: who asked for a person when nobody could be reached, for the servicer's people to work off."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.heard import Reason
from mortgage_fsm.ledger.database import Database, insert_unless_there
from mortgage_fsm.ledger.schema import callbacks
from mortgage_fsm.ledger.times import Clock, as_text, utc_now


class Callbacks:
    """The ledger's callbacks. They hold no telephone number: the borrower's own is on file with the loan."""

    def __init__(self, database: Database, *, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def ask(self, connection: AsyncConnection, call: str, loan_ref: str | None, reason: Reason) -> None:
        """Note that this call is to be returned. Asked for twice for one reason, it stands once."""
        row = {"call": call, "loan_ref": loan_ref, "reason": reason.value, "asked_at": self._clock()}
        await insert_unless_there(connection, callbacks, row)

    async def done(self, number: int) -> bool:
        """The caller was called back. False: there is no such callback, or it was done before."""
        open_one = (callbacks.c.id == number, callbacks.c.done_at.is_(None))
        async with self._database.transaction() as connection:
            changed = await connection.execute(update(callbacks).where(*open_one).values(done_at=self._clock()))
        return changed.rowcount == 1

    async def waiting(self) -> list[dict[str, str | int | None]]:
        """All that wait to be called back, the longest first; `loan_ref` is null where no loan was named."""
        query = select(callbacks).where(callbacks.c.done_at.is_(None)).order_by(callbacks.c.asked_at, callbacks.c.id)
        async with self._database.reading() as connection:
            return [
                {
                    "id": row.id,
                    "call": row.call,
                    "loan_ref": row.loan_ref,
                    "reason": row.reason,
                    "asked_at": as_text(row.asked_at),
                }
                for row in await connection.execute(query)
            ]
