"""What callers do on a line: they talk too early, say nothing, stop in the middle of a number, repeat themselves."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House
from tests.room.payment import LAST_FOUR, LOAN
from tests.room.server.seen import PATIENCE
from tests.room.sound import RATE, Samples
from tests.speech.caller import SpokenCaller, spoken_call
from tests.speech.hearing import DICTATION
from tests.speech.packages import needs_speech
from tests.speech.speaking import pause
from tests.speech.waiting_gateway import CONFIRMATION, MAY_ANSWER

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session"), needs_speech]

PAY = "I'd like to make a payment, please."
METHOD = "The bank account, please."
EARLY_YES = "Yes, go ahead."
YES = "Yes, please."
HALF, OTHER_HALF = "One zero zero zero.", "Four four seven one."
FACTS = "here's what i have"


async def up_to_the_method(caller: SpokenCaller) -> None:
    """Typed, because it is not what these tests are about; the amount is $350."""
    await caller.hear("how can i help")
    for typed, heard in (
        ("I'd like to make a payment", "loan number"),
        (LOAN, "social security"),
        (LAST_FOUR, "how much"),
        ("$350", "checking account"),
    ):
        await caller.line.say(typed)
        await caller.hear(heard)


def hiss(seconds: float) -> Samples:
    """The noise of a line on which nobody speaks."""
    return np.random.default_rng(7).normal(0, 60, int(RATE * seconds)).astype(np.int16)


def lines_of(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8").splitlines()


async def begun(evidence: Evidence) -> None:
    """Wait until a payment has been written down."""
    async with asyncio.timeout(PATIENCE):
        while not await evidence.payments():  # noqa: ASYNC110 - another process writes it, and tells nobody
            await asyncio.sleep(0.1)


async def test_a_yes_that_begins_during_the_read_backs_question_pays_nothing_until_it_is_said_again(
    house: House, start_spoken: StartWorker
) -> None:
    evidence = Evidence(await start_spoken())
    async with spoken_call(house, METHOD, EARLY_YES, YES) as caller:
        await up_to_the_method(caller)
        await caller.speak(METHOD)
        await caller.line.hear(FACTS)
        await caller.speak(EARLY_YES)  # the question has begun
        await caller.line.hear(FACTS)
        await caller.hear("shall i submit")
        assert await evidence.payments() == []
        said = await caller.answer(YES, then="confirmation number")
        (payment,) = await evidence.payments()
        assert (payment["amount_cents"], payment["status"]) == (35000, "accepted")
        assert payment["confirmation"] in said
    await evidence.ended()


async def test_a_line_that_only_hisses_is_silent_and_the_caller_who_comes_back_is_heard(
    house: House, start_spoken: StartWorker, heard: Path
) -> None:
    evidence = Evidence(await start_spoken(MORTGAGE_FSM_SILENCE_SECONDS="10"))
    async with spoken_call(house, PAY) as caller:
        await caller.hear("how can i help")
        await caller.speak(hiss(12))
        await caller.hear("are you still there")
        await caller.answer(PAY, then="loan number?")
    await evidence.ended()
    (words,) = lines_of(heard)
    assert "payment" in words


async def test_a_pause_in_the_middle_of_a_number_does_not_end_the_turn(
    house: House, start_spoken: StartWorker, heard: Path
) -> None:
    evidence = Evidence(
        await start_spoken(MORTGAGE_FSM_STT="tests.speech.hearing:dictated_ear", **{DICTATION: f"{HALF}\n{OTHER_HALF}"})
    )
    async with spoken_call(house, HALF, OTHER_HALF) as caller:
        await caller.hear("how can i help")
        await caller.line.say("I'd like to make a payment")
        await caller.hear("loan number")
        await caller.answer(HALF, pause(0.7), OTHER_HALF, then="I have loan 1 0 0 0, 4 4 7 1.")
        assert not [each for each in caller.line.heard if "sorry" in each.lower()]
    await evidence.ended()
    assert lines_of(heard) == [HALF, OTHER_HALF]


async def test_words_while_the_payment_is_being_sent_are_answered_and_it_is_sent_once(
    house: House, start_spoken: StartWorker, tmp_path: Path
) -> None:
    may_answer = tmp_path / "may-answer"
    worker = await start_spoken(
        MORTGAGE_FSM_GATEWAY="tests.speech.waiting_gateway:gateway",
        MORTGAGE_FSM_GATEWAY_TIMEOUT=str(int(PATIENCE)),
        **{MAY_ANSWER: str(may_answer)},
    )
    evidence = Evidence(worker)
    async with spoken_call(house, YES) as caller:
        await up_to_the_method(caller)
        await caller.line.say("my bank account")
        await caller.hear("shall i submit")
        await caller.speak(pause(0.4), YES)
        await begun(evidence)
        await caller.speak(YES)
        await caller.hear("being sent")
        assert len(await evidence.payments()) == 1
        may_answer.touch()
        assert CONFIRMATION in await caller.hear("confirmation number")
        (payment,) = await evidence.payments()
        assert (payment["amount_cents"], payment["status"]) == (35000, "accepted")
    await evidence.ended()
