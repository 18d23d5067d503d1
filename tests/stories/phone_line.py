"""A phone line without a network: words go in as a recogniser would tell them, speech comes out in (quick) real time."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from livekit import rtc
from livekit.agents import AgentSession, ConversationItemAddedEvent, LanguageCode, io, stt, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN
from livekit.agents.voice.turn import EndpointingOptions

from mortgage_fsm.machine import Decision, Moved, State
from mortgage_fsm.voice import agents
from mortgage_fsm.voice.desk import Desk
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.voice.transfer import PersonLine
from tests.stories.rehearsal import Rehearsal, check_records, opened, settings_for, shipped_knowledge, until, watched

RATE = 16000
ENGLISH = LanguageCode("en")
LETTERS_A_SECOND = 5000
"""Some three hundred times as fast as a person speaks: what is said on the way to the point of a test."""
SLOWLY = 250


class Recogniser(stt.STT[Any]):
    """Hears what a test says, when it says it."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=True, interim_results=True))
        self._heard_by: Any = None

    async def _recognize_impl(self, *_: Any, **__: Any) -> stt.SpeechEvent:
        raise NotImplementedError("a call is heard as a stream")

    def stream(
        self, *, language: Any = NOT_GIVEN, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS
    ) -> stt.RecognizeStream:
        stream = _Ear(stt=self, conn_options=conn_options)
        self._heard_by = stream._event_ch
        return stream

    def _tell(self, kind: stt.SpeechEventType, words: str | None = None) -> None:
        heard = [] if words is None else [stt.SpeechData(language=ENGLISH, text=words, confidence=1.0)]
        self._heard_by.send_nowait(stt.SpeechEvent(type=kind, alternatives=heard))

    def begin(self) -> None:
        self._tell(stt.SpeechEventType.START_OF_SPEECH)

    def end(self, words: str) -> None:
        self._tell(stt.SpeechEventType.INTERIM_TRANSCRIPT, words)
        self._tell(stt.SpeechEventType.FINAL_TRANSCRIPT, words)
        self._tell(stt.SpeechEventType.END_OF_SPEECH)

    async def hear(self, words: str) -> None:
        self.begin()
        await asyncio.sleep(0.02)
        self.end(words)


class _Ear(stt.RecognizeStream):
    async def _run(self) -> None:
        async for _ in self._input_ch:
            pass


class Voice(tts.TTS[Any]):
    """Silence as long as the words would take; what begins with `slowly` takes long enough to be interrupted."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.slowly = ""

    def synthesize(self, text: str, *, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS) -> tts.ChunkedStream:
        return _Utterance(tts=self, input_text=text, conn_options=conn_options)


class _Utterance(tts.ChunkedStream):
    _tts: Voice

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id=uuid.uuid4().hex, sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        slow = self._tts.slowly and self._input_text.startswith(self._tts.slowly)
        samples = RATE * len(self._input_text) // (SLOWLY if slow else LETTERS_A_SECOND)
        output_emitter.push(b"\0\0" * samples)
        output_emitter.flush()


class Microphone(io.AudioInput):
    def __init__(self) -> None:
        super().__init__(label="microphone")

    async def __anext__(self) -> rtc.AudioFrame:
        await asyncio.sleep(0.02)
        return rtc.AudioFrame(b"\0\0" * 320, RATE, 1, 320)


class Speaker(io.AudioOutput):
    """Plays in real time, and can be cut short."""

    def __init__(self) -> None:
        super().__init__(label="speaker", capabilities=io.AudioOutputCapabilities(pause=False), sample_rate=RATE)
        self._length = 0.0
        self._since: float | None = None
        self._playing: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        if self._since is None:
            self._since = time.time()
            self.on_playback_started(created_at=self._since)
        self._length += frame.duration

    def flush(self) -> None:
        super().flush()
        if self._since is not None:
            self._playing = asyncio.create_task(self._play(self._length - (time.time() - self._since)))

    async def _play(self, rest: float) -> None:
        await asyncio.sleep(max(0.0, rest))
        length, self._length, self._since = self._length, 0.0, None
        self.on_playback_finished(playback_position=length, interrupted=False)

    def clear_buffer(self) -> None:
        if self._playing is not None and not self._playing.done():
            self._playing.cancel()
        if self._since is not None:
            position, self._length, self._since = time.time() - self._since, 0.0, None
            self.on_playback_finished(playback_position=position, interrupted=True)


@dataclass
class Line(Rehearsal):
    """A call on the phone line."""

    recogniser: Recogniser = field(default_factory=Recogniser)
    voice: Voice = field(default_factory=Voice)
    transcribed: list[str] = field(default_factory=list)
    """What the session was told that the caller said."""
    seen: int = 0
    """How many of the agent's lines were waited for."""

    async def until(self, holds: Callable[[], bool], seconds: float = 4.0) -> None:
        """Wait until something is so.

        Raises:
            AssertionError: it never came to be.
        """
        await until(holds, seconds, lambda: f"in {self.state}; the agent said {self.spoken[-2:]}")

    async def quiet(self) -> None:
        """Wait until the agent has said all that it had to say."""
        await asyncio.sleep(0.1)
        await self.until(lambda: self.phone.session.agent_state == "listening")

    async def tell(self, words: str, answer: str) -> None:
        """Say something, and wait for an answer with these words in it, spoken to its end."""
        before = len(self.spoken)
        await self.recogniser.hear(words)
        await self.until(lambda: any(answer in said for said in self.spoken[before:]))

    async def heard(self, answer: str, seconds: float = 4.0) -> None:
        """Wait until the agent has said these words since the last time they were waited for."""
        await self.until(lambda: any(answer in said for said in self.spoken[self.seen :]), seconds)
        self.seen = len(self.spoken)

    async def come_to_the_method(self) -> None:
        """Give everything that a payment needs, but the method."""
        await self.tell("I'd like to make a payment", "loan number?")
        await self.tell("10004471", "last four digits")
        await self.tell("2190", "How much would you like to pay?")
        await self.tell("$1,200", "Would you like to pay")
        await self.until(lambda: self.state is State.METHOD)

    def triggers(self) -> list[str]:
        """Every trigger decided so far, a refused one in brackets."""
        return [str(d.trigger) if isinstance(d, Moved) else f"({d.trigger})" for d in self.decided]


