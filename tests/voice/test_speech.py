"""What is said after a decision."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.ports import Instrument, Loan
from mortgage_fsm.machine import Call, Effect, Facts, Finding, Moved, Refused, State, Trigger
from mortgage_fsm.machine.call import Identity, ReadBack, Submission
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.rendering import day
from mortgage_fsm.voice.speech import REASONS_THAT_OFFER_A_PERSON, Wording
from mortgage_fsm.voice.terms import Terms

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
    assert WORDING.read_back(CALL, LOAN).startswith(
        "Here's what I have. One payment of $1,200.00, today, from your checking account ending 6021, toward your loan "
        "ending in 4 4 7 1. That's less than the $1,850.00 that's due. "
    )


def test_a_bank_debit_is_read_back_with_all_that_an_authorisation_by_telephone_must_say() -> None:
    terms = Terms(inquiry="+15105550101", zone=ZoneInfo("Pacific/Kiritimati"))
    said = Wording(phrases(), "Oak", terms).read_back(CALL, LOAN)
    today = day(datetime.now(terms.zone).date(), phrases())
    assert said.endswith(
        f"You're authorizing this as one electronic debit, dated {today}. To ask about it, or to cancel it before it's "
        "processed, call 5 1 0, 5 5 5, 0 1 0 1."
    )
    for element in ("$1,200.00", "checking account ending 6021", "loan ending in 4 4 7 1"):
        assert element in said


def test_a_debit_card_needs_no_authorisation_of_a_bank_debit() -> None:
    card = ReadBack(1, Facts("10004471", 120000, Method.DEBIT_CARD))
    assert "electronic debit" not in WORDING.read_back(CALL._replace(read_back=card), LOAN)


def test_the_hash_of_the_read_backs_changes_with_every_sentence_in_them_and_with_nothing_else() -> None:
    other = phrases().but({"read_back": {"authorisation": "Debit {today}, {inquiry}."}})
    greeting = phrases().but({"greeting": {"first": "Hi."}})
    hashes = [
        Wording(words, "Oak", terms).read_back_hash
        for words, terms in (
            (phrases(), Terms()),
            (other, Terms()),
            (phrases(), Terms(statements=("You agree.",))),
            (phrases(), Terms(inquiry="+15105550101")),
        )
    ]
    assert len(set(hashes)) == 4
    assert Wording(greeting, "Ash", Terms()).read_back_hash == hashes[0]


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
