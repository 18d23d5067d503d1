"""Whisper behind LiveKit's recogniser: what an agent hears with, and what a test hears the agent with.

Numbers come out as words: Whisper's numerals lose repeated digits, so every piece of text that holds a figure is
forbidden to it. It knows nothing of the state of a call, and nothing of what the calls here say.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from livekit import rtc
from livekit.agents import APIConnectOptions, LanguageCode, inference, stt, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from tests.speech.packages import whisper_folder

RATE = 16_000
"""Samples a second that Whisper takes, mono."""
_NON_SPEECH = -1
"""Stands for what Whisper leaves out by itself, like notes of music."""
_SILENT = 0.8
"""Probability that nothing was said, above which nothing was."""
_LOOPS = 2.4
"""How far a text can be compressed when Whisper has begun to repeat itself."""
_LONGEST = 200
"""Pieces of text of one utterance."""
_MANNER = "A call about a mortgage. Seven eight three. Ninety dollars and ten cents."
"""Shows Whisper how to write: without it, and without figures, it is lost for words. No value in it is said in a test."""
WHOLE_UTTERANCE = 0.9
"""Seconds of silence that end an utterance for Whisper: it hears a number better whole than in pieces, and it is so slow
that of two pieces the second may come after the end of the turn."""

TRANSCRIPT = "SPEECH_TRANSCRIPT"
"""In the environment: a file for what was heard, a line for each utterance. A test whose call went astray shows it."""
DICTATION = "SPEECH_DICTATION"
"""In the environment: a file. If it is there when a call begins, its lines are what the call's utterances say, and it is
gone: for a call that must not hang on how quick Whisper is."""

_one_thread = ThreadPoolExecutor(1, "whisper")


class _Whisper:
    """The loaded model."""

    def __init__(self) -> None:
        self._model = importlib.import_module("faster_whisper").WhisperModel(
            str(whisper_folder()), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True
        )
        pieces = self._model.hf_tokenizer
        words = range(pieces.token_to_id("<|endoftext|>"))
        figures = [each for each in words if any(c.isdigit() or c in "$%" for c in pieces.id_to_token(each))]
        self._forbidden = [_NON_SPEECH, *figures]

    def words(self, samples: npt.NDArray[np.float32], beams: int) -> str:
        """What is said in these samples, between -1 and 1; empty where nothing is. `beams`: readings that are weighed."""
        segments, _ = self._model.transcribe(
            samples,
            language="en",
            beam_size=beams,
            temperature=0,
            without_timestamps=True,
            max_new_tokens=_LONGEST,
            condition_on_previous_text=False,
            initial_prompt=_MANNER,
            suppress_tokens=self._forbidden,
        )
        said = (s.text.strip() for s in segments if s.no_speech_prob < _SILENT and s.compression_ratio < _LOOPS)
        return " ".join(said)


@cache
def _whisper() -> _Whisper:
    return _Whisper()


async def words_in(frames: list[rtc.AudioFrame] | rtc.AudioFrame, beams: int = 1) -> str:
    """What is said in these frames, numbers in words. `beams`: readings that are weighed against each other."""
    whole = utils.merge_frames(frames) if isinstance(frames, list) else frames
    if whole.sample_rate != RATE:
        resampler = rtc.AudioResampler(whole.sample_rate, RATE)
        whole = utils.merge_frames(resampler.push(whole) + resampler.flush())
    samples = np.frombuffer(whole.data, np.int16).astype(np.float32) / np.float32(2**15)
    return await asyncio.get_running_loop().run_in_executor(_one_thread, lambda: _whisper().words(samples, beams))


class Whisper(stt.STT[Any]):
    """Hears an utterance when it is over."""

    def __init__(self) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        _one_thread.submit(_whisper)

    async def _recognize_impl(
        self,
        buffer: list[rtc.AudioFrame] | rtc.AudioFrame,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        heard = stt.SpeechData(language=LanguageCode("en"), text=await words_in(buffer))
        _write_down(heard.text)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[heard])


class Dictated(stt.STT[Any]):
    """Cuts the sound into utterances as every recogniser here, and is told what the next of them says."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(capabilities=stt.STTCapabilities(streaming=False, interim_results=False))
        self._words = words

    async def _recognize_impl(
        self,
        buffer: list[rtc.AudioFrame] | rtc.AudioFrame,
        *,
        language: NotGivenOr[str] = NOT_GIVEN,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
    ) -> stt.SpeechEvent:
        heard = stt.SpeechData(language=LanguageCode("en"), text=self._words.pop(0) if self._words else "")
        _write_down(heard.text)
        return stt.SpeechEvent(type=stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives=[heard])


def _write_down(words: str) -> None:
    if TRANSCRIPT in os.environ:
        with Path(os.environ[TRANSCRIPT]).open("a", encoding="utf-8") as file:
            file.write(f"{words}\n")


def ear() -> stt.STT[Any]:
    """For `MORTGAGE_FSM_STT`: Whisper, or what was dictated for this call."""
    dictation = Path(os.environ[DICTATION])
    if dictation.exists():
        lines = dictation.read_text(encoding="utf-8").splitlines()
        dictation.unlink()
        return Dictated(lines)
    return stt.StreamAdapter(stt=Whisper(), vad=inference.VAD(min_silence_duration=WHOLE_UTTERANCE))
