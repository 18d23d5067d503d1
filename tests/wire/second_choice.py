"""Factories as a servicer would name them: the plug-ins again, at the address of a second server."""

from __future__ import annotations

from typing import Any

from livekit.agents import llm, stt, tts
from livekit.plugins import cartesia, deepgram, openai

URLS: dict[str, str] = {}
"""Set by a test: a factory takes no arguments."""


def model() -> llm.LLM[Any]:
    return openai.LLM(model="second", api_key="second-key", base_url=URLS["llm"])


def recogniser() -> stt.STT[Any]:
    return deepgram.STT(model="nova-2", api_key="second-key", base_url=URLS["stt"])


def voice() -> tts.TTS[Any]:
    return cartesia.TTS(model="sonic-2", api_key="second-key", base_url=URLS["tts"])
