"""How a worker starts, loses its server or a process, and ends."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tests.room.caller import Caller
from tests.room.conftest import Office, StartWorker
from tests.room.evidence import Evidence
from tests.room.held_gateway import Book
from tests.room.house import House
from tests.room.payment import agree, agree_until, confirmation_in, pay, up_to_the_yes
from tests.room.server import faults
from tests.room.servicer import SETTINGS
from tests.room.watching import asked, becomes
from tests.room.worker_process import DEV, LIVEKIT_START, START, WorkerProcess, free_port, until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


def sentences(worker: WorkerProcess) -> list[str]:
    return [line for line in worker.log.splitlines() if line.startswith("mortgage_fsm: ")]


@pytest.mark.parametrize("command", [DEV, START], ids=["dev", "start"])
async def test_a_worker_with_a_wrong_secret_ends_at_once_with_one_sentence(
    house: House, start_worker: StartWorker, command: tuple[str, ...]
) -> None:
    wrong = {**SETTINGS, "LIVEKIT_API_SECRET": "another-secret-of-enough-characters"}
    worker = await start_worker(command, registers=False, **wrong)
    assert await worker.ended() == 1
    (sentence,) = sentences(worker)
    assert "key and secret" in sentence
    assert "Traceback" not in worker.log
    assert "another-secret" not in worker.log


async def test_a_worker_whose_port_another_process_has_ends_with_the_name_of_the_setting(
    house: House, start_worker: StartWorker
) -> None:
    with socket.socket() as other:
        other.bind(("", 0))
        other.listen()
        port = str(other.getsockname()[1])
        worker = await start_worker(START, registers=False, **{**SETTINGS, "MORTGAGE_FSM_WORKER_PORT": port})
        assert await worker.ended() == 1
    (sentence,) = sentences(worker)
    assert "MORTGAGE_FSM_WORKER_PORT" in sentence


async def test_a_development_worker_without_its_server_ends_at_once_with_one_sentence(
    start_worker: StartWorker,
) -> None:
    worker = await start_worker(registers=False, LIVEKIT_URL=f"ws://127.0.0.1:{free_port()}")
    assert await worker.ended() == 1
    (sentence,) = sentences(worker)
    assert "cannot be reached" in sentence
    assert "Traceback" not in worker.log


async def test_a_worker_whose_server_went_away_and_came_back_takes_calls_again(office: Office) -> None:
    server = office.house.own
    registered = len(server.seen.of("register"))
    await server.vanish()
    await becomes(office.health_port, 503, "livekit")
    await server.start()
    await server.seen.until(lambda: len(server.seen.of("register")) > registered)
    await becomes(office.health_port, 200)
    async with office.house.call() as caller:
        await pay(caller, "$52")
    await office.evidence.ended()


async def test_a_call_goes_on_while_its_worker_loses_the_connection(office: Office) -> None:
    server = office.house.own
    migrated = len(server.seen.of("migrate_job"))
    async with office.house.call() as caller:
        await up_to_the_yes(caller, "$53")
        faults.drop_worker(server.workers.connected[0])
        await server.seen.until(lambda: len(server.seen.of("migrate_job")) > migrated)
        await agree(caller)
        async with office.house.call() as next_caller:
            await next_caller.greeted()
    await office.evidence.ended(2)


async def test_a_worker_whose_job_process_is_killed_takes_the_next_call(office: Office) -> None:
    async with office.house.call() as caller:
        await up_to_the_yes(caller, "$54")
        (job,) = office.worker.jobs()
        job.kill()
        await caller.agent_is_gone()
        async with office.house.call() as next_caller:
            await pay(next_caller, "$60")
        (payment,) = await office.evidence.payments()
        assert payment["amount_cents"] == 6000
    calls = await office.evidence.ended()
    assert sorted(each[-1]["type"] == "call_ended" for each in calls) == [False, True]


async def until_it_is_submitting(caller: Caller, worker: WorkerProcess, book: Book) -> None:
    # Where the processors' load is all LiveKit knows, it waits until they are less busy.
    await caller.greeted(within=240)
    await up_to_the_yes(caller, "$50")
    await agree_until(caller, book.lines)


async def accepted(worker: WorkerProcess, book: Book) -> str:
    """That the one payment was made once and is known to be; its confirmation number."""
    [payment] = await Evidence(worker).payments()
    assert (payment["status"], [cents for _, cents in book.lines()]) == ("accepted", [5000])
    [records] = await Evidence(worker).ended()
    assert [each["trigger"] for each in records if "trigger" in each].count("payment_accepted") == 1
    return str(payment["confirmation"])


@pytest.mark.parametrize("command", [START, LIVEKIT_START], ids=["our start", "livekit start"])
async def test_a_worker_that_is_asked_to_end_finishes_its_calls_and_takes_no_more(
    house: House, start_worker: StartWorker, tmp_path: Path, command: tuple[str, ...]
) -> None:
    book, port = Book(tmp_path), free_port()
    worker = await start_worker(command, **{**SETTINGS, **book.settings}, MORTGAGE_FSM_HEALTH_PORT=str(port))
    await becomes(port, 200)
    assert "lk_agents" in (await asked(port, "/metrics"))[1]
    async with house.call() as caller:
        await until_it_is_submitting(caller, worker, book)
        worker.end()
        await worker.has_logged("draining")
        await becomes(port, 503)
        async with house.call() as late:
            book.answer()
            confirmation = confirmation_in(await caller.hear("confirmation number"))
            assert late.heard == []
    assert await worker.ended() == 0
    assert "transitions" not in worker.log, "the engine's own chatter says nothing that our records do not"
    assert await accepted(worker, book) == confirmation


async def test_a_worker_whose_patience_ends_with_its_calls_cuts_no_submission(
    house: House, start_worker: StartWorker, tmp_path: Path
) -> None:
    book = Book(tmp_path)
    worker = await start_worker(START, **{**SETTINGS, **book.settings}, MORTGAGE_FSM_DRAIN_SECONDS="1")
    async with house.call() as caller:
        await until_it_is_submitting(caller, worker, book)
        worker.end()
        await worker.has_logged("drain_timed_out")
        book.answer()
        assert await worker.ended() == 0
    await accepted(worker, book)


async def test_a_call_is_answered_although_moss_hangs(house: House, start_worker: StartWorker) -> None:
    knocked = asyncio.Event()

    async def never_answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        knocked.set()
        await reader.read()
        writer.close()

    black_hole = await asyncio.start_server(never_answers, "127.0.0.1", 0)
    port = black_hole.sockets[0].getsockname()[1]
    try:
        worker = await start_worker(
            MOSS_PROJECT_ID="project",
            MOSS_PROJECT_KEY="key",
            MOSS_INDEX_NAME="index",
            # In small letters: Moss asks this proxy, LiveKit only looks at the name in capitals.
            https_proxy=f"http://127.0.0.1:{port}",
        )
        async with house.call() as caller:
            await caller.greeted()
            await caller.say("What is an escrow account?")
            await caller.hear("escrow")
            await caller.say("I'd like to make a payment")
            await caller.hear("loan number")
        assert knocked.is_set()
        await Evidence(worker).ended()
    finally:
        black_hole.close()
    await until(lambda: not worker.jobs())
