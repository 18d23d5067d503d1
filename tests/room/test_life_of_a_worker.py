"""How a worker starts, loses its server or a process, and ends."""

from __future__ import annotations

import asyncio
import fcntl
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House, new_room
from tests.room.payment import agree, pay, up_to_the_yes
from tests.room.server import faults
from tests.room.servicer import SETTINGS
from tests.room.worker_process import DEV, LIVEKIT_START, START, WorkerProcess, until

pytestmark = pytest.mark.slow

LIVEKITS_PORT = 8081


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


@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_a_development_worker_without_its_server_ends_at_once_with_one_sentence(
    start_worker: StartWorker, closed_port: int
) -> None:
    worker = await start_worker(registers=False, LIVEKIT_URL=f"ws://127.0.0.1:{closed_port}")
    assert await worker.ended() == 1
    (sentence,) = sentences(worker)
    assert "cannot be reached" in sentence
    assert "Traceback" not in worker.log


async def test_a_worker_whose_server_went_away_and_came_back_takes_calls_again(
    house: House, worker: WorkerProcess
) -> None:
    server = house.own
    await server.vanish()
    await server.start()
    await server.seen.until(lambda: len(server.seen.of("register")) == 2)
    async with house.call() as caller:
        await pay(caller, "$50")
    await Evidence(worker).ended()


async def test_a_call_goes_on_while_its_worker_loses_the_connection(house: House, worker: WorkerProcess) -> None:
    server = house.own
    async with house.call() as caller:
        await up_to_the_yes(caller, "$50")
        faults.drop_worker(server.workers.connected[0])
        await server.seen.until(lambda: server.seen.of("migrate_job"))
        await agree(caller)
        async with house.call() as next_caller:
            await next_caller.greeted()
    await Evidence(worker).ended(2)


async def test_a_worker_whose_job_process_is_killed_takes_the_next_call(house: House, worker: WorkerProcess) -> None:
    room = new_room()
    async with house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        (job,) = worker.jobs()
        job.kill()
        await caller.agent_is_gone()
        async with house.call() as next_caller:
            await pay(next_caller, "$60")
        (payment,) = await Evidence(worker).payments()
        assert payment["amount_cents"] == 6000
    calls = await Evidence(worker).ended()
    assert sorted(each[-1]["type"] == "call_ended" for each in calls) == [False, True]


def nothing_listens_on(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def livekits_own_port() -> Iterator[None]:
    """LiveKit's workers tell their health on one fixed port: one test at a time, on the whole machine."""
    with (Path(tempfile.gettempdir()) / f"room-tests-{LIVEKITS_PORT}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("livekits_own_port")
@pytest.mark.parametrize("command", [START, LIVEKIT_START], ids=["our start", "livekit start"])
async def test_a_worker_that_is_asked_to_end_finishes_its_calls_and_takes_no_more(
    house: House, start_worker: StartWorker, command: tuple[str, ...]
) -> None:
    await until(lambda: nothing_listens_on(LIVEKITS_PORT))
    worker = await start_worker(command, **SETTINGS)
    async with house.call() as caller:
        # Where the processors' load is all LiveKit knows, it waits until they are less busy.
        await caller.greeted(within=240)
        await up_to_the_yes(caller, "$50")
        worker.end()
        await worker.has_logged("draining")
        async with house.call() as late:
            confirmation = await agree(caller)
            (payment,) = await Evidence(worker).payments()
            assert payment["confirmation"] == confirmation
            assert late.heard == []
    assert await worker.ended() == 0
    assert "transitions" not in worker.log, "the engine's own chatter says nothing that our records do not"
    await Evidence(worker).ended()


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
