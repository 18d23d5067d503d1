"""A caller who speaks and listens: a synthetic voice at a microphone, and an ear whose sound can be put back into words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from livekit import rtc

from tests.room.caller import Caller
from tests.room.server.seen import PATIENCE
from tests.room.sound import LOUD, RATE, Ear, Microphone, Samples
from tests.room.worker_process import until
from tests.speech.hearing import words_in
from tests.speech.office import OAK, Office
from tests.speech.speaking import spoken

_STATE = "lk.agent.state"
"""The attribute in which an agent tells what it is doing."""
_STEP = RATE // 100
_PAUSE = 30
"""Steps of 10 ms without a sound that are left of a longer silence."""
_PATIENCE = 3 * PATIENCE
"""Seconds: where nothing is idle, a read-back of fifteen seconds has taken more than a minute."""
_QUIET = 40
"""Steps of 10 ms without a sound after which the agent is taken to have finished."""
_MOST_TURNS = 15
"""Of a call. A caller who is misheard says it again; one who is misheard all the time has found a defect."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the agent said in one turn: as it is written, and as it sounded."""

    text: str
    sound: Samples

    async def words(self, beams: int = 1) -> str:
        """The sound, put into words by Whisper, as well as it can. `beams`: readings that are weighed."""
        # A busy machine's pauses are long, and Whisper takes no more than half a minute at once.
        near = np.convolve(_is_loud(self.sound), np.ones(_PAUSE), "same") > 0
        heard = _steps(self.sound)[near].ravel()
        return await words_in(rtc.AudioFrame(heard.tobytes(), RATE, 1, len(heard)), beams) if len(heard) else ""


def _steps(sound: Samples) -> Samples:
    """One row for each 10 ms."""
    return sound[: len(sound) // _STEP * _STEP].reshape(-1, _STEP)


def _is_loud(sound: Samples) -> npt.NDArray[np.bool_]:
    """For each 10 ms, whether something is to be heard."""
    loud: npt.NDArray[np.bool_] = np.mean(np.square(_steps(sound).astype(np.float64)), axis=1) > LOUD**2
    return loud


Reply = Callable[[Said], Awaitable[str | None]]
"""What a caller says to that; None: not a word before the agent has gone on."""


class SpokenCaller:
    """Wraps a caller in a room."""

    def __init__(self, caller: Caller) -> None:
        self.line = caller
        self.said: list[Said] = []
        """The agent's turns so far."""
        self._microphone = Microphone(caller.room)
        self._ear = Ear(caller.room)
        self._listened = 0

    async def open(self) -> None:
        """Begin to be heard."""
        await self._microphone.open()

    async def close(self) -> None:
        """Stop speaking and listening."""
        await self._microphone.close()
        await self._ear.close()

    async def speak(self, *parts: str | Samples) -> None:
        """Say this, one part after the other, to the end."""
        sounds = [await asyncio.to_thread(spoken, each) if isinstance(each, str) else each for each in parts]
        await self._microphone.speak(np.concatenate(sounds))

    async def hear(self, part: str) -> str:
        """The agent's next sentence that has these words in it, spoken to its end."""
        sentence = await self.line.hear(part, within=_PATIENCE)
        await self.agent_listens()
        return sentence

    async def talk(self, reply: Reply, *, until: str) -> str:
        """Reply to the agent, turn by turn, until it says a sentence with these words; returns that turn as written.

        Raises:
            AssertionError: it did not come to that; with everything that the agent said.
        """
        for _ in range(_MOST_TURNS):
            said = ""
            answer = None
            while answer is None and until not in said.lower():
                said = f"{said} {await self.hear('')}".lstrip()
                await self._is_quiet()
                whole = Said(said, self._ear.samples[self._listened :])
                answer = await reply(whole)
            self.said.append(whole)
            self._listened = len(self._ear.samples)
            if until in said.lower():
                return said
            if answer is not None:
                await self.speak(answer)
        raise AssertionError(f"never came to {until!r}, but:\n" + "\n".join(f"  {each.text}" for each in self.said))

    async def agent_listens(self) -> None:
        """Wait until the agent says nothing and thinks of nothing.

        Raises:
            TimeoutError: it never came to that.
        """
        await until(lambda: self._agent_state() == "listening", within=_PATIENCE)

    async def _is_quiet(self) -> None:
        """Wait until nothing is to be heard: the last of a sentence comes later than its words."""
        async with asyncio.timeout(_PATIENCE):
            while _is_loud(self._ear.samples[-_QUIET * _STEP :]).any():  # noqa: ASYNC110 - silence is no event
                await asyncio.sleep(_QUIET / 100)

    def _agent_state(self) -> str | None:
        agents = [
            each
            for each in self.line.room.remote_participants.values()
            if each.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        ]
        return agents[0].attributes.get(_STATE) if agents else None


@asynccontextmanager
async def spoken_call(office: Office, *lines: str, tenant: str = OAK) -> AsyncIterator[SpokenCaller]:
    """A call by voice, in a room of its own. `lines`: what will be said in it for all that is known."""
    # Before the call, and in threads: the room server lives in this process, and must not wait for the synthesis.
    for each in lines:
        await asyncio.to_thread(spoken, each)
    async with office.house.call(metadata=f'{{"tenant": "{tenant}"}}') as caller:
        speaking = SpokenCaller(caller)
        await speaking.open()
        try:
            yield speaking
        finally:
            await speaking.close()
