"""A payment call that is spoken from end to end: sound goes out, sound comes back, and money moves once.

The caller answers what the agent asks, so a word that was misheard costs a turn. They say yes only when what they have
heard, in sound, is their own amount and their own account.
"""

from __future__ import annotations

import pytest

from tests.speech.caller import Said, spoken_call
from tests.speech.figures import figures
from tests.speech.office import Office
from tests.speech.packages import needs_speech
from tests.speech.speaking import spoken

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session"), needs_speech]

PAY = "I'd like to make a payment, please."
LOAN = "One triple zero, four four seven one."
LAST_FOUR = "The last four are two one nine zero."
AMOUNT = "Two thousand three hundred six dollars and forty cents."
METHOD = "The bank account, please."
YES = "Yes, please."
NO = "No, thank you."
ANOTHER_AMOUNT = "No. Change the amount."
AGAIN = "Could you repeat that, please?"
GOODBYE = "No, that's all. Goodbye."

CENTS, ACCOUNT, ENDING = 230640, "6021", "4471"
WRITTEN = "$2,306.40"
SUBMITS = ("shall i submit", "a yes or a no", "yes to submit")
ANSWERS = (
    ("connect you with a person", NO),
    ("how much", AMOUNT),
    ("amount in dollars", AMOUNT),
    ("what should i change", ANOTHER_AMOUNT),
    ("would you like to pay", METHOD),
    ("debit card", METHOD),
    ("four digits", LAST_FOUR),
    ("loan number", LOAN),
    ("go on.", LOAN),
    ("confirmation number is", GOODBYE),
    ("how can i help", PAY),
    ("make a payment", PAY),
)
"""What the agent says, and what this caller answers to the first of it that fits."""


def answer(text: str) -> str | None:
    if "I have loan" in text and "1 0 0 0, 4 4 7 1" not in text:
        return LOAN
    return next((said for asked, said in ANSWERS if asked in text.lower()), None)


async def rightly_heard(said: Said) -> bool:
    """Whether the sound of a read-back names this amount and no other, this account and this loan.

    Who is not sure of what they heard may weigh more readings of it, but must come to exactly this one.
    """
    for beams in (1, 5):
        heard = figures(await said.words(beams))
        if heard.cents == {CENTS} and heard.digits >= {ACCOUNT, ENDING}:
            return True
    return False


async def reply(said: Said) -> str | None:
    if not any(each in said.text.lower() for each in SUBMITS):
        return answer(said.text)
    if WRITTEN not in said.text:
        return ANOTHER_AMOUNT
    return YES if await rightly_heard(said) else AGAIN


async def test_a_spoken_call_is_heard_and_answered_in_sound_and_pays_once(office: Office) -> None:
    async with spoken_call(office, PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, YES, GOODBYE) as caller:
        said = await caller.talk(reply, until="confirmation number")
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["method"], payment["status"]) == (CENTS, "bank_transfer", "accepted")
        assert payment["confirmation"] in said
        await caller.speak(GOODBYE)
        await caller.talk(reply, until="goodbye")
        greeting, done = await caller.said[0].words(), await caller.said[-2].words()
    await office.evidence.ended()
    assert any(word in greeting.lower() for word in ("calling", "assistant", "mortgage", "help")), greeting
    assert any(word in done.lower() for word in ("payment", "submitted", "confirmation")), done
    assert len(await office.evidence.payments()) == 1


READ_BACK = (
    "Here's what I have. One payment of two thousand three hundred six dollars and forty cents, today, "
    "from your checking account ending six zero two one, toward your loan ending in four four seven one. "
    "Shall I submit it? Please say yes or no."
)


@pytest.mark.parametrize(
    ("right", "instead", "answered"),
    [
        ("forty cents", "forty cents", YES),
        ("forty cents", "fourteen cents", AGAIN),
        ("six zero two one", "eight eight three zero", AGAIN),
    ],
)
async def test_the_caller_agrees_to_nothing_that_sounds_otherwise_than_it_is_written(
    right: str, instead: str, answered: str
) -> None:
    sound = spoken(READ_BACK.replace(right, instead))
    assert await reply(Said(f"One payment of {WRITTEN}. Shall I submit it?", sound)) == answered
