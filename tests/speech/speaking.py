"""Piper behind LiveKit's speech synthesis: the agent's voice, and the voice of the caller who rings it up."""

from __future__ import annotations

import asyncio
import importlib
import logging
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any

import numpy as np
from livekit import rtc
from livekit.agents import APIConnectOptions, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from tests.room.sound import RATE as CALLER_RATE
from tests.room.sound import Samples
from tests.speech.packages import piper_files

RATE = 22_050
"""Samples a second of the voice, mono."""
_AGENT_LENGTH = 0.75
_CALLER_LENGTH = 1.1
"""How long a sound is drawn out. The agent is in a hurry, because its tests last as long as it speaks; a caller who reads
out numbers takes time over them."""

_one_thread = ThreadPoolExecutor(1, "piper")


@cache
def _voice() -> Any:
    logging.getLogger("piper").setLevel(logging.INFO)  # below that it writes down every sentence
    model, configuration = piper_files()
    return importlib.import_module("piper").PiperVoice.load(model, configuration)


def _pieces(text: str, length: float) -> Any:
    """The sound of a text, piece by piece: one for each sentence."""
    settings = importlib.import_module("piper").SynthesisConfig(length_scale=length)
    return iter(_voice().synthesize(text, settings))


@cache
def spoken(text: str) -> Samples:
    """A caller's sentence as it goes into a microphone; made once."""
    pcm = b"".join(piece.audio_int16_bytes for piece in _pieces(text, _CALLER_LENGTH))
    resampler = rtc.AudioResampler(RATE, CALLER_RATE)
    frame = rtc.AudioFrame(pcm, RATE, 1, len(pcm) // 2)
    whole = utils.merge_frames(resampler.push(frame) + resampler.flush())
    return np.frombuffer(whole.data, np.int16)


def pause(seconds: float) -> Samples:
    """A caller who says nothing for so long."""
    return np.zeros(int(CALLER_RATE * seconds), np.int16)


class Piper(tts.TTS[Any]):
    """Speaks a text sentence by sentence."""

    def __init__(self) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=RATE, num_channels=1)
        _one_thread.submit(_voice)

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return _Utterance(tts=self, input_text=text, conn_options=conn_options)


class _Utterance(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(request_id="piper", sample_rate=RATE, num_channels=1, mime_type="audio/pcm")
        in_thread = partial(asyncio.get_running_loop().run_in_executor, _one_thread)
        pieces = await in_thread(_pieces, self._input_text, _AGENT_LENGTH)
        while (piece := await in_thread(next, pieces, None)) is not None:
            output_emitter.push(piece.audio_int16_bytes)
        output_emitter.flush()


def voice() -> Piper:
    """For `MORTGAGE_FSM_TTS`."""
    return Piper()
