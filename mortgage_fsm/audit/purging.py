"""Removes whole calls by age, and records each removal in a chain of its own, in the same transaction."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import PURGES, GatewayStatus, RecordType
from mortgage_fsm.audit.schema import audit_records
from mortgage_fsm.audit.sealing import timestamp
from mortgage_fsm.audit.store import Journal

BATCH = 100
"""Calls removed in one transaction: calls that are going on wait no longer than that takes."""

_UNDER_WAY = frozenset({GatewayStatus.SUBMITTING, GatewayStatus.UNRESOLVED})


async def old_calls(connection: AsyncConnection, older_than: timedelta, now: datetime) -> list[str]:
    """The calls that have ended and whose latest record is older than this, oldest first."""
    ended = func.count().filter(audit_records.c.type == RecordType.CALL_ENDED.value)
    query = (
        select(audit_records.c.call)
        .where(audit_records.c.call != PURGES)
        .group_by(audit_records.c.call)
        .having(func.max(audit_records.c.ts) < timestamp(now - older_than), ended > 0)
        .order_by(func.min(audit_records.c.id))
    )
    return [str(call) for call in await connection.scalars(query)]


async def purge(connection: AsyncConnection, journal: Journal, calls: list[str]) -> int:
    """Remove these calls within the transaction of `connection`. One with a payment under way is left.

    Returns:
        How many were removed.

    Raises:
        ForkedError: another process removes calls at the same time. Nothing may be kept.
        SQLAlchemyError: on a server, this role may not take the trigger away that forbids it: it is not the owner.
    """
    drafts = [draft for call in calls if (draft := await _removal(connection, call)) is not None]
    if not drafts:
        return 0
    removed = audit_records.c.call.in_([draft.purged_call for draft in drafts])
    server = connection.dialect.name == "postgresql"
    if server:  # for this transaction alone, and for the table's owner alone
        await connection.execute(text("ALTER TABLE audit_records DISABLE TRIGGER USER"))
    await journal.append(connection, PURGES, drafts)
    await connection.execute(delete(audit_records).where(removed))
    if server:
        await connection.execute(text("ALTER TABLE audit_records ENABLE TRIGGER USER"))
    return len(drafts)


async def _removal(connection: AsyncConnection, call: str) -> Draft | None:
    query = select(audit_records).where(audit_records.c.call == call).order_by(audit_records.c.seq)
    rows = (await connection.execute(query)).all()
    if not rows or _is_under_way([json.loads(row.body) for row in rows]):
        return None
    last = rows[-1]
    return Draft(
        type=RecordType.PURGED,
        purged_call=call,
        purged_hash=last.hash,
        purged_seq=last.seq,
        purged_ts=last.ts,
    )


def _is_under_way(records: list[dict[str, Any]]) -> bool:
    """Whether a payment of the call is still to be resolved: that is written onto the call's chain."""
    status = {each["payment_digest"]: each["gateway_status"] for each in records if "gateway_status" in each}
    return not _UNDER_WAY.isdisjoint(status.values())
