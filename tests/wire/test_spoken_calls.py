"""Spoken calls as a worker makes them: real plug-ins, real turn and voice detection, the vendors on this machine."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from livekit.agents.utils import http_context
from livekit.agents.voice.turn import EndpointingOptions
from pydantic import SecretStr

from mortgage_fsm.machine import Call, State
from mortgage_fsm.voice import agents
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.wiring import Ledger
from tests.stories.phone_line import Microphone, Speaker
from tests.stories.rehearsal import opened, settings_for, shipped_knowledge
from tests.wire.calls import KEY
from tests.wire.cartesia_server import CartesiaServer, cartesia_server
from tests.wire.deepgram_server import DeepgramServer, deepgram_server

QUICK = EndpointingOptions(min_delay=0.1, max_delay=0.2)
"""A script does not think between two sentences."""


pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """LiveKit leaves the tasks of failed sentences to the garbage collector, which logs them: here, not in another test.

    Python 3.11 cannot format a traceback while it parses a file, so elsewhere it could stop the whole run.
    """
    yield
    gc.collect()


@dataclass
class Spoken:
    """A call under way: what the recogniser writes is heard, what the voice is sent is said."""

    phone: PhoneCall
    ledger: Ledger
    hearing: DeepgramServer
    speaking: CartesiaServer

    @property
    def call(self) -> Call:
        return self.phone.orchestrator.call

    async def until(self, holds: Callable[[], Any], seconds: float = 8.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, f"in vain, in {self.call.state}; said: {self.speaking.said[-200:]}"
            await asyncio.sleep(0.01)

    async def hear(self, words: str, then: str) -> None:
        """The caller says something, and the agent answers with these words, spoken to their end."""
        before = len(self.speaking.said)
        await self.hearing.hear(words)
        await self.until(lambda: then in self.speaking.said[before:])
        await self.until(lambda: self.phone.session.agent_state == "listening")

    async def amounts(self) -> list[int]:
        listed: list[dict[str, Any]] = await self.ledger.payments.listing()
        return [each["amount_cents"] for each in listed]


@asynccontextmanager
async def spoken_call(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Spoken]:
    monkeypatch.setattr(agents, "END_OF_TURN", dict.fromkeys(State, QUICK))
    async with (
        deepgram_server() as hearing,
        cartesia_server() as speaking,
        http_context.open(),
        opened(folder) as ledger,
    ):
        settings = settings_for(
            folder, DEEPGRAM_API_KEY=SecretStr(KEY), CARTESIA_API_KEY=SecretStr(KEY), stt_base_url=hearing.base_url,
            tts_base_url=speaking.url,
        )  # fmt: skip
        phone = PhoneCall(settings, ledger, shipped_knowledge(), model=None, audio=True)
        phone.session.input.audio, phone.session.output.audio = Microphone(), Speaker()
        call = Spoken(phone, ledger, hearing, speaking)
        await phone.start()
        try:
            await call.until(lambda: "How can I help?" in speaking.said)
            await call.until(lambda: phone.session.agent_state == "listening")
            yield call
        finally:
            await phone.close()
            assert phone.session.tts is not None
            await phone.session.tts.aclose()


async def come_to_the_method(call: Spoken) -> None:
    await call.hear("I'd like to make a payment.", then="loan number?")
    await call.hear("One zero zero zero four four seven one.", then="last four digits")
    await call.hear("Two one nine zero.", then="How much would you like to pay?")
    await call.hear("Twelve hundred dollars.", then="Would you like to pay")


async def test_a_payment_is_made_over_the_vendors_own_protocols(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with spoken_call(tmp_path, monkeypatch) as call:
        await come_to_the_method(call)
        await call.hear("My checking account.", then="Please say yes or no.")
        await call.until(lambda: call.call.read_back is not None and call.call.read_back.finish is not None)
        await call.hear("Yes.", then="confirmation number is M P, ")
        assert call.call.state is State.SUBMITTED
        assert await call.amounts() == [120000]
    assert len(call.hearing.requests) == 1, "one connection for the whole call, handoffs and all"
    assert call.hearing.sound > 0
    assert (
        "payment of one thousand two hundred dollars, today, from your checking account ending six zero two one,"
        in (call.speaking.said)
    )


async def test_what_the_voice_could_not_say_was_not_heard_and_a_yes_to_it_pays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with spoken_call(tmp_path, monkeypatch) as call:
        await come_to_the_method(call)
        call.speaking.behaves = "drops"
        await call.hearing.hear("My checking account.")
        await call.until(lambda: call.call.state is State.CONFIRMING)
        await asyncio.sleep(0.3)
        with suppress(ConnectionResetError):  # whoever cannot be spoken to a second time is let go, as the stories tell
            await call.hearing.hear("Yes.")
        await asyncio.sleep(0.5)
        assert call.call.state is State.CONFIRMING or call.call.ended
        assert await call.amounts() == []


async def test_a_recogniser_that_drops_the_line_hears_the_next_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with spoken_call(tmp_path, monkeypatch) as call:
        await call.hear("I'd like to make a payment.", then="loan number?")
        call.hearing.drops = 1
        await call.until(lambda: len(call.hearing.requests) == 2)
        await asyncio.sleep(0.1)
        await call.hear("One zero zero zero four four seven one.", then="last four digits")
