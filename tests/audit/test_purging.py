"""Retention: whole ended calls go by age, and that they went stays on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.checking import Checking
from mortgage_fsm.audit.kept import kept_lines, listed, the_call
from mortgage_fsm.audit.purging import old_calls, purge
from mortgage_fsm.audit.record import PURGES
from mortgage_fsm.audit.schema import audit_records
from mortgage_fsm.audit.sealing import Seal, made
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.machine import Trigger
from tests.audit.calls import BEGAN, KEY, STAMP, records
from tests.machine.conversation import LOAN, OTHER_LOAN, in_flight, locked, submitted, verifying

DAY = timedelta(days=1)
LATER = BEGAN + 10 * DAY


def at(moment: datetime) -> Journal:
    return Journal(STAMP, clock=lambda: moment)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    found = Database(url)
    await migrations.ensure(found)
    yield found
    await found.close()


async def keep(database: Database, *calls: list[Sealed]) -> None:
    async with database.transaction() as connection:
        for call in calls:
            await connection.execute(insert(audit_records), [each._asdict() for each in call])


async def exported(database: Database, *seals: Seal) -> Checking:
    checking = Checking(seals)
    async with database.reading() as connection:
        async for line in kept_lines(connection):
            if not checking.take(line):
                break
    return checking


async def purged(database: Database, older_than: timedelta) -> int:
    async with database.transaction() as connection:
        return await purge(connection, at(LATER), await old_calls(connection, older_than, LATER))


async def test_old_calls_go_and_each_removal_is_recorded_in_a_chain_of_its_own(database: Database) -> None:
    await keep(database, records(submitted(), 1), records(locked(), 2), records(submitted(), 60 * 24 * 9))
    assert await purged(database, 5 * DAY) == 2
    assert await purged(database, 5 * DAY) == 0
    checking = await exported(database)
    assert checking.holds
    assert {call.decode() for call in checking.chains.heads} == {f"{60 * 24 * 9:032x}", PURGES}
    assert await purged(database, DAY / 2) == 1
    assert (await exported(database)).chains.heads[PURGES.encode()].seq == 2


@pytest.mark.slow
async def test_after_a_removal_the_server_refuses_to_change_records_as_before(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("a file has no such trigger")
    await keep(database, records(submitted(), 1), records(locked(), 2))
    assert await purged(database, DAY) == 2
    with pytest.raises(MortgageFsmError):
        async with database.transaction() as connection:
            await connection.execute(audit_records.delete())
    assert (await exported(database)).holds


async def test_a_seal_from_before_says_purged_and_not_missing(database: Database) -> None:
    await keep(database, records(submitted(), 1), records(locked(), 2))
    before = await exported(database)
    seal = made(before.chains, before.starts, BEGAN + DAY, None)
    await purged(database, DAY)
    after = await exported(database, seal)
    assert after.holds
    assert len(after.comparisons[0].purged) == 2


@pytest.fixture
def rewritable(database: Database) -> Database:
    """Whoever may rewrite the table: a server's trigger forbids it to all others."""
    if not database.is_sqlite:
        pytest.skip("the server itself refuses")
    return database


async def test_a_removal_that_is_not_recorded_or_recorded_otherwise_is_missing(rewritable: Database) -> None:
    database = rewritable
    one, two = records(submitted(), 1), records(locked(), 2)
    await keep(database, one, two)
    before = await exported(database)
    seal = made(before.chains, before.starts, BEGAN + DAY, None)
    async with database.transaction() as connection:
        await connection.execute(audit_records.delete().where(audit_records.c.call == one[0].call))
    broken = await exported(database, seal)
    assert broken.wrong is not None
    assert one[0].call in broken.wrong


async def test_a_call_that_goes_on_or_has_a_payment_under_way_is_left(database: Database) -> None:
    unresolved = in_flight()
    unresolved.answered(Trigger.PAYMENT_UNRESOLVED)
    await keep(
        database,
        records(verifying(), 1, ended=False),
        records(unresolved, 2),
        records(in_flight(), 3),
    )
    assert await purged(database, DAY) == 0


async def test_calls_are_listed_newest_first_and_found_by_their_loan(database: Database) -> None:
    other = verifying()
    other.gives_loan(OTHER_LOAN)
    await keep(database, records(submitted(), 1), records(other, 2, ended=False), records(locked(), 3))
    await purged(database, 20 * DAY)
    async with database.reading() as connection:
        rows = [each async for each in listed(connection)]
        found = [each.call async for each in listed(connection, KEY.loan_ref(OTHER_LOAN))]
        first = [each.call async for each in listed(connection, KEY.loan_ref(LOAN))]
        assert await the_call(connection, f"{2:032x}") == f"{2:032x}"
        for beginning, why in (
            ("0", "several calls begin so"),
            ("%", "no call has this id"),
            ("", "no call has this id"),
        ):
            with pytest.raises(MortgageFsmError, match=why):
                await the_call(connection, beginning)
    assert [each.call for each in rows] == [f"{number:032x}" for number in (3, 2, 1)]
    assert [each.state for each in rows] == ["advising", "verifying", "submitted"]
    assert [each.ended is None for each in rows] == [False, True, False]
    assert [each.records for each in rows] == [len(locked().decisions) + 2, len(other.decisions) + 1, 10]
    assert found == [f"{2:032x}"]
    assert first == [f"{number:032x}" for number in (3, 2, 1)]


async def test_a_row_that_could_no_longer_be_found_by_its_loan_does_not_verify(rewritable: Database) -> None:
    database = rewritable
    await keep(database, records(submitted(), 1))
    for change in ({"loan_ref": "Z" * 26}, {"ts": "2020-01-01T00:00:00.000Z"}, {"body": "{}"}, {"body": "no JSON"}):
        async with database.transaction() as connection:
            before = (await connection.execute(audit_records.select().where(audit_records.c.seq == 4))).one()
            await connection.execute(audit_records.update().where(audit_records.c.seq == 4).values(change))
        broken = await exported(database)
        assert broken.fault is not None
        assert broken.fault.position == 4
        async with database.transaction() as connection:
            await connection.execute(audit_records.update().where(audit_records.c.seq == 4).values(before._asdict()))
    assert (await exported(database)).holds
