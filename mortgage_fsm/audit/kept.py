"""Reads the records that are kept: as lines of an export, as a list of calls, and by loan."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.record import PURGES, RecordType
from mortgage_fsm.audit.schema import audit_records
from mortgage_fsm.errors import MortgageFsmError

_COLUMNS = ("call", "seq", "type", "ts", "loan_ref")


class KeptCall(NamedTuple):
    """One call, for a list."""

    call: str
    started: str
    ended: str | None
    """Time of its `call_ended`; None: there is none."""
    state: str
    """Where the path through the states has ended, or stands."""
    records: int


async def kept_lines(connection: AsyncConnection, call: str | None = None) -> AsyncGenerator[bytes, None]:
    """All records, or those of one call, in the order in which they were written: an export, without line breaks.

    What stands beside a record in its row to find it by, and is not what the record says, makes a line that does not
    verify: it would hide the record.
    """
    query = select(audit_records).order_by(audit_records.c.id)
    if call is not None:
        query = query.where(audit_records.c.call == call)
    async for row in await connection.stream(query):
        yield _line(row)


def _line(row: Any) -> bytes:
    try:
        body = json.loads(row.body)
        if all(getattr(row, name) == body.get(name) for name in _COLUMNS):
            return lines.written(row.body, row.hash).encode()
    except (ValueError, AttributeError, RecursionError):
        pass
    return b'{"problem":"a row that is not what its record says"}'


async def listed(connection: AsyncConnection, loan_ref: str | None = None) -> AsyncIterator[KeptCall]:
    """The calls, newest first; with a loan's reference, those in which that loan stood."""
    ends = select(
        audit_records.c.call,
        func.min(audit_records.c.id).label("first"),
        func.max(audit_records.c.seq).label("latest"),
        func.max(audit_records.c.ts).filter(audit_records.c.type == RecordType.CALL_ENDED.value).label("ended"),
    ).group_by(audit_records.c.call)
    if loan_ref is not None:
        found = select(audit_records.c.call).where(audit_records.c.loan_ref == loan_ref)
        ends = ends.where(audit_records.c.call.in_(found))
    each = ends.subquery()
    start, latest = audit_records.alias(), audit_records.alias()
    query = (
        select(each.c.call, start.c.ts, each.c.ended, latest.c.body, each.c.latest)
        .join(start, start.c.id == each.c.first)
        .join(latest, (latest.c.call == each.c.call) & (latest.c.seq == each.c.latest))
        .where(each.c.call != PURGES)
        .order_by(each.c.first.desc())
    )
    async for call, started, ended, body, last in await connection.stream(query):
        yield KeptCall(call, started, ended, await _state(connection, call, body), last + 1)


async def _state(connection: AsyncConnection, call: str, body: str) -> str:
    """Where a call stands after its latest record; a resolution tells of no state, so the one before it is asked."""
    record: dict[str, Any] = json.loads(body)
    state = record.get("state_to", record.get("state_from"))
    if state is not None:
        return str(state)
    query = (
        select(audit_records.c.body)
        .where(audit_records.c.call == call, audit_records.c.type != RecordType.RESOLUTION.value)
        .order_by(audit_records.c.seq.desc())
        .limit(1)
    )
    return await _state(connection, call, str(await connection.scalar(query)))


async def the_call(connection: AsyncConnection, beginning: str) -> str:
    """The id of the one call that begins so.

    Raises:
        MortgageFsmError: there is none, or there are several.
    """
    found = await _matching(connection, beginning) if re.fullmatch("[0-9a-f]{1,32}", beginning) else []
    if len(found) != 1:
        raise MortgageFsmError("several calls begin so" if found else "no call has this id")
    return found[0]


async def _matching(connection: AsyncConnection, beginning: str) -> list[str]:
    query = select(audit_records.c.call).where(audit_records.c.call.startswith(beginning, autoescape=True))
    return [str(call) for call in await connection.scalars(query.distinct().limit(2))]