def pause_before_finding(monkeypatch: pytest.MonkeyPatch, pause: Callable[[], Awaitable[None]]) -> None:
    """Let what every decision is found by wait for this: a gap for words to fall into."""
    original = Desk.find

    async def find(self: Desk, *arguments: Any) -> Any:
        await pause()
        return await original(self, *arguments)

    monkeypatch.setattr(Desk, "find", find)


@asynccontextmanager
async def phone_line(
    folder: Path, *, away: float | None = None, keypad: bool = False, person: PersonLine | None = None
) -> AsyncIterator[Line]:
    """A call on the line. Hung up at the end, and its records held against what was decided.

    `away`: seconds of silence after which LiveKit tells us that the caller is away. `keypad`: keys are offered.
    """
    decided: list[Decision] = []
    logged: list[Any] = []
    quick = dict.fromkeys(State, EndpointingOptions(min_delay=0.02, max_delay=0.1))
    with patch.object(agents, "END_OF_TURN", quick), watched(decided, logged, []):
        async with opened(folder) as ledger:
            phone = PhoneCall(
                settings_for(folder),
                ledger,
                shipped_knowledge(),
                model=None,
                audio=False,
                keypad=keypad,
                person=person,
            )
            line = Line(phone, ledger, decided=decided, logged=logged)
            session: AgentSession[Any] = AgentSession(
                userdata=phone.orchestrator,
                llm=phone.listener,
                stt=line.recogniser,
                tts=line.voice,
                vad=None,
                user_away_timeout=away,
                session_close_transcript_timeout=0.02,
                aec_warmup_duration=None,
                turn_handling={
                    "turn_detection": "stt",
                    "interruption": {"mode": "vad", "backchannel_boundary": None, "resume_false_interruption": False},
                    "preemptive_generation": {"enabled": False},
                },
            )
            phone.session = session
            session.input.audio, session.output.audio = Microphone(), Speaker()

            def said(event: ConversationItemAddedEvent) -> None:
                if event.item.type == "message" and event.item.role == "assistant":
                    line.spoken.append(event.item.text_content or "")

            session.on("conversation_item_added", said)
            session.on("user_input_transcribed", lambda event: line.transcribed.append(event.transcript))
            await phone.start()
            try:
                yield line
            finally:
                await phone.close()
            check_records(await line.records(), decided)
    assert not [entry for entry in logged if entry["event"] == "turn_failed"]
