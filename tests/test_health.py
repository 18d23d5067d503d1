"""Ready means that a call could be taken right now: each part that goes missing is named, and comes back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mortgage_fsm import health as module
from mortgage_fsm.health import Health, Readiness
from mortgage_fsm.server import server
from mortgage_fsm.settings import Settings


class Worker:
    """LiveKit's AgentServer, as far as readiness asks it."""

    def __init__(self) -> None:
        self.draining = False
        self._connecting = False
        self.handlers: dict[str, Callable[..., Any]] = {}

    def on(self, event: str, callback: Any = None) -> None:
        self.handlers[event] = callback


def settings_in(folder: Path, **changes: Any) -> Settings:
    url = f"sqlite+aiosqlite:///{folder / 'state' / 'ledger.db'}"
    return Settings(_env_file=None, **{"database_url": url, "health_port": 0, **changes})


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def health(worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Health]:
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.0)
    door = Health(worker, lambda: settings_in(tmp_path))
    worker.handlers["worker_started"]()
    assert door._opening is not None
    await door._opening
    yield door
    await door.close()


async def ask(health: Health, path: str = "/ready") -> tuple[int, Any]:
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"http://127.0.0.1:{health.port}{path}") as answer,
    ):
        return answer.status, await (answer.json() if path == "/ready" else answer.text())


async def test_a_worker_that_has_not_registered_is_not_ready(health: Health) -> None:
    assert await ask(health) == (503, {"ready": False, "missing": ["livekit"]})


async def test_a_registered_worker_with_a_ledger_and_topics_is_ready(health: Health, worker: Worker) -> None:
    worker.handlers["worker_registered"]("id", None)
    assert await ask(health) == (200, {"ready": True, "missing": []})


async def test_a_lost_connection_and_draining_are_not_ready(health: Health, worker: Worker) -> None:
    worker.handlers["worker_registered"]("id", None)
    worker._connecting = True
    assert (await ask(health))[1]["missing"] == ["livekit"]
    worker._connecting = False
    assert (await ask(health))[0] == 200
    worker.draining = True
    assert (await ask(health))[1]["missing"] == ["livekit"]


async def test_a_database_that_takes_no_writes_is_named(health: Health, worker: Worker, tmp_path: Path) -> None:
    worker.handlers["worker_registered"]("id", None)
    assert (await ask(health))[0] == 200
    ledger = tmp_path / "state" / "ledger.db"
    assert health._database is not None
    await health._database.close()
    for file in ledger.parent.iterdir():
        file.unlink()
    ledger.mkdir()
    assert await ask(health) == (503, {"ready": False, "missing": ["database"]})
    ledger.rmdir()
    assert (await ask(health))[0] == 200


async def test_topics_that_cannot_be_read_are_named(worker: Worker, tmp_path: Path) -> None:
    door = Health(worker, lambda: settings_in(tmp_path, kb_dir=tmp_path / "nowhere"))
    await door.open(settings_in(tmp_path))
    worker.handlers["worker_registered"]("id", None)
    assert await ask(door) == (503, {"ready": False, "missing": ["knowledge"]})
    await door.close()


async def test_metrics_are_served_beside_it(health: Health) -> None:
    status, text = await ask(health, "/metrics")
    assert status == 200
    assert "# TYPE" in text


async def test_by_default_only_this_machine_may_ask(health: Health) -> None:
    assert health._runner is not None
    assert [address[0] for address in health._runner.addresses] == ["127.0.0.1"]


async def test_a_port_that_is_taken_costs_no_call(worker: Worker, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = settings_in(tmp_path, health_port=taken.getsockname()[1])
        door = Health(worker, lambda: settings)
        await door.open(settings)
        assert door.port is None
        await door.close()


@pytest.mark.parametrize("host", ["192.0.2.1", "a..b"])
async def test_a_host_that_is_not_this_machine_costs_no_call(worker: Worker, tmp_path: Path, host: str) -> None:
    settings = settings_in(tmp_path, health_port=0, health_host=host)
    door = Health(worker, lambda: settings)
    await door.open(settings)
    assert door.port is None
    await door.close()


async def test_without_a_port_nothing_listens(worker: Worker, tmp_path: Path) -> None:
    door = Health(worker, lambda: settings_in(tmp_path, health_port=None))
    worker.handlers["worker_started"]()
    assert door._opening is None
    await door.close()


async def test_a_check_that_hangs_has_failed_and_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWERS_WITHIN", 0.01)

    async def hangs() -> bool:
        await asyncio.Event().wait()
        return True

    async def holds() -> bool:
        return True

    async def raises() -> bool:
        raise RuntimeError("10004471")

    assert await Readiness({"a": hangs, "b": holds, "c": raises}).missing() == ["a", "c"]


async def test_many_who_ask_at_once_are_answered_by_one_look() -> None:
    asked = 0
    now = 100.0

    async def counts() -> bool:
        nonlocal asked
        asked += 1
        return False

    readiness = Readiness({"a": counts}, lambda: now)
    await asyncio.gather(*(readiness.missing() for _ in range(20)))
    assert asked == 1
    now += module.FRESH_SECONDS
    assert await readiness.missing() == ["a"]
    assert asked == 2


def test_a_job_process_may_take_longer_to_end_than_a_gateway_to_answer() -> None:
    longest = Settings.model_fields["gateway_timeout"].default
    assert server._shutdown_process_timeout >= longest + 10
