"""A house to hold calls in, and workers in processes of their own; both are gone when the test is over.

`office` is for tests that need nothing but calls: one house and one worker for all tests of a file, because a worker
takes seconds to start. Each test sees only the evidence of its own calls.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.room.evidence import Evidence
from tests.room.house import House, open_house
from tests.room.worker_process import DEV, WorkerProcess

StartWorker = Callable[..., Awaitable[WorkerProcess]]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@pytest.fixture
async def start_worker(house: House, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers: `await start_worker(**settings)`; all of them are ended after the test."""
    started: list[WorkerProcess] = []

    async def start(command: tuple[str, ...] = DEV, *, registers: bool = True, **settings: str) -> WorkerProcess:
        folder = tmp_path / f"worker-{len(started)}"
        folder.mkdir()
        worker = WorkerProcess(folder, command, {**house.environment, **settings})
        started.append(worker)
        await worker.start()
        if registers:
            await worker.registered()
        return worker

    yield start
    for each in started:
        await each.close()


@pytest.fixture
async def worker(start_worker: StartWorker) -> WorkerProcess:
    return await start_worker()


@dataclass(frozen=True, slots=True)
class Office:
    """A house, its worker, and what a test's calls have left behind there."""

    house: House
    worker: WorkerProcess
    evidence: Evidence


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_house() as house:
        worker = WorkerProcess(tmp_path_factory.mktemp("worker"), DEV, house.environment)
        try:
            await worker.start()
            await worker.registered()
            yield Office(house, worker, Evidence(worker))
        finally:
            await worker.close()


@pytest_asyncio.fixture(loop_scope="module")
async def office(standing_office: Office) -> Office:
    await standing_office.evidence.begin()
    return standing_office
