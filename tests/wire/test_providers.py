"""Which services the settings name, and that the next is asked when one fails."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit.agents import llm
from livekit.agents.utils import http_context
from pydantic import ValidationError
from structlog.testing import capture_logs

from mortgage_fsm import worker
from mortgage_fsm.audit.keys import KEYS
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.machine import State
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import in_use, provider
from tests.wire import second_choice
from tests.wire.calls import KEY, VAGUE, call_over, close
from tests.wire.cartesia_server import cartesia_server
from tests.wire.deepgram_server import deepgram_server
from tests.wire.openai_server import Answer, hangs, openai_server, picks, refuses, resets, writes
from tests.wire.test_speech_requests import spoken, transcripts

HERE = "tests.wire.second_choice"


@pytest.fixture
async def plug_ins_http() -> AsyncIterator[None]:
    async with http_context.open():
        yield


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **changes)


# --- by name


def test_without_a_key_there_is_no_service() -> None:
    assert in_use(settings()) == {"llm": "none", "stt": "none", "tts": "none", "vad": "silero"}
    assert [provider(kind, settings())() for kind in ("llm", "stt", "tts")] == [None, None, None]


def test_a_vendor_is_used_as_soon_as_its_key_is_there() -> None:
    found = in_use(settings(OPENAI_API_KEY=KEY, DEEPGRAM_API_KEY=KEY, CARTESIA_API_KEY=KEY, stt="none"))
    assert found == {"llm": "openai", "stt": "none", "tts": "cartesia", "vad": "silero"}


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        ("openai", "OPENAI_API_KEY is not set"),
        ("openai,tests.wire.second_choice:model", "OPENAI_API_KEY is not set"),
        ("opanai", "must be auto, none, openai"),
        ("tests.wire.second_choice:nobody", "cannot be imported"),
        ("auto,tests.wire.second_choice:model", "stand alone"),
        ("tests.wire.second_choice:model,none", "stand alone"),
        ("tests.wire.second_choice:model,", "must be auto, none, openai"),
    ],
)
def test_what_cannot_be_used_is_said_before_a_call_comes(named: str, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        provider("llm", settings(llm=named))


def test_a_factory_that_makes_something_else_is_refused() -> None:
    second_choice.URLS["tts"] = "https://tts.example"
    with pytest.raises(ConfigurationError, match="makes a TTS, not a LiveKit LLM"):
        provider("llm", settings(llm=f"{HERE}:voice"))()


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://llm.example/v1", True),
        ("https://llm.example/v1/", True),
        ("wss://stt.example/v1/listen", True),
        ("http://127.0.0.1:4000/v1", True),
        ("http://localhost/v1", True),
        ("ws://[::1]:8080/v1/listen", True),
        ("http://llm.example/v1", False),
        ("ws://stt.example", False),
        ("https://user:word@llm.example/v1", False),
        ("https://llm.example/v1?key=1", False),
        ("llm.example/v1", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://llm.example:port/v1", False),
        ("file:///etc/hosts", False),
    ],
)
def test_a_callers_voice_and_a_key_go_nowhere_in_the_clear(url: str, fits: bool) -> None:
    if fits:
        assert settings(llm_base_url=url).llm_base_url == url.rstrip("/")
        return
    with pytest.raises(ValidationError):
        settings(llm_base_url=url)


# --- several


@pytest.mark.parametrize("failure", [refuses(500), refuses(401), refuses(429), resets, hangs])
async def test_when_a_model_fails_the_next_one_is_asked_within_the_same_turn(failure: Answer) -> None:
    pays = picks("payment_requested")
    async with openai_server(failure) as first, openai_server(pays) as second:
        second_choice.URLS["llm"] = second.base_url
        async with call_over(first.base_url, llm=f"openai,{HERE}:model", model_timeout=2.0) as call:
            began = time.monotonic()
            await call.say("let us get that monthly thing out of the way, shall we")
            assert time.monotonic() - began < 15
            assert call.state is State.COLLECTING_LOAN
        assert first.requests
        assert {body["model"] for body in second.bodies} == {"second"}
        assert all(body["parallel_tool_calls"] is False for body in second.bodies)
        assert not [each for each in second.requests if each.places_of(KEY)], (
            "the first vendor's key went to the second"
        )


async def test_when_every_model_fails_the_caller_is_answered_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    # That all have failed is an error to the adapter, rightly; a rehearsed call takes any error of LiveKit's for ours.
    monkeypatch.setattr("livekit.agents.llm.fallback_adapter.logger", logging.getLogger("expected"))
    async with openai_server(refuses(503)) as first, openai_server(hangs) as second:
        second_choice.URLS["llm"] = second.base_url
        async with call_over(first.base_url, llm=f"openai,{HERE}:model", model_timeout=0.4) as call:
            await call.reach(State.VERIFYING)
            assert await call.say(VAGUE)
            assert call.state is State.VERIFYING


async def test_the_first_model_alone_is_asked_while_it_answers() -> None:
    async with openai_server(writes("?")) as first, openai_server(writes("?")) as second:
        second_choice.URLS["llm"] = second.base_url
        async with call_over(first.base_url, llm=f"openai,{HERE}:model") as call:
            await call.say(VAGUE)
        assert first.requests
        assert not second.requests


async def test_several_models_share_the_time_for_one_answer() -> None:
    second_choice.URLS["llm"] = "https://llm.example/v1"
    several = provider("llm", settings(llm=f"openai,{HERE}:model", OPENAI_API_KEY=KEY))()
    assert isinstance(several, llm.FallbackAdapter)
    assert several._attempt_timeout * 2 == settings().model_timeout


@pytest.mark.usefixtures("plug_ins_http")
async def test_when_a_recogniser_fails_the_next_one_hears_the_caller() -> None:
    async with deepgram_server(status=401) as first, deepgram_server("one zero zero zero", "yes") as second:
        second_choice.URLS["stt"] = second.base_url
        made = provider(
            "stt",
            settings(stt=f"deepgram,{HERE}:recogniser", stt_base_url=first.base_url, DEEPGRAM_API_KEY=KEY),
        )()
        assert await transcripts(made, 2) == ["one zero zero zero", "yes"]
        await close(made)
        assert first.requests
        assert not [each for each in second.requests if each.places_of(KEY)]


@pytest.mark.usefixtures("plug_ins_http")
@pytest.mark.parametrize("behaves", ["refuses", "drops"])
async def test_when_a_voice_fails_the_next_one_says_the_sentence(behaves: str) -> None:
    async with cartesia_server(behaves) as first, cartesia_server() as second:
        second_choice.URLS["tts"] = second.url
        named = f"cartesia,{HERE}:voice"
        made = provider("tts", settings(tts=named, tts_base_url=first.url, CARTESIA_API_KEY=KEY))()
        assert await spoken(made, "Thank you, that matches.") > 0
        assert second.said == "Thank you, that matches."
        assert not [each for each in second.requests if each.places_of(KEY)]


def test_a_worker_says_at_start_what_it_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    class Started(Exception):  # noqa: N818 - not an error: how far the worker got
        pass

    def serve(*_: object, **__: object) -> None:
        raise Started

    monkeypatch.setattr(worker, "_serve", serve)
    here = settings(
        LIVEKIT_URL="ws://127.0.0.1:9", LIVEKIT_API_KEY="a", LIVEKIT_API_SECRET=KEY, OPENAI_API_KEY=KEY,
        DEEPGRAM_API_KEY=KEY, tts=f"{HERE}:voice",
    )  # fmt: skip
    with capture_logs() as logged, pytest.raises(Started):
        worker.run(here, development=True)
    assert logged == [
        {
            "event": "worker_starting", "log_level": "info", "llm": "openai", "stt": "deepgram", "tts": f"{HERE}:voice",
            "vad": "silero", "backend": "embedded",
        }
    ]  # fmt: skip
    assert all(KEYS[name](value) for name, value in logged[0].items() if name not in {"event", "log_level"})
