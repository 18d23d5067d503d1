"""Which trigger plain words choose, as tables: state, words, what they choose alone, and what they choose in doubt."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Heard, Intent, Method
from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.machine.call import Identity
from mortgage_fsm.machine.turn import EXPECTS
from mortgage_fsm.spoken import hear
from mortgage_fsm.voice import rules

KNOWN = Call(loan="10004471", identity=Identity("10004471", 0.0), paying=True, amount=1000)


def standing(state: State) -> Call:
    return (Call() if state in {State.ADVISING, State.COLLECTING_LOAN} else KNOWN)._replace(state=state)


@pytest.mark.parametrize(
    ("state", "words", "chosen"),
    [
        (State.ADVISING, "I'd like to make a payment", Trigger.PAYMENT_REQUESTED),
        (State.ADVISING, "pay $500", Trigger.AMOUNT_OFFERED),
        (State.ADVISING, "my loan number is 10004471", Trigger.LOAN_OFFERED),
        (State.ADVISING, "when is my next payment due?", Trigger.LOAN_FACT_ASKED),
        (State.ADVISING, "yes", None),
        (State.ADVISING, "no", None),
        (State.COLLECTING_LOAN, "10004471", Trigger.LOAN_OFFERED),
        (State.COLLECTING_LOAN, "cancel", Trigger.PAYMENT_CANCELLED),
        (State.VERIFYING, "2190", Trigger.IDENTITY_OFFERED),
        (State.VERIFYING, "no", Trigger.LOAN_CHANGE_ASKED),
        (State.VERIFYING, "no, make it $500", Trigger.AMOUNT_OFFERED),
        (State.VERIFYING, "no, it's loan 10005582", Trigger.LOAN_OFFERED),
        (State.VERIFYING, "yes", None),
        (State.AMOUNT, "$500", Trigger.AMOUNT_OFFERED),
        (State.AMOUNT, "the amount due", Trigger.AMOUNT_OFFERED),
        (State.AMOUNT, "no, $500", Trigger.AMOUNT_OFFERED),
        (State.METHOD, "my bank account", Trigger.METHOD_OFFERED),
        (State.METHOD, "make it $700", Trigger.AMOUNT_OFFERED),
        (State.CONFIRMING, "yes", Trigger.PAYMENT_CONFIRMED),
        (State.CONFIRMING, "no", Trigger.READ_BACK_REJECTED),
        (State.CONFIRMING, "no, make it $500", Trigger.READ_BACK_REJECTED),
        (State.CONFIRMING, "change the amount", Trigger.AMOUNT_CHANGE_ASKED),
        (State.CONFIRMING, "can you repeat that", Trigger.REPEAT_ASKED),
        (State.SUBMITTED, "yes", None),
        (State.SUBMITTED, "I'd like to make another payment", Trigger.PAYMENT_REQUESTED),
    ],
)
def test_plain_words_choose_their_trigger(state: State, words: str, chosen: Trigger | None) -> None:
    assert rules.chosen(standing(state), hear(words, EXPECTS.get(state))) is chosen


@pytest.mark.parametrize("state", State)
def test_a_person_comes_before_everything_that_was_said_beside_it(state: State) -> None:
    heard = Heard(amount=500, assent=True, intents=frozenset({Intent.HUMAN, Intent.PAY, Intent.CANCEL}), complete=False)
    assert rules.chosen(standing(state), heard) is Trigger.HUMAN_ASKED
    assert rules.fallback(standing(state), heard) is Trigger.HUMAN_ASKED


@pytest.mark.parametrize("state", State)
def test_words_that_are_not_wholly_understood_choose_nothing_by_themselves(state: State) -> None:
    assert rules.chosen(standing(state), Heard(loan="10004471", amount=500, assent=True, complete=False)) is None


@pytest.mark.parametrize("state", State)
def test_a_yes_is_never_taken_from_words_that_are_not_wholly_understood(state: State) -> None:
    for heard in (Heard(assent=True), Heard(assent=True, complete=False, intents=frozenset({Intent.GREETING}))):
        assert rules.fallback(standing(state), heard) is not Trigger.PAYMENT_CONFIRMED


@pytest.mark.parametrize("state", State)
def test_what_we_do_not_offer_begins_nothing(state: State) -> None:
    heard = Heard(amount=500, intents=frozenset({Intent.NOT_OFFERED, Intent.PAY}), complete=True)
    assert rules.chosen(standing(state), heard) is None
    assert rules.fallback(standing(state), heard) is None
    assert rules.is_remark(heard)
    assert rules.reply_to(standing(state), heard, offered=False) == "not_offered"


@pytest.mark.parametrize("offered", [Trigger.HUMAN_ASKED, Trigger.PAYMENT_REQUESTED])
@pytest.mark.parametrize("state", [s for s in State if s is not State.CONFIRMING])
def test_a_plain_yes_accepts_what_was_offered_last(state: State, offered: Trigger) -> None:
    assert rules.chosen(standing(state), Heard(assent=True, complete=True), offered) is offered


def test_a_yes_pays_only_where_the_read_back_was_the_last_thing_said() -> None:
    yes, no = (Heard(assent=assent, complete=True) for assent in (True, False))
    call = standing(State.CONFIRMING)
    assert rules.chosen(call, yes) is Trigger.PAYMENT_CONFIRMED
    assert rules.chosen(call, yes, Trigger.HUMAN_ASKED) is Trigger.HUMAN_ASKED
    assert rules.chosen(call, no) is Trigger.READ_BACK_REJECTED
    assert rules.chosen(call, no, Trigger.HUMAN_ASKED) is Trigger.PAYMENT_CANCELLED


def test_certain_facts_count_beside_words_that_no_model_could_explain() -> None:
    heard = Heard(method=Method.DEBIT_CARD, complete=False)
    assert rules.fallback(standing(State.METHOD), heard) is Trigger.METHOD_OFFERED
    question = Heard(amount=500, intents=frozenset({Intent.QUESTION}))
    assert rules.fallback(standing(State.AMOUNT), question) is Trigger.QUESTION_ASKED
    assert rules.fallback(standing(State.AMOUNT), Heard()) is None


@pytest.mark.parametrize(
    ("state", "heard", "offered", "reply"),
    [
        (State.ADVISING, Heard(intents=frozenset({Intent.GOODBYE}), complete=True), False, "parting"),
        (State.ADVISING, Heard(intents=frozenset({Intent.GOODBYE})), False, "goodbye"),
        (State.AMOUNT, Heard(intents=frozenset({Intent.GREETING}), complete=True), False, "greeting"),
        (State.COLLECTING_LOAN, Heard(intents=frozenset({Intent.NO_LOAN_NUMBER})), False, "no_loan_number"),
        (State.VERIFYING, Heard(assent=True, complete=True), False, "loan_confirmed"),
        (State.COLLECTING_LOAN, Heard(assent=False, complete=True), True, "declined_offer"),
        (State.ADVISING, Heard(assent=True, complete=True), False, "go_ahead"),
        (State.SUBMITTED, Heard(assent=False, complete=True), False, "parting"),
        (State.AMOUNT, Heard(assent=True, complete=True), False, None),
        (State.AMOUNT, Heard(), False, None),
        (State.AMOUNT, Heard(last_four="2190", complete=True), False, "listening"),
        (State.ADVISING, Heard(assent=True, complete=False), False, None),
    ],
)
def test_a_turn_that_moves_nothing_has_its_remark(state: State, heard: Heard, offered: bool, reply: str | None) -> None:
    assert rules.reply_to(standing(state), heard, offered=offered) == reply
