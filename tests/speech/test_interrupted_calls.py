"""What callers do on a line: they talk too early, say nothing, stop in the middle of a number, repeat themselves."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tests.room.evidence import Evidence
from tests.room.payment import LAST_FOUR, LOAN
from tests.room.server.seen import PATIENCE
from tests.room.sound import RATE, Samples
from tests.speech.caller import Said, SpokenCaller, spoken_call
from tests.speech.office import ASH, ELM, SILENCE_SECONDS, Office
from tests.speech.packages import needs_speech
from tests.speech.speaking import pause

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session"), needs_speech]

PAY = "I'd like to make a payment, please."
EARLY_YES = "Yes. Yes, go ahead and submit it."
YES = "Yes, please."
HALF, OTHER_HALF = "One zero zero zero.", "Four four seven one."
FACTS = "here's what i have"
CENTS = 200000


async def up_to_the_read_back(caller: SpokenCaller) -> None:
    """Typed, because it is not what these tests are about; the amount is $2,000. A card's read-back is the shortest."""
    await caller.hear("how can i help")
    await caller.line.say(f"I'd like to make a payment on loan {LOAN}, the last four are {LAST_FOUR}")
    await caller.hear("how much")
    await caller.line.say("$2,000 with my debit card")


async def once_asked(said: Said) -> str | None:
    """Yes, at the very end of the read-back's question."""
    return YES if "yes or no" in said.text else None


def hiss(seconds: float) -> Samples:
    """The noise of a line on which nobody speaks."""
    return np.random.default_rng(7).normal(0, 60, int(RATE * seconds)).astype(np.int16)


async def begun(evidence: Evidence) -> None:
    """Wait until a payment has been written down."""
    async with asyncio.timeout(PATIENCE):
        while not await evidence.payments():  # noqa: ASYNC110 - another process writes it, and tells nobody
            await asyncio.sleep(0.1)


async def test_a_yes_that_begins_while_the_agent_reads_back_pays_nothing_until_it_is_said_again(office: Office) -> None:
    paid_when_asked: list[int] = []

    async def yes(said: Said) -> str | None:
        answer = await once_asked(said)
        if answer is not None:
            paid_when_asked.append(len(await office.evidence.payments()))
        return answer

    async with spoken_call(office, EARLY_YES, YES, tenant=ELM) as caller:
        await up_to_the_read_back(caller)
        await caller.line.hear(FACTS)
        await caller.speak(EARLY_YES)  # into the question, or on a busy machine into what is left of the facts
        said = await caller.talk(yes, until="confirmation number")
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["status"]) == (CENTS, "accepted")
        assert payment["confirmation"] in said
    await office.evidence.ended()
    assert paid_when_asked, "it was paid without having been asked to the end"
    assert not any(paid_when_asked)


async def test_a_line_that_only_hisses_is_silent_and_the_caller_who_comes_back_is_heard(office: Office) -> None:
    async def pay(said: Said) -> str | None:
        return PAY if "make a payment" in said.text or "How can I help?" in said.text else None

    async with spoken_call(office, PAY, tenant=ASH) as caller:
        await caller.hear("how can i help")
        await caller.speak(hiss(SILENCE_SECONDS + 2))
        await caller.hear("are you still there")
        assert not any(office.files.heard), (
            "the voice detector may take a hiss for a voice, but there are no words in it"
        )
        await caller.speak(PAY)
        await caller.talk(pay, until="loan number?")
    await office.evidence.ended()
    assert any("payment" in each for each in office.files.heard)


async def test_a_caller_who_pauses_in_the_middle_of_a_number_is_not_asked_for_it_again(office: Office) -> None:
    office.files.dictate(HALF, OTHER_HALF)
    async with spoken_call(office, HALF, OTHER_HALF, tenant=ASH) as caller:
        await caller.hear("how can i help")
        await caller.line.say("I'd like to make a payment")
        await caller.hear("loan number?")
        before = len(caller.line.heard)
        await caller.speak(HALF, pause(0.7), OTHER_HALF)
        await caller.hear("I have loan 1 0 0 0, 4 4 7 1.")
        asked_again = [each for each in caller.line.heard[before:] if "loan number" in each.lower()]
        assert asked_again == []
    await office.evidence.ended()
    assert office.files.heard == [HALF, OTHER_HALF]


async def test_words_while_the_payment_is_being_sent_are_answered_and_it_is_sent_once(office: Office) -> None:
    office.files.hold_up_the_gateway()

    async with spoken_call(office, YES, tenant=ASH) as caller:
        await up_to_the_read_back(caller)
        await caller.hear("yes or no")
        await caller.speak(YES)
        await begun(office.evidence)
        await caller.speak(YES)
        await caller.line.hear("being sent")
        (payment,) = await office.evidence.payments()
        assert payment["status"] == "submitting"
        office.files.let_the_gateway_answer()
        said = await caller.hear("confirmation number")
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["status"]) == (CENTS, "accepted")
        assert payment["confirmation"] in said
    await office.evidence.ended()
