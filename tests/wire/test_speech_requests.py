"""What the Deepgram and Cartesia plug-ins send for us: models, rates, the opt-out, addresses, and each key in one place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from livekit import rtc
from livekit.agents import stt, tts
from livekit.agents.utils import http_context
from pydantic import SecretStr

from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import PATIENCE, provider
from tests.wire.calls import KEY, close
from tests.wire.cartesia_server import CartesiaServer, cartesia_server
from tests.wire.deepgram_server import DeepgramServer, deepgram_server

RATE = 16000


@pytest.fixture(autouse=True)
async def plug_ins_http() -> AsyncIterator[None]:
    """What a job process gives its plug-ins."""
    async with http_context.open():
        yield


def recogniser(server: DeepgramServer, **changes: Any) -> stt.STT[Any]:
    settings = Settings(_env_file=None, DEEPGRAM_API_KEY=SecretStr(KEY), stt_base_url=server.base_url, **changes)
    made: stt.STT[Any] = provider("stt", settings)()
    return made


def voice(server: CartesiaServer, **changes: Any) -> tts.TTS[Any]:
    settings = Settings(_env_file=None, CARTESIA_API_KEY=SecretStr(KEY), tts_base_url=server.url, **changes)
    made: tts.TTS[Any] = provider("tts", settings)()
    return made


async def transcripts(made: stt.STT[Any], count: int) -> list[str]:
    """Half a second of silence is heard as this many finals."""
    found: list[str] = []
    frame = rtc.AudioFrame(bytes(RATE // 10 * 2), RATE, 1, RATE // 10)
    async with asyncio.timeout(5), made.stream(conn_options=PATIENCE.stt_conn_options) as stream:

        async def speak() -> None:
            while True:
                stream.push_frame(frame)
                await asyncio.sleep(0.01)

        speaking = asyncio.ensure_future(speak())
        async for event in stream:
            if event.type is stt.SpeechEventType.FINAL_TRANSCRIPT:
                found.append(event.alternatives[0].text)
                if len(found) == count:
                    break
        speaking.cancel()
    return found


async def spoken(made: tts.TTS[Any], text: str) -> float:
    """Seconds of sound that came back."""
    try:
        async with asyncio.timeout(8), made.stream(conn_options=PATIENCE.tts_conn_options) as stream:
            stream.push_text(text)
            stream.end_input()
            return sum([each.frame.duration async for each in stream])
    finally:
        await close(made)


async def test_deepgram_is_asked_with_what_is_configured_and_to_learn_nothing_from_the_call() -> None:
    async with deepgram_server("one zero zero zero") as server:
        assert await transcripts(recogniser(server), 1) == ["one zero zero zero"]
    query = dict(server.requests[0].query)
    assert query == {
        "model": "nova-3", "language": "en-US", "encoding": "linear16", "sample_rate": "16000", "channels": "1",
        "mip_opt_out": "true", "punctuate": "true", "numerals": "false", "smart_format": "false", "filler_words": "true",
        "interim_results": "true", "no_delay": "true", "vad_events": "true", "profanity_filter": "false",
        "endpointing": "25",
    }  # fmt: skip
    assert server.sound > 0


async def test_cartesia_is_asked_with_what_is_configured() -> None:
    async with cartesia_server() as server:
        assert await spoken(voice(server, tts_voice="a-voice"), "Shall I submit it? Please say yes or no.") > 0
    assert dict(server.requests[0].query) == {"cartesia_version": "2025-04-16"}
    assert server.said == "Shall I submit it? Please say yes or no."
    for message in server.messages:
        assert {name: message[name] for name in ("model_id", "voice", "language", "output_format")} == {
            "model_id": "sonic-3",
            "voice": {"mode": "id", "id": "a-voice"},
            "language": "en",
            "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24000},
        }
    assert set().union(*server.messages) == {
        "model_id", "voice", "language", "output_format", "add_timestamps", "max_buffer_delay_ms", "context_id",
        "transcript", "continue",
    }  # fmt: skip


async def test_each_key_stands_in_one_header() -> None:
    async with deepgram_server("yes") as hearing, cartesia_server() as speaking:
        await transcripts(recogniser(hearing), 1)
        await spoken(voice(speaking), "Thank you.")
    assert [each.places_of(KEY) for each in hearing.requests] == [{"header authorization"}]
    assert hearing.requests[0].headers["Authorization"] == f"Token {KEY}"
    assert [each.places_of(KEY) for each in speaking.requests] == [{"header x-api-key"}]
    assert KEY not in str(hearing.messages) + str(speaking.messages)


async def test_other_models_are_asked_where_the_settings_name_them() -> None:
    async with deepgram_server("yes") as hearing, cartesia_server() as speaking:
        await transcripts(recogniser(hearing, stt_model="nova-2-phonecall"), 1)
        await spoken(voice(speaking, tts_model="sonic-2"), "Thank you.")
    assert hearing.requests[0].query["model"] == "nova-2-phonecall"
    assert {each["model_id"] for each in speaking.messages} == {"sonic-2"}


def test_without_an_address_it_is_the_vendors_own() -> None:
    settings = Settings(_env_file=None, DEEPGRAM_API_KEY=SecretStr(KEY), CARTESIA_API_KEY=SecretStr(KEY))
    assert provider("stt", settings)()._opts.endpoint_url == "https://api.deepgram.com/v1/listen"
    assert provider("tts", settings)()._opts.base_url == "https://api.cartesia.ai"


async def test_a_recogniser_whose_line_drops_is_connected_again() -> None:
    async with deepgram_server("yes", drops=2) as server:
        assert await transcripts(recogniser(server), 1) == ["yes"]
    assert len(server.requests) == 3


@pytest.mark.parametrize("behaves", ["refuses", "drops"])
async def test_a_voice_that_fails_is_tried_once_more_and_then_given_up(behaves: str) -> None:
    async with cartesia_server(behaves) as server:
        with pytest.raises(Exception, match=r"attempts|status"):
            await spoken(voice(server), "Thank you.")
    assert 1 <= len(server.requests) <= 2
