"""A house to hold calls in, and workers in processes of their own; both are gone when the test is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

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
