"""Two workers on one ledger, full of calls, and one of them is killed: what becomes of callers, payments and processes."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from mortgage_fsm.ledger.import_file import COLUMNS
from tests.room.caller import Caller
from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.held_gateway import Book
from tests.room.house import House, new_room
from tests.room.payment import agree, agree_until, confirmation_in, up_to_the_yes
from tests.room.worker_process import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

CALLS = 20
LAST_FOUR = "7391"
ROW = {
    "ssn": LAST_FOUR,
    "amount_due": "1450.25",
    "due_date": "2030-04-01",
    "payoff": "98000",
    "bank_transfer": "checking account ending 5150",
    "bank_transfer_token": "tok_a5150",
}


@dataclass(frozen=True, slots=True)
class Guest:
    """A caller, and what only this one pays."""

    caller: Caller
    room: str
    loan: str
    cents: int


def loans(count: int) -> str:
    """A file of loans, for `loans import`."""
    rows = [{**ROW, "number": str(10_007_000 + each)} for each in range(count)]
    return "\n".join([",".join(COLUMNS), *(",".join(row.get(column, "") for column in COLUMNS) for row in rows), ""])


async def come_to_the_yes(guest: Guest) -> None:
    amount = f"${guest.cents // 100}.{guest.cents % 100:02}"
    await up_to_the_yes(guest.caller, amount, loan=guest.loan, last_four=LAST_FOUR)


async def until_it_is_sent(guest: Guest, book: Book) -> None:
    await agree_until(guest.caller, lambda: guest.cents in [cents for _, cents in book.lines()])


async def confirmed(guest: Guest) -> str:
    return confirmation_in(await guest.caller.hear("confirmation number"))


async def test_a_worker_killed_among_twenty_calls_costs_no_other_call_and_loses_or_doubles_no_payment(
    house: House, start_worker: StartWorker, tmp_path: Path
) -> None:
    server, book = house.own, Book(tmp_path)
    shared = {"MORTGAGE_FSM_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'shared.db'}", **book.settings}
    # A payment that is being sent waits for the test; that it takes long must not end the wait.
    shared["MORTGAGE_FSM_GATEWAY_TIMEOUT"] = "60"
    killed, spared = [await start_worker(**shared) for _ in range(2)]
    (tmp_path / "loans.csv").write_text(loans(CALLS), encoding="utf-8")
    await spared.run("loans", "import", str(tmp_path / "loans.csv"))
    evidence = Evidence(spared)
    async with AsyncExitStack() as line:
        guests = []
        for each in range(CALLS):
            room = new_room()
            caller = await line.enter_async_context(house.caller(room))
            guests.append(Guest(caller, room, str(10_007_000 + each), 10_000 + 101 * each))
            await house.dispatch(room)
        await asyncio.gather(*map(come_to_the_yes, guests))

        where = {job.room.name: job.state.worker_id for job in server.dispatch.jobs}
        first = server.workers.connected[0].id
        with_killed = [each for each in guests if where[each.room] == first]
        with_spared = [each for each in guests if where[each.room] != first]
        assert min(len(with_killed), len(with_spared)) >= CALLS // 4, "both have calls enough to tell"

        # Half of each worker's callers say yes, and their payments are made; only the answer is not there yet.
        paying = [*with_killed[::2], *with_spared[::2]]
        await asyncio.gather(*(until_it_is_sent(each, book) for each in paying))
        killed.process.kill()
        await asyncio.gather(*(each.caller.agent_is_gone() for each in with_killed))
        await until(lambda: not killed.living(), within=20)

        book.answer()
        heard = dict(zip(with_spared[::2], await asyncio.gather(*map(confirmed, with_spared[::2])), strict=True))
        late = with_spared[1::2]
        heard |= dict(zip(late, await asyncio.gather(*(agree(each.caller) for each in late)), strict=True))
    calls = await evidence.ended(len(with_spared))
    assert len(calls) == CALLS

    await spared.run("reconcile")
    payments = {each["amount_cents"]: each for each in await evidence.payments()}
    made = [*with_killed[::2], *with_spared]
    assert sorted(cents for _, cents in book.lines()) == sorted(each.cents for each in made), "each was sent once"
    assert len({key for key, _ in book.lines()}) == len(made)
    assert {cents: each["status"] for cents, each in payments.items()} == {each.cents: "accepted" for each in made}
    assert {each.cents: payments[each.cents]["confirmation"] for each in with_spared} == {
        each.cents: confirmation for each, confirmation in heard.items()
    }
