"""What is said after a decision."""

from __future__ import annotations

from datetime import date

import pytest

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.ports import Instrument, Loan
from mortgage_fsm.machine import Call, Effect, Facts, Finding, Moved, Refused, State, Trigger
from mortgage_fsm.machine.call import Identity, ReadBack, Submission
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.speech import REASONS_THAT_OFFER_A_PERSON, Wording

LOAN = Loan(
    number="10004471",
    amount_due=185000,
    due_date=date(2026, 12, 1),
    last_payment=185000,
    last_payment_date=date(2026, 11, 1),
    payoff=20_000_000,
    flag=None,
    instruments=(
        Instrument(Method.BANK_TRANSFER, "t1", "checking account ending 6021"),
        Instrument(Method.DEBIT_CARD, "t2", "debit card ending 8830"),
    ),
    autopay_active=False,
)
FACTS = Facts("10004471", 120000, Method.BANK_TRANSFER)
CALL = Call(
    loan="10004471",
    identity=Identity("10004471", 0.0),
    amount=120000,
    method=Method.BANK_TRANSFER,
    in_flight=Submission(1, FACTS),
    read_back=ReadBack(1, FACTS),
    confirmation="AB123456",
)
WORDING = Wording(phrases(), "Example")


@pytest.mark.parametrize("effect", Effect)
@pytest.mark.parametrize("state", State)
def test_every_effect_is_said_in_every_state_with_nothing_left_to_fill_in(state: State, effect: Effect) -> None:
    after = CALL._replace(state=state)
    finding = Finding(confirmation="AB123456")
    moved = Moved(Trigger.REPEAT_ASKED, CALL._replace(state=State.AMOUNT), after, finding, 0, {}, (effect,))
    said = WORDING.opening([moved], LOAN).text
    assert "{" not in said
    assert "  " not in said
    assert said.count("?") <= 1, said


@pytest.mark.parametrize("reason", sorted(phrases().keys("refused")))
@pytest.mark.parametrize("state", State)
def test_every_refusal_is_said_in_every_state(state: State, reason: str) -> None:
    call = CALL._replace(state=state, read_back=None, in_flight=None)
    speech = WORDING.opening([Refused(Trigger.AMOUNT_OFFERED, call, Finding(), reason, {})], LOAN)
    assert speech.text
    assert "{" not in speech.text
    assert speech.text.count("?") <= 1, speech.text
    if reason in REASONS_THAT_OFFER_A_PERSON:
        assert speech.accepts is Trigger.HUMAN_ASKED


def test_a_read_back_names_amount_day_account_and_loan() -> None:
    assert WORDING.read_back(CALL, LOAN) == (
        "Here's what I have. One payment of $1,200.00, today, from your checking account ending 6021, toward your loan "
        "ending in 4 4 7 1. That's less than the $1,850.00 that's due."
    )


def test_a_read_back_of_an_enrolment_says_that_nothing_is_paid_and_that_it_can_be_cancelled() -> None:
    for amount in (120000, Wish.AMOUNT_DUE):
        facts = Facts("10004471", amount, Method.AUTOPAY)
        said = WORDING.read_back(CALL._replace(read_back=ReadBack(1, facts)), LOAN)
        assert "Nothing is paid today." in said
        assert "cancel at any time" in said


@pytest.mark.parametrize("state", State)
def test_a_silence_in_a_row_is_asked_about_answered_with_a_person_and_ended(state: State) -> None:
    first, second, third = (WORDING.silence(state, times) for times in (1, 2, 3))
    assert first.text.startswith("Are you still there?")
    assert "person" in second.text
    assert third.text.endswith("Goodbye.")
    assert [each.ends for each in (first, second, third)] == [False, False, True]
    accepted = None if state is State.CONFIRMING else Trigger.HUMAN_ASKED
    assert (first.accepts, second.accepts, third.accepts) == (None, accepted, None)


def test_an_offer_that_was_declined_is_not_made_again_at_once() -> None:
    paused = Call(paying=True)
    assert WORDING.asking(paused, None).accepts is Trigger.PAYMENT_REQUESTED
    assert WORDING.remark("declined_offer", paused, None).text == "Okay. What else can I help you with?"
