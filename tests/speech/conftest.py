"""A worker that hears with Whisper and speaks with Piper; rooms and callers are those of `tests/room`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.room.conftest import StartWorker, house, start_worker
from tests.room.worker_process import WorkerProcess
from tests.speech.hearing import TRANSCRIPT

__all__ = ["heard", "house", "start_spoken", "start_worker"]

SPEECH = {"MORTGAGE_FSM_STT": "tests.speech.hearing:ear", "MORTGAGE_FSM_TTS": "tests.speech.speaking:voice"}
"""What makes a worker hear and speak with nobody's account."""


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[Path]:
    """The file in which a worker writes down what it hears, shown if the test fails."""
    file = tmp_path / "heard.txt"
    yield file
    print(f"the agent heard:\n{file.read_text(encoding='utf-8') if file.exists() else ''}")


@pytest.fixture
def start_spoken(start_worker: StartWorker, heard: Path) -> StartWorker:
    """Starts workers that hear and speak: `await start_spoken(**settings)`."""

    async def start(**settings: str) -> WorkerProcess:
        return await start_worker(**{**SPEECH, TRANSCRIPT: str(heard), **settings})

    return start
