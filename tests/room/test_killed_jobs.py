"""Job processes killed with -9 in the middle of a call, and another agent dispatched to the caller who is still there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.room.caller import Caller
from tests.room.conftest import Office, StartWorker
from tests.room.evidence import Evidence
from tests.room.held_gateway import Book
from tests.room.house import House, new_room
from tests.room.payment import LAST_FOUR, LOAN, agree, agree_until, confirmation_in, up_to_the_yes
from tests.room.worker_process import WorkerProcess, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

SORRY = "cut off for a moment"


async def up_to_the_amount(caller: Caller) -> None:
    await caller.greeted()
    for said, heard in (
        ("I'd like to make a payment", "loan number"),
        (LOAN, "social security"),
        (LAST_FOUR, "how much"),
    ):
        await caller.say(said)
        await caller.hear(heard)


async def from_the_last_four(caller: Caller, amount: str) -> str:
    for said, heard in ((LAST_FOUR, "how much"), (amount, "checking account"), ("my bank account", "submit")):
        await caller.say(said)
        await caller.hear(heard)
    return await agree(caller)


def kill_the_job(worker: WorkerProcess) -> None:
    (job,) = worker.jobs()
    job.kill()


@pytest.mark.parametrize("waits", [True, False], ids=["once the dead agent is gone", "at once"])
async def test_a_caller_whose_job_is_killed_goes_on_with_another_agent_and_pays_once(
    office: Office, waits: bool
) -> None:
    room = new_room()
    async with office.house.call(room) as caller:
        await up_to_the_amount(caller)
        kill_the_job(office.worker)
        if waits:
            await caller.agent_is_gone()
        await office.house.dispatch(room)
        opening = await caller.hear(SORRY)
        assert "1 0 0 0, 4 4 7 1" in opening
        assert "how much" not in opening.lower()
        confirmation = await from_the_last_four(caller, "$55")
    (records,) = await office.evidence.ended()
    (payment,) = await office.evidence.payments()
    assert (payment["amount_cents"], payment["status"], payment["confirmation"]) == (5500, "accepted", confirmation)
    triggers = [each["trigger"] for each in records if "trigger" in each]
    assert triggers.count("call_resumed") == triggers.count("payment_accepted") == 1
    assert sum("thank you for calling" in each.lower() for each in caller.heard) == 1
    await office.worker.run("audit", "verify")
    await office.worker.run("audit", "replay")


async def test_a_payment_that_was_being_sent_when_the_job_was_killed_is_told_and_made_once(
    house: House, start_worker: StartWorker, tmp_path: Path
) -> None:
    book, room = Book(tmp_path), new_room()
    worker = await start_worker(**book.settings, MORTGAGE_FSM_GATEWAY_TIMEOUT="60")
    async with house.call(room) as caller:
        await up_to_the_yes(caller, "$56")
        await agree_until(caller, book.lines)
        kill_the_job(worker)
        await caller.agent_is_gone()
        await house.dispatch(room)
        confirmation = confirmation_in(await caller.hear(SORRY))
        await caller.say("what is escrow?")
        await caller.hear("escrow")
    (records,) = await Evidence(worker).ended()
    (payment,) = await Evidence(worker).payments()
    assert (payment["status"], payment["confirmation"]) == ("accepted", confirmation)
    assert [cents for _, cents in book.lines()] == [5600]
    triggers = [each["trigger"] for each in records if "trigger" in each]
    resumed = triggers.index("call_resumed")
    assert triggers[resumed - 1] == "payment_accepted", "what was sent is found out before anything else is decided"
    await worker.run("audit", "verify")
    await worker.run("audit", "replay")


async def test_an_agent_that_is_sent_to_a_caller_who_has_one_leaves_again(office: Office) -> None:
    room = new_room()
    async with office.house.call(room) as caller:
        await up_to_the_amount(caller)
        (first,) = office.worker.jobs()
        before = office.worker.log.count("call_is_held_elsewhere")
        await office.house.dispatch(room)
        await until(lambda: office.worker.log.count("call_is_held_elsewhere") > before)
        await until(lambda: [each.pid for each in office.worker.jobs()] == [first.pid])
        for said, heard in (("$57", "checking account"), ("my bank account", "submit")):
            await caller.say(said)
            await caller.hear(heard)
        await agree(caller)
        assert sum("thank you for calling" in each.lower() for each in caller.heard) == 1
    (records,) = await office.evidence.ended()
    assert "call_resumed" not in [each.get("trigger") for each in records]


async def test_a_job_that_hung_and_comes_to_itself_finds_its_call_taken_and_leaves_it_alone(office: Office) -> None:
    room = new_room()
    async with office.house.call(room) as caller:
        read_back = office.worker.log.count("read_back_finished")
        await up_to_the_yes(caller, "$58")
        # A process that hangs while it writes keeps a SQLite file locked: here it hangs when it has written.
        await until(lambda: office.worker.log.count("read_back_finished") > read_back)
        (first,) = office.worker.jobs()
        first.suspend()
        await office.house.dispatch(room)
        await caller.hear(SORRY)
        lost = office.worker.log.count("call_lost")
        first.resume()
        await until(lambda: office.worker.log.count("call_lost") > lost)
        await until(lambda: first.pid not in [each.pid for each in office.worker.jobs()])
        await caller.say(LAST_FOUR)
        await caller.hear("submit")
        await agree(caller)
    (records,) = await office.evidence.ended()
    (payment,) = await office.evidence.payments()
    assert (payment["amount_cents"], payment["status"]) == (5800, "accepted")
    assert [each["type"] for each in records].count("call_ended") == 1
    await office.worker.run("audit", "verify")
    await office.worker.run("audit", "replay")


async def test_a_call_that_nobody_came_back_to_is_closed_by_the_worker_itself(
    house: House, start_worker: StartWorker
) -> None:
    worker = await start_worker(MORTGAGE_FSM_RESUME_SECONDS="30", MORTGAGE_FSM_RECONCILE_SECONDS="1")
    async with house.call() as caller:
        await up_to_the_amount(caller)
        kill_the_job(worker)
        await caller.agent_is_gone()
    (records,) = await Evidence(worker).ended()
    assert (records[-1]["state_to"], records[-1]["reason"]) == ("amount", "abandoned")
