"""The journal: appends sealed records within the transaction of what they record, each only onto the one before it.

The head of a call that is kept in memory is a guess: its transaction may have been rolled back, or another process may
have gone on. So the insert itself asks whether that very record is there, and when it is not the head is read anew.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import bindparam, exc, exists, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.chain import START, Head, Sealed, Stamp, seal, whole
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import PURGES, RecordError, RecordType
from mortgage_fsm.audit.schema import audit_records
from mortgage_fsm.errors import MortgageFsmError

Clock = Callable[[], datetime]

_COLUMNS = Sealed._fields
_INSERT = insert(audit_records)
_OF_THE_CALL = audit_records.c.call == bindparam("new_call")
_INSERT_AFTER = insert(audit_records).from_select(
    list(_COLUMNS),
    select(*(bindparam(f"new_{name}", type_=audit_records.c[name].type) for name in _COLUMNS)).where(
        exists().where(
            _OF_THE_CALL, audit_records.c.seq == bindparam("prev_seq"), audit_records.c.hash == bindparam("prev_hash")
        ),
        ~exists().where(_OF_THE_CALL, audit_records.c.seq == bindparam("new_seq")),
    ),
)


class ForkedError(MortgageFsmError):
    """Another process wrote to this call's chain at the same time. Nothing of the transaction may be kept."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    """Writes and reads the records. One for each tenant of a process is enough; calls share it.

    Records reach the disk when the caller's transaction commits, and never without what they record.
    """

    def __init__(self, stamp: Stamp, clock: Clock = _utc_now) -> None:
        self._stamp = stamp
        self._clock = clock
        self._known: dict[str, tuple[Head, Stamp]] = {}

    async def append(self, connection: AsyncConnection, call: str, drafts: Sequence[Draft]) -> tuple[Sealed, ...]:
        """Seal these records onto the call's chain, in order.

        A call's first record is `call_started`; every later one carries the tenant that the call started with.

        Raises:
            RecordError: a draft is not of the schema, or the call has no records and this is no `call_started`.
            ForkedError: another process was faster, or the call has started already. Leave the transaction.
        """
        if not drafts:
            return ()
        moment = self._clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            sealed = await self._append(connection, call, drafts, moment)
        except exc.IntegrityError:
            self._known.pop(call, None)
            raise ForkedError("Another process wrote to the chain of this call.") from None
        if drafts[-1].type in {RecordType.CALL_ENDED, RecordType.RESOLUTION}:
            del self._known[call]
        return sealed

    async def _append(
        self, connection: AsyncConnection, call: str, drafts: Sequence[Draft], moment: str
    ) -> tuple[Sealed, ...]:
        if drafts[0].type is RecordType.CALL_STARTED:
            sealed = self._seal(call, drafts, moment, START, self._stamp)
            await connection.execute(_INSERT, [each._asdict() for each in sealed])
            return sealed
        head_and_stamp = self._known.get(call)
        if head_and_stamp is not None:
            sealed = self._seal(call, drafts, moment, *head_and_stamp)
            if await self._insert_after(connection, sealed):
                return sealed
        sealed = self._seal(call, drafts, moment, *await self._read(connection, call))
        if sealed[0].seq == 0:
            await connection.execute(_INSERT, [each._asdict() for each in sealed])
        elif not await self._insert_after(connection, sealed):
            raise ForkedError("Another process wrote to the chain of this call.")
        return sealed

    async def _insert_after(self, connection: AsyncConnection, sealed: tuple[Sealed, ...]) -> bool:
        """Insert these if the record that the first names as the one before it is there."""
        first, *rest = sealed
        values = {f"new_{name}": value for name, value in first._asdict().items()}
        values |= {"prev_seq": first.seq - 1, "prev_hash": json.loads(first.body)["prev"]}
        done = await connection.execute(_INSERT_AFTER, values)
        if done.rowcount != 1:
            return False
        if rest:
            await connection.execute(_INSERT, [each._asdict() for each in rest])
        return True

    async def _read(self, connection: AsyncConnection, call: str) -> tuple[Head, Stamp]:
        row = (
            await connection.execute(
                select(audit_records.c.seq, audit_records.c.hash, audit_records.c.body)
                .where(audit_records.c.call == call)
                .order_by(audit_records.c.seq.desc())
                .limit(1)
            )
        ).one_or_none()
        if row is None and call == PURGES:
            return START, self._stamp
        if row is None:
            raise RecordError("type", "a call begins with call_started")
        return Head(row.seq, row.hash), replace(self._stamp, tenant=json.loads(row.body)["tenant"])

    def _seal(self, call: str, drafts: Sequence[Draft], moment: str, head: Head, stamp: Stamp) -> tuple[Sealed, ...]:
        sealed = []
        for draft in drafts:
            one = seal(draft, call=call, ts=moment, stamp=stamp, head=head)
            head = Head(one.seq, one.hash)
            sealed.append(one)
        self._known[call] = (head, stamp)
        return tuple(sealed)

    async def records(self, connection: AsyncConnection, call: str | None = None) -> AsyncIterator[dict[str, object]]:
        """All records, or those of one call, in the order in which they were written, hashes included."""
        query = select(audit_records.c.body, audit_records.c.hash).order_by(audit_records.c.id)
        if call is not None:
            query = query.where(audit_records.c.call == call)
        async for body, digest in await connection.stream(query):
            yield whole(body, digest)
