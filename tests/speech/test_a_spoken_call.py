"""A payment call that is spoken from end to end: sound goes out, sound comes back, and money moves once."""

from __future__ import annotations

import pytest

from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House
from tests.speech.caller import spoken_call
from tests.speech.packages import needs_speech

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session"), needs_speech]

PAY = "I'd like to make a payment, please."
LOAN = "One triple zero, four four seven one."
LAST_FOUR = "The last four are two one nine zero."
AMOUNT = "One thousand two hundred six dollars and forty cents."
METHOD = "The bank account, please."
YES = "Yes, please."
GOODBYE = "No, that's all. Goodbye."

READINGS_OF_THE_AMOUNT = ("one thousand two hundred six point four zero", "one thousand two hundred six dollars")
READINGS_OF_THE_ACCOUNT = ("ending six thousand twenty one", "ending six zero two one", "ending sixty twenty one")
"""How voices read $1,206.40 and 6021 out."""


async def test_a_spoken_call_is_heard_and_answered_in_sound_and_pays_once(
    house: House, start_spoken: StartWorker
) -> None:
    evidence = Evidence(await start_spoken())
    lines = (PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, YES, GOODBYE)
    async with spoken_call(house, *lines) as caller:
        await caller.hear("how can i help")
        await caller.answer(PAY, then="loan number?")
        await caller.answer(LOAN, then="loan 1 0 0 0, 4 4 7 1.")
        await caller.answer(LAST_FOUR, then="how much")
        await caller.answer(AMOUNT, then="would you like to pay")
        await caller.answer(METHOD, then="shall i submit")
        said = await caller.answer(YES, then="confirmation number")
        (payment,) = await evidence.payments()
        assert (payment["amount_cents"], payment["method"], payment["status"]) == (120640, "bank_transfer", "accepted")
        assert payment["confirmation"] in said
        await caller.answer(GOODBYE, then="goodbye")
        heard = await caller.words_heard()
    await evidence.ended()
    # One text: on a busy machine the voice halts between two sentences, and an utterance ends there.
    whole = " ".join(heard)
    before, read_back = whole.split("here s what i have", maxsplit=1)
    read_back, done = read_back.split("yes or no", maxsplit=1)
    assert "how can i help" in before, whole
    assert any(reading in read_back for reading in READINGS_OF_THE_AMOUNT), whole
    assert any(reading in read_back for reading in READINGS_OF_THE_ACCOUNT), whole
    assert "ending in four four seven one" in read_back, whole
    assert any(reading in done for reading in READINGS_OF_THE_AMOUNT), whole
    assert "confirmation number" in done, whole
    assert len(await evidence.payments()) == 1
