"""The end of a call from our side: goodbye is said first, the caller may take it back, and no payment is ever cut short."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from livekit.agents import APIError, tts

from mortgage_fsm.heard import Reason
from mortgage_fsm.machine import State, Trigger
from mortgage_fsm.voice.speech import LAST_MISS
from mortgage_fsm.voice.transfer import Briefing, Reached
from tests.stories.phone_line import Line, phone_line
from tests.stories.rehearsal import ScriptedModel, calls, rehearse

GIBBERISH = "flibber the jabber"


class People:
    """Whom a caller may be connected with."""

    def __init__(self, reached: Reached) -> None:
        self.reached = reached
        self.briefed: list[Briefing] = []

    async def connect(self, briefing: Briefing) -> Reached:
        self.briefed.append(briefing)
        return self.reached


@pytest.mark.parametrize("state", [State.ADVISING, State.COLLECTING_LOAN, State.CONFIRMING, State.SUBMITTED])
async def test_goodbye_is_answered_and_ends_the_call(state: State) -> None:
    async with rehearse() as call:
        await call.reach(state)
        paid = await call.amounts()
        assert (await call.say("goodbye")).endswith("Thank you for calling. Goodbye.")
        await call.phone.orchestrator.settled()
        assert call.phone.orchestrator.goodbye.is_set()
        assert call.call.ended
        assert await call.say("yes") == ""
        assert await call.amounts() == paid


async def test_who_says_goodbye_before_the_payment_is_told_that_there_was_none() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        assert "I haven't made a payment." in await call.say("bye")


async def test_who_wants_nothing_else_is_let_go() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        assert "Goodbye" in await call.say("no, thank you")
        await call.phone.orchestrator.settled()
        assert call.call.ended


async def test_goodbye_beside_words_that_are_not_understood_ends_nothing() -> None:
    async with rehearse() as call:
        await call.say("goodbye to that old rate of mine huh")
        await call.phone.orchestrator.settled()
        assert not call.call.ended


@pytest.mark.parametrize("state", [s for s in State if s is not State.ADVISING])  # where it would be a question
async def test_a_call_in_which_nothing_is_understood_offers_a_person_and_then_ends(state: State) -> None:
    async with rehearse(model=ScriptedModel(lambda _: calls())) as call:
        await call.reach(state)
        said = [await call.say(GIBBERISH) for _ in range(LAST_MISS + 1)]
        assert all("person" in each for each in said[2:LAST_MISS])
        assert said[-1].endswith("Goodbye.")
        await call.phone.orchestrator.settled()
        assert call.call.ended
        assert await call.amounts() == ([120000] if state is State.SUBMITTED else [])


async def test_what_is_understood_begins_the_count_anew() -> None:
    async with rehearse() as call:
        for line in ("I'd like to make a payment", "10004471", "2190"):
            for _ in range(LAST_MISS - 1):
                await call.say(GIBBERISH if call.state is not State.ADVISING else "5 to 12 of 9")
            await call.say(line)
        assert call.state is State.AMOUNT


async def test_on_the_line_a_caller_who_speaks_into_the_goodbye_stays(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        line.voice.slowly = "Thank you for calling."
        await line.until(lambda: line.phone.session.agent_state == "listening")
        await line.recogniser.hear("goodbye")
        await line.until(lambda: line.phone.session.agent_state == "speaking")
        await line.tell("wait, I'd like to make a payment", "loan number?")
        assert not line.call.ended
        assert not line.phone.orchestrator.goodbye.is_set()


async def test_on_the_line_goodbye_is_spoken_to_its_end_before_the_line_is_gone(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await line.until(lambda: line.phone.session.agent_state == "listening")
        await line.recogniser.hear("goodbye")
        await asyncio.wait_for(line.phone.orchestrator.goodbye.wait(), 6)
        assert line.spoken[-1] == "Thank you for calling. Goodbye."


async def test_on_the_line_a_caller_who_speaks_into_the_silence_goodbye_stays(tmp_path: Path) -> None:
    async with phone_line(tmp_path, away=0.12) as line:
        line.voice.slowly = "I still can't hear you"
        await line.until(lambda: any("connect you with a person?" in said for said in line.spoken))
        await line.until(lambda: line.phone.session.agent_state == "speaking")
        await line.tell("hello, I'm here, I'd like to make a payment", "loan number?")
        assert not line.call.ended


class _Lost(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        raise APIError("gone", retryable=False)


def _lose_the_voice(line: Line) -> None:
    def synthesize(text: str, *, conn_options: Any = None) -> tts.ChunkedStream:
        return _Lost(tts=line.voice, input_text=text, conn_options=conn_options)

    line.voice.synthesize = synthesize  # type: ignore[method-assign] # the voice dies in the middle of a call


@pytest.mark.parametrize("reached", [Reached.PERSON, Reached.CLOSED, Reached.NOBODY])
async def test_a_caller_to_whom_nothing_can_be_said_is_handed_to_a_person_or_the_line_ends(
    tmp_path: Path, reached: Reached
) -> None:
    people = People(reached)
    async with phone_line(tmp_path, person=people) as line:
        await line.come_to_the_method()
        _lose_the_voice(line)
        async with asyncio.timeout(20):
            while not line.phone.orchestrator.goodbye.is_set():
                await line.recogniser.hear(GIBBERISH)
                await asyncio.sleep(0.15)
        assert [each.reason for each in people.briefed] == [Reason.ASKED]
        assert line.call.ended is (reached is not Reached.PERSON)
        assert await line.payments() == []
        waiting = await line.ledger.callbacks.waiting()
        assert len(waiting) == (1 if reached is Reached.CLOSED else 0)
        assert Trigger.HUMAN_ASKED in [each.trigger for each in line.decided]
