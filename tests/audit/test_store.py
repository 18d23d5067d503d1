"""The journal: a record is kept with what it records, only onto the one before it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from mortgage_fsm.audit.chain import Head, Stamp
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import RecordError
from mortgage_fsm.audit.schema import audit_records
from mortgage_fsm.audit.store import ForkedError, Journal
from mortgage_fsm.audit.verifying import check_chain

Make = Callable[..., Draft]


@pytest.fixture
def journal(stamp: Stamp) -> Journal:
    return Journal(stamp, clock=lambda: datetime(2026, 3, 10, 12, 0, 0, 5000, tzinfo=UTC))


async def kept(engine: AsyncEngine, journal: Journal, call: str | None = None) -> list[dict[str, Any]]:
    async with engine.begin() as connection:
        return [each async for each in journal.records(connection, call)]


async def append(engine: AsyncEngine, journal: Journal, call: str, *drafts: Draft) -> None:
    async with engine.begin() as connection:
        await journal.append(connection, call, drafts)


async def undone(engine: AsyncEngine, journal: Journal, call: str, *drafts: Draft) -> None:
    async with engine.begin() as connection:
        for draft in drafts:
            await journal.append(connection, call, [draft])
        raise ZeroDivisionError


async def test_records_of_a_call_form_a_chain(
    *, engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make, ended: Draft
) -> None:
    await append(engine, journal, call, started)
    await append(engine, journal, call, decision(), decision(turn=5))
    await append(engine, journal, call, ended)
    records = await kept(engine, journal)
    assert [each["seq"] for each in records] == [0, 1, 2, 3]
    assert {each["ts"] for each in records} == {"2026-03-10T12:00:00.005Z"}
    assert check_chain(records) is None


async def test_a_record_goes_with_its_transaction_and_the_chain_goes_on_unbroken(
    engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make
) -> None:
    await append(engine, journal, call, started)
    for turns in ((1,), (2, 3), (4,)):
        with pytest.raises(ZeroDivisionError):
            await undone(engine, journal, call, *(decision(turn=turn) for turn in turns))
        await append(engine, journal, call, decision(turn=50 + turns[0]))
    records = await kept(engine, journal)
    assert [each.get("turn") for each in records] == [None, 51, 52, 54]
    assert check_chain(records) is None


async def test_a_call_whose_start_was_rolled_back_can_start(
    engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make
) -> None:
    with pytest.raises(ZeroDivisionError):
        await undone(engine, journal, call, started)
    with pytest.raises(RecordError, match="call_started"):
        await append(engine, journal, call, decision())
    await append(engine, journal, call, started, decision())
    assert check_chain(await kept(engine, journal)) is None


async def test_a_call_goes_on_in_another_process_with_its_tenant(
    *, engine: AsyncEngine, journal: Journal, stamp: Stamp, call: str, started: Draft, decision: Make
) -> None:
    first = Journal(Stamp(stamp.key_id, stamp.machine, stamp.build, "acme"))
    await append(engine, first, call, started)
    await append(engine, journal, call, decision(turn=1))
    await append(engine, first, call, decision(turn=2))
    await append(engine, journal, call, decision(turn=3))
    records = await kept(engine, journal)
    assert [each.get("turn") for each in records] == [None, 1, 2, 3]
    assert {each["tenant"] for each in records} == {"acme"}
    assert check_chain(records) is None


async def test_a_call_does_not_start_twice(engine: AsyncEngine, journal: Journal, call: str, started: Draft) -> None:
    await append(engine, journal, call, started)
    with pytest.raises(ForkedError) as caught:
        await append(engine, journal, call, started)
    assert caught.value.__suppress_context__
    assert len(await kept(engine, journal)) == 1


async def test_a_bad_draft_writes_nothing_of_its_batch(
    engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make
) -> None:
    await append(engine, journal, call, started)
    with pytest.raises(RecordError, match="turn"):
        await append(engine, journal, call, decision(), decision(turn=-1))
    await append(engine, journal, call, decision())
    records = await kept(engine, journal)
    assert [each["seq"] for each in records] == [0, 1]
    assert check_chain(records) is None


async def test_records_of_one_call_can_be_asked_for(
    engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make
) -> None:
    for each in (call, "b2" * 16):
        await append(engine, journal, each, started)
    await append(engine, journal, call, decision())
    assert [each["call"] for each in await kept(engine, journal, call)] == [call, call]
    assert len(await kept(engine, journal)) == 3


async def test_many_calls_at_once_keep_their_chains_apart(
    engine: AsyncEngine, journal: Journal, started: Draft, decision: Make, ended: Draft
) -> None:
    one_writer = asyncio.Lock()

    async def whole_call(number: int) -> None:
        for draft in (started, *(decision(turn=turn) for turn in range(5)), ended):
            async with one_writer:
                await append(engine, journal, f"{number:032x}", draft)

    await asyncio.gather(*(whole_call(number) for number in range(1, 11)))
    records = await kept(engine, journal)
    assert len(records) == 70
    assert check_chain(records) is None


async def test_what_is_kept_is_exactly_what_was_hashed_and_can_be_found_by_loan(
    engine: AsyncEngine, journal: Journal, call: str, started: Draft, decision: Make
) -> None:
    async with engine.begin() as connection:
        sealed = await journal.append(connection, call, [started, decision()])
        rows = (await connection.execute(select(audit_records).order_by(audit_records.c.id))).all()
    assert [(row.call, row.seq, row.type, row.ts, row.loan_ref, row.hash, row.body) for row in rows] == list(sealed)
    assert rows[1].loan_ref == "A" * 26


async def test_nothing_to_append_is_nothing(engine: AsyncEngine, journal: Journal, call: str) -> None:
    await append(engine, journal, call)
    async with engine.begin() as connection:
        assert await connection.scalar(select(func.count()).select_from(audit_records)) == 0


async def test_a_record_is_not_written_onto_one_that_is_not_there(
    engine: AsyncEngine, stamp: Stamp, call: str, started: Draft, decision: Make
) -> None:
    class Misled(Journal):
        async def _read(self, connection: AsyncConnection, call: str) -> tuple[Head, Stamp]:
            return Head(0, "f" * 64), stamp

    await append(engine, Journal(stamp), call, started)
    with pytest.raises(ForkedError):
        await append(engine, Misled(stamp), call, decision())
    assert len(await kept(engine, Journal(stamp))) == 1


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.slow
async def test_of_many_processes_that_go_on_with_one_call_at_once_each_record_has_one_place(
    *, engine: AsyncEngine, stamp: Stamp, call: str, started: Draft, decision: Make
) -> None:
    """A server lets them all in; the chain does not."""
    await append(engine, Journal(stamp), call, started)

    async def go_on(turn: int) -> bool:
        try:
            await append(engine, Journal(stamp), call, decision(turn=turn))
        except ForkedError:
            return False
        return True

    written = await asyncio.gather(*(go_on(turn) for turn in range(30)))
    records = await kept(engine, Journal(stamp))
    assert 1 <= sum(written) < 30
    assert len(records) == 1 + sum(written)
    assert check_chain(records) is None
