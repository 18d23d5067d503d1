"""A room server and a worker that hears with Whisper and speaks with Piper: one of each for all spoken calls.

The worker's ear and gateway look at files here, so that a call can be told what it hears, or held up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.room.evidence import Evidence
from tests.room.house import House, open_house
from tests.room.server.seen import PATIENCE
from tests.room.worker_process import DEV, WorkerProcess
from tests.speech.hearing import DICTATION, TRANSCRIPT
from tests.speech.waiting_gateway import HELD_UP

SILENCE_SECONDS = 12
"""After so long the agent asks whether anybody is there: a caller who was not heard at all is asked again."""

OAK = "oak"
ASH = "ash"
"""The tenant who greets in few words."""
ELM = "elm"
"""As Ash, and its read-back ends in a question so long that a caller is sure to talk into it."""
_TENANTS = f"""
[tenant.{OAK}]
name = "Oak Home Loans"
numbers = ["+15105550100"]

[tenant.{ASH}]
name = "Ash Home Loans"
numbers = ["+15105550200"]
phrases.greeting.first = "{{servicer}}. How can I help?"

[tenant.{ELM}]
name = "Elm Home Loans"
numbers = ["+15105550300"]
phrases.greeting.first = "{{servicer}}. How can I help?"
phrases.read_back.question = "Shall I submit it? Take all the time that you need, and then please tell me yes or no."
"""


class Files:
    """What the worker reads and writes while it works."""

    def __init__(self, folder: Path) -> None:
        self._transcript = folder / "heard.txt"
        self._dictation = folder / "dictation.txt"
        self._held_up = folder / "held-up"
        self._tenants = folder / "tenants.toml"
        self._tenants.write_text(_TENANTS, encoding="utf-8")
        self._earlier = 0

    @property
    def settings(self) -> dict[str, str]:
        """What the worker is told."""
        return {
            "MORTGAGE_FSM_STT": "tests.speech.hearing:ear",
            "MORTGAGE_FSM_TTS": "tests.speech.speaking:voice",
            "MORTGAGE_FSM_GATEWAY": "tests.speech.waiting_gateway:gateway",
            "MORTGAGE_FSM_GATEWAY_TIMEOUT": str(int(PATIENCE)),
            "MORTGAGE_FSM_SILENCE_SECONDS": str(SILENCE_SECONDS),
            "MORTGAGE_FSM_TENANTS": str(self._tenants),
            TRANSCRIPT: str(self._transcript),
            DICTATION: str(self._dictation),
            HELD_UP: str(self._held_up),
        }

    def begin(self) -> None:
        """Leave out what was heard by now, and undo what a call before was told."""
        self._dictation.unlink(missing_ok=True)
        self._held_up.unlink(missing_ok=True)
        self._earlier += len(self.heard)

    @property
    def heard(self) -> list[str]:
        """Each utterance as the worker heard it, since `begin`."""
        written = self._transcript.read_text(encoding="utf-8") if self._transcript.exists() else ""
        return written.splitlines()[self._earlier :]

    def dictate(self, *utterances: str) -> None:
        """The next call hears these instead of what Whisper would."""
        self._dictation.write_text("\n".join(utterances), encoding="utf-8")

    def hold_up_the_gateway(self) -> None:
        """It answers nothing for now."""
        self._held_up.touch()

    def let_the_gateway_answer(self) -> None:
        """It answers what it was asked."""
        self._held_up.unlink()


@dataclass(frozen=True, slots=True)
class Office:
    """Where calls are held, and what a test's call has left behind there."""

    house: House
    evidence: Evidence
    files: Files = field(repr=False)


@asynccontextmanager
async def open_office(folder: Path) -> AsyncIterator[Office]:
    """Everything started; stopped again afterwards."""
    files = Files(folder)
    async with open_house() as house:
        worker = WorkerProcess(folder, DEV, {**house.environment, **files.settings})
        try:
            await worker.start()
            await worker.registered()
            yield Office(house, Evidence(worker), files)
        finally:
            await worker.close()
