"""The last record of a call whose own process could not write it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import RecordType
from mortgage_fsm.audit.store import Journal


class EndRecords:
    """One `call_ended` for each call that was closed from outside."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def record(self, connection: AsyncConnection, call: str, state: str, reason: str) -> None:
        """Append the record within the transaction of `connection`. `state`: where the call's records have left it.

        Raises:
            RecordError: the call has no records, or a value is not of the schema.
            ForkedError: another process wrote to the chain. Either way, nothing may be kept.
        """
        draft = Draft(type=RecordType.CALL_ENDED, state_to=state, reason=reason)
        await self._journal.append(connection, call, [draft])
