"""Ends of calls that their own processes could not write."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from mortgage_fsm.audit.chain import Stamp
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.endings import EndRecords
from mortgage_fsm.audit.record import RecordError
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.audit.verifying import check_chain


async def test_the_end_of_a_call_is_appended_by_another_process(
    engine: AsyncEngine, stamp: Stamp, call: str, started: Draft
) -> None:
    async with engine.begin() as connection:
        await Journal(stamp).append(connection, call, [started])
        journal = Journal(stamp)
        await EndRecords(journal).record(connection, call, "advising", "abandoned")
        records = [each async for each in journal.records(connection)]
    assert check_chain(records) is None
    assert [records[-1][name] for name in ("type", "state_to", "reason")] == ["call_ended", "advising", "abandoned"]


async def test_a_call_without_records_has_no_end(engine: AsyncEngine, stamp: Stamp, call: str) -> None:
    with pytest.raises(RecordError):
        async with engine.begin() as connection:
            await EndRecords(Journal(stamp)).record(connection, call, "advising", "abandoned")
