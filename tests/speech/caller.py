"""A caller who speaks and listens: a synthetic voice at a microphone, and an ear whose sound can be put back into words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import numpy as np
from livekit import rtc

from tests.room.caller import Caller
from tests.room.house import House
from tests.room.server.seen import PATIENCE
from tests.room.sound import LOUD, RATE, Ear, Microphone, Samples
from tests.room.worker_process import until
from tests.speech.hearing import words_in
from tests.speech.speaking import spoken

_STATE = "lk.agent.state"
"""The attribute in which an agent tells what it is doing."""
_BREATH = 0.4
"""Seconds a caller takes before answering."""
_STEP = RATE // 100
_GAP = 50
"""Steps of 10 ms without a sound that part two utterances."""


class SpokenCaller:
    """Wraps a caller in a room.

    Args:
        sound: every sentence that will be said, as it sounds.
    """

    def __init__(self, caller: Caller, sound: Mapping[str, Samples]) -> None:
        self.line = caller
        self._sound = sound
        self._microphone = Microphone(caller.room)
        self._ear = Ear(caller.room)

    async def open(self) -> None:
        """Begin to be heard."""
        await self._microphone.open()

    async def close(self) -> None:
        """Stop speaking and listening."""
        await self._microphone.close()
        await self._ear.close()

    async def speak(self, *parts: str | Samples) -> None:
        """Say this, one part after the other, to the end."""
        await self._microphone.speak(np.concatenate([self._sound[p] if isinstance(p, str) else p for p in parts]))

    async def answer(self, *parts: str | Samples, then: str) -> str:
        """Say this when the agent listens; returns its sentence with these words, once it listens again."""
        await self.agent_listens()
        await asyncio.sleep(_BREATH)
        await self.speak(*parts)
        return await self.hear(then)

    async def hear(self, part: str) -> str:
        """The agent's next sentence that has these words in it, spoken to its end."""
        sentence = await self.line.hear(part)
        await self.agent_listens()
        return sentence

    async def agent_listens(self) -> None:
        """Wait until the agent says nothing and thinks of nothing.

        Raises:
            TimeoutError: it never came to that.
        """
        await until(lambda: self._agent_state() == "listening", within=PATIENCE)

    async def words_heard(self) -> list[str]:
        """All that the agent has been heard to say, utterance by utterance, in small letters and without commas."""
        heard = [await words_in(rtc.AudioFrame(each.tobytes(), RATE, 1, len(each))) for each in self._utterances()]
        return [plain(each) for each in heard]

    def _agent_state(self) -> str | None:
        agents = [
            each
            for each in self.line.room.remote_participants.values()
            if each.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
        ]
        return agents[0].attributes.get(_STATE) if agents else None

    def _utterances(self) -> list[Samples]:
        whole = self._ear.samples
        steps = whole[: len(whole) // _STEP * _STEP].reshape(-1, _STEP)
        loud = np.flatnonzero(np.sqrt(np.mean(np.square(steps.astype(np.float64)), axis=1)) > LOUD)
        parts = np.split(loud, np.flatnonzero(np.diff(loud) > _GAP) + 1) if len(loud) else []
        return [steps[max(0, part[0] - _GAP // 2) : part[-1] + _GAP // 2].ravel() for part in parts]


def plain(words: str) -> str:
    """Small letters, no punctuation: what two writings of the same sound have in common."""
    return " ".join("".join(c if c.isalpha() else " " for c in words.lower()).split())


@asynccontextmanager
async def spoken_call(house: House, *lines: str) -> AsyncIterator[SpokenCaller]:
    """A call by voice, in a room of its own. `lines`: all sentences that will be said in it."""
    # Before the call, and in a thread: the room server lives in this process, and must not wait for the synthesis.
    sound = await asyncio.to_thread(lambda: {each: spoken(each) for each in lines})
    async with house.call() as caller:
        speaking = SpokenCaller(caller, sound)
        await speaking.open()
        try:
            yield speaking
        finally:
            await speaking.close()
