"""What a worker does beside its calls goes on, whatever is down for a while, until the worker ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm import upkeep
from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.upkeep import Upkeep
from mortgage_fsm.wiring import Ledger
from tests.stories.rehearsal import opened, settings_for


class Worker:
    """Starts when a test says so."""

    draining = False

    def __init__(self) -> None:
        self.start: Callable[[], None] = lambda: None

    def on(self, event: Any, callback: Any = None) -> Any:
        assert event == "worker_started"
        self.start = callback


@pytest.mark.parametrize("problem", [UnavailableError("down"), ValueError("a plug-in's")])
async def test_it_goes_on_after_whatever_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    done = asyncio.Event()
    times = 0

    async def once(ledger: Ledger) -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise problem
        if times == 3:
            done.set()

    async with opened(tmp_path):
        pass
    monkeypatch.setattr(upkeep, "once", once)
    worker, settings = Worker(), settings_for(tmp_path).model_copy(update={"reconcile_seconds": 0.001})
    kept = Upkeep(worker, lambda: settings)
    worker.start()
    await asyncio.wait_for(done.wait(), 10)
    await kept.close()
    was = times
    await asyncio.sleep(0.01)
    assert times == was


async def test_a_worker_that_never_started_has_nothing_to_end(tmp_path: Path) -> None:
    await Upkeep(Worker(), lambda: settings_for(tmp_path)).close()
