"""A voice that is a tone, and an ear that hears nothing: what a worker is given where only the path of sound counts.

Named by `MORTGAGE_FSM_TTS` and `MORTGAGE_FSM_STT`; imported by the worker, not by the tests.
"""

from __future__ import annotations

from typing import Any

from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, stt, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from tests.room.sound import RATE, tone

PITCH = 600.0
"""Hertz."""


class Tone(tts.TTS[Any]):
    """Speaks every text as a tone, so long for each character."""

    def __init__(self, seconds_each: float) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        self.seconds_each = seconds_each

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Spoken(tts=self, input_text=text, conn_options=conn_options)


class _Spoken(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id="tone", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        assert isinstance(self._tts, Tone)
        output_emitter.push(tone(PITCH, self._tts.seconds_each * len(self._input_text)).tobytes())
        output_emitter.flush()


class Deaf(stt.STT[Any]):
    """Hears nothing, whatever is said."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))

    async def _recognize_impl(
        self,
        buffer: list[rtc.AudioFrame] | rtc.AudioFrame,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        heard = stt.SpeechData(language=LanguageCode("en"), text="", confidence=1.0)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[heard])


def slow_voice() -> Any:
    """As slow as a person: a greeting takes ten seconds."""
    return Tone(0.06)


def quick_voice() -> Any:
    """So quick that a whole call takes a few seconds."""
    return Tone(0.002)


def deaf_ear() -> Any:
    """The ear that hears nothing."""
    return Deaf()
