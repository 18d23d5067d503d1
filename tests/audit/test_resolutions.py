"""Records of payments resolved outside their call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from mortgage_fsm.audit.chain import Stamp
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import RecordError
from mortgage_fsm.audit.resolutions import ResolutionRecords
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.heard import Method


@dataclass(frozen=True)
class Found:
    call: str
    loan_ref: str = "A" * 26
    digest: str = "B" * 26
    method: Method = Method.BANK_TRANSFER
    status: str = "accepted"
    confirmation: str | None = "MP-AA2BB3CC4D"


@pytest.fixture
def journal(stamp: Stamp) -> Journal:
    return Journal(stamp)


async def test_a_resolution_is_appended_to_the_chain_of_its_call_also_after_its_end(
    *, engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Callable[..., Draft], ended: Draft
) -> None:
    async with engine.begin() as connection:
        await journal.append(connection, call, [started, decision(), ended])
        await ResolutionRecords(journal).record(connection, Found(call))
        records = [each async for each in journal.records(connection)]
    assert check_chain(records) is None
    assert {name: records[-1][name] for name in ("type", "heard_by", "gateway_status", "confirmation")} == {
        "type": "resolution",
        "heard_by": "operator",
        "gateway_status": "accepted",
        "confirmation": "MP-AA2BB3CC4D",
    }


async def test_a_resolution_of_a_call_without_records_is_refused(
    engine: AsyncEngine, journal: Journal, call: str
) -> None:
    with pytest.raises(RecordError):
        async with engine.begin() as connection:
            await ResolutionRecords(journal).record(connection, Found(call))
