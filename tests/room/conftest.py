"""A house to hold calls in, and workers in processes of their own; all are gone when the tests are over.

`office` is for whatever one worker can show: one house and one worker for all such tests, because a worker takes
seconds to start. Each test sees only the evidence of its own calls, and finds no fault that another has left.
`house` and `start_worker` are for tests that need a worker of another kind, or end it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.room.collector import Collector, open_collector
from tests.room.evidence import Evidence
from tests.room.house import House, open_house
from tests.room.tenants import OAK, TENANTS
from tests.room.worker_process import DEV, WorkerProcess, free_port, until

StartWorker = Callable[..., Awaitable[WorkerProcess]]


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
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


@dataclass(frozen=True, slots=True)
class Office:
    """A house, its worker, and what a test's calls have left behind there."""

    house: House
    worker: WorkerProcess
    evidence: Evidence
    health_port: int
    collector: Collector


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    folder, port = tmp_path_factory.mktemp("worker"), free_port()
    (folder / "tenants.toml").write_text(TENANTS, encoding="utf-8")
    async with open_house(OAK) as house, open_collector() as collector:
        settings = {
            "MORTGAGE_FSM_TENANTS": "tenants.toml",
            "MORTGAGE_FSM_HEALTH_PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        }
        worker = WorkerProcess(folder, DEV, {**house.environment, **settings})
        try:
            await worker.start()
            await worker.registered()
            yield Office(house, worker, Evidence(worker), port, collector)
        finally:
            await worker.close()


@pytest_asyncio.fixture(loop_scope="session")
async def office(standing_office: Office) -> AsyncIterator[Office]:
    await standing_office.evidence.begin()
    yield standing_office
    if standing_office.house.server is not None:
        standing_office.house.server.heal()
    await until(lambda: not standing_office.worker.jobs())
