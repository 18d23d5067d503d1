from typing import Any

import pytest

from mortgage_fsm.heard import Heard, Intent, LoanFact, Method, Wish
from mortgage_fsm.machine import Call, Effect, Moved, State, Trigger
from mortgage_fsm.machine.turn import agrees, fold, following
from tests.machine.conversation import (
    AUTOPAY,
    BANK,
    CARD,
    DUE,
    LAST_FOUR,
    LOAN,
    OTHER_LOAN,
    Conversation,
    identified,
    in_flight,
    in_method,
    locked,
    read_back,
    reading_back,
    submitted,
    verifying,
)

# --- several facts in one breath


def test_everything_said_in_the_first_breath_leads_straight_to_the_read_back() -> None:
    talk = Conversation()
    taken = talk.asks_to_pay(loan=LOAN, last_four=LAST_FOUR, amount=50_000, method=BANK, intents={Intent.PAY})
    assert [each.trigger for each in taken] == [
        Trigger.LOAN_OFFERED,
        Trigger.AMOUNT_OFFERED,
        Trigger.METHOD_OFFERED,
        Trigger.PAYMENT_REQUESTED,
        Trigger.IDENTITY_OFFERED,
    ]
    assert talk.state is State.CONFIRMING
    assert (talk.call.amount, talk.call.method) == (50_000, BANK)


def test_facts_given_with_the_loan_number_are_kept_for_their_turn() -> None:
    talk = Conversation()
    talk.asks_to_pay()
    talk.says(Trigger.LOAN_OFFERED, loan=LOAN, amount=50_000, method=BANK)
    first = talk.state
    assert first is State.VERIFYING
    talk.gives_last_four()
    assert talk.state is State.CONFIRMING


def test_a_method_that_is_not_on_file_does_not_cost_the_amount_said_with_it() -> None:
    talk = identified()
    taken = talk.says(Trigger.AMOUNT_OFFERED, loan=LOAN, amount=50_000, method=CARD)
    assert [isinstance(each, Moved) for each in taken] == [True, False, True]
    assert talk.state is State.METHOD
    assert (talk.call.amount, talk.call.method) == (50_000, None)


def test_an_amount_over_the_limit_does_not_cost_the_method_said_with_it() -> None:
    talk = identified()
    talk.says(Trigger.AMOUNT_OFFERED, amount=2_000_000, method=BANK)
    assert talk.state is State.AMOUNT
    assert (talk.call.amount, talk.call.method) == (None, BANK)


def test_a_new_amount_and_a_method_not_on_file_after_the_read_back_keep_the_amount() -> None:
    talk = read_back()
    talk.says(Trigger.AMOUNT_OFFERED, amount=90_000, method=CARD)
    assert talk.state is State.METHOD
    assert (talk.call.amount, talk.call.method, talk.call.read_back) == (90_000, None, None)


def test_two_new_facts_after_the_read_back_are_read_back_once_more_as_they_stand() -> None:
    talk = read_back()
    before = talk.call.read_backs
    talk.says(Trigger.METHOD_OFFERED, amount=90_000, method=AUTOPAY)
    assert talk.call.read_back is not None
    assert (talk.call.read_back.facts.amount, talk.call.read_back.facts.method) == (90_000, AUTOPAY)
    assert talk.call.read_back.number == talk.call.read_backs == before + 2


def test_another_loan_and_an_amount_in_one_breath_keep_that_amount_for_the_other_loan() -> None:
    talk = read_back()
    talk.says(Trigger.LOAN_OFFERED, loan=OTHER_LOAN, amount=90_000)
    assert talk.state is State.VERIFYING
    assert (talk.call.loan, talk.call.amount, talk.call.method) == (OTHER_LOAN, 90_000, None)


def test_a_last_four_said_where_none_is_asked_for_costs_no_attempt() -> None:
    talk = identified()
    talk.says(Trigger.AMOUNT_OFFERED, amount=50_000, last_four="9999")
    assert talk.state is State.METHOD
    assert talk.attempts == 2


def test_a_question_a_cancel_and_a_person_are_never_joined_by_what_was_heard_beside_them() -> None:
    words = Heard(amount=50_000, loan=LOAN)
    for alone in (
        Trigger.QUESTION_ASKED,
        Trigger.ADVISOR_ASKED,
        Trigger.PAYMENT_CANCELLED,
        Trigger.HUMAN_ASKED,
        Trigger.PAYMENT_CONFIRMED,
        Trigger.REPEAT_ASKED,
    ):
        assert fold(Call(), alone, words) == {alone}
        assert following(Call(), frozenset({alone})) is None


# --- changes, and a no


@pytest.mark.parametrize("start", [identified, in_method, read_back, verifying])
def test_a_change_with_its_new_value_is_the_new_value(start: Any) -> None:
    talk = start()
    taken = talk.says(Trigger.LOAN_CHANGE_ASKED, loan=OTHER_LOAN, intents={Intent.CHANGE_LOAN})
    assert [each.trigger for each in taken] == [Trigger.LOAN_OFFERED]
    assert (talk.state, talk.call.loan, talk.call.identity) == (State.VERIFYING, OTHER_LOAN, None)


def test_another_way_and_a_new_amount_are_both_heard() -> None:
    talk = read_back()
    talk.says(Trigger.AMOUNT_OFFERED, amount=90_000, intents={Intent.CHANGE_METHOD})
    assert talk.state is State.METHOD
    assert (talk.call.amount, talk.call.method) == (90_000, None)


def test_a_no_with_the_correction_in_it_is_the_correction() -> None:
    talk = read_back()
    taken = talk.says(Trigger.READ_BACK_REJECTED, assent=False, amount=90_000)
    assert [each.trigger for each in taken] == [Trigger.AMOUNT_OFFERED]
    assert talk.effects == (Effect.READ_BACK,)


def test_a_no_that_names_what_is_wrong_asks_for_just_that() -> None:
    talk = read_back()
    talk.says(Trigger.READ_BACK_REJECTED, assent=False, intents={Intent.CHANGE_AMOUNT})
    assert (talk.state, talk.call.amount, talk.call.method) == (State.AMOUNT, None, BANK)


def test_a_plain_no_asks_what_to_change_even_if_paying_was_mentioned() -> None:
    talk = read_back()
    talk.says(Trigger.READ_BACK_REJECTED, assent=False, intents={Intent.PAY})
    assert talk.effects == (Effect.ASK_WHAT_TO_CHANGE,)
    assert talk.call.read_back is None


@pytest.mark.parametrize(
    "beside",
    [
        {"amount": 90_000},
        {"method": CARD},
        {"loan": OTHER_LOAN},
        {"last_four": "9999"},
        {"intents": frozenset({Intent.CHANGE_AMOUNT})},
    ],
    ids=str,
)
def test_a_yes_with_anything_beside_it_is_no_yes(beside: dict[str, Any]) -> None:
    assert not agrees(Trigger.PAYMENT_CONFIRMED, Heard(assent=True, **beside))


def test_a_yes_that_only_says_to_pay_is_a_yes() -> None:
    assert agrees(Trigger.PAYMENT_CONFIRMED, Heard(assent=True, intents=frozenset({Intent.PAY})))


@pytest.mark.parametrize(
    ("trigger", "bears_out", "does_not"),
    [
        (Trigger.PAYMENT_CONFIRMED, Heard(assent=True), Heard()),
        (Trigger.PAYMENT_CONFIRMED, Heard(assent=True), Heard(assent=False)),
        (Trigger.READ_BACK_REJECTED, Heard(), Heard(assent=True)),
        (Trigger.LOAN_OFFERED, Heard(loan=LOAN), Heard(amount=1)),
        (Trigger.IDENTITY_OFFERED, Heard(last_four=LAST_FOUR), Heard(loan=LOAN)),
        (Trigger.AMOUNT_OFFERED, Heard(amount=Wish.AMOUNT_DUE), Heard()),
        (Trigger.METHOD_OFFERED, Heard(method=Method.DEBIT_CARD), Heard()),
        (Trigger.LOAN_FACT_ASKED, Heard(loan_fact=LoanFact.DUE_DATE), Heard(intents=frozenset({Intent.LOAN_FACT}))),
    ],
    ids=str,
)
def test_a_trigger_is_borne_out_only_by_the_callers_own_words(
    trigger: Trigger, bears_out: Heard, does_not: Heard
) -> None:
    assert agrees(trigger, bears_out)
    assert not agrees(trigger, does_not)


def test_a_trigger_that_claims_no_value_needs_none() -> None:
    assert agrees(Trigger.QUESTION_ASKED, Heard())


# --- taking up again


@pytest.mark.parametrize(
    ("chosen", "heard", "state"),
    [
        (Trigger.METHOD_OFFERED, {"method": BANK}, State.CONFIRMING),
        (Trigger.AMOUNT_OFFERED, {"amount": 90_000}, State.METHOD),
        (Trigger.LOAN_OFFERED, {"loan": OTHER_LOAN}, State.VERIFYING),
        (Trigger.LOAN_OFFERED, {"loan": LOAN}, State.METHOD),
        (Trigger.AMOUNT_CHANGE_ASKED, {"intents": {Intent.CHANGE_AMOUNT}}, State.AMOUNT),
        (Trigger.LOAN_CHANGE_ASKED, {"intents": {Intent.CHANGE_LOAN}}, State.COLLECTING_LOAN),
    ],
    ids=str,
)
def test_a_fact_or_a_change_takes_a_paused_payment_up_where_it_was(
    chosen: Trigger, heard: dict[str, Any], state: State
) -> None:
    talk = in_method()
    talk.says(Trigger.QUESTION_ASKED)
    assert talk.state is State.ADVISING
    talk.says(chosen, **heard)
    assert talk.state is state


def test_a_fact_is_only_noted_where_no_payment_is_paused() -> None:
    talk = Conversation()
    talk.gives_method(BANK)
    assert (talk.state, talk.call.method) == (State.ADVISING, BANK)


def test_a_cancelled_payment_is_not_taken_up_again() -> None:
    talk = in_method()
    talk.says(Trigger.PAYMENT_CANCELLED)
    talk.gives_method(BANK)
    assert talk.state is State.ADVISING


def test_a_question_about_the_own_loan_is_taken_up_by_the_loan_number_alone() -> None:
    talk = Conversation()
    talk.asks_when_it_is_due()
    talk.says(Trigger.QUESTION_ASKED)
    assert (talk.state, talk.call.loan_fact) == (State.ADVISING, LoanFact.DUE_DATE)
    talk.gives_loan()
    first = talk.state
    assert first is State.VERIFYING
    talk.gives_last_four()
    assert talk.state is State.ADVISING
    assert Effect.ANSWER in talk.effects


def test_asking_when_it_is_due_and_to_pay_in_one_breath_does_both() -> None:
    talk = Conversation()
    talk.asks_when_it_is_due(loan=LOAN, last_four=LAST_FOUR)
    assert talk.state is State.ADVISING
    talk = Conversation()
    talk.says(
        Trigger.PAYMENT_REQUESTED,
        loan=LOAN,
        last_four=LAST_FOUR,
        loan_fact=LoanFact.DUE_DATE,
        intents={Intent.PAY, Intent.LOAN_FACT},
    )
    assert talk.state is State.AMOUNT
    assert Effect.ANSWER in talk.effects


def test_asking_to_pay_where_it_is_under_way_is_refused_and_moves_nothing() -> None:
    talk = identified()
    talk.asks_to_pay()
    assert (talk.state, talk.reason) == (State.AMOUNT, "no_row")


def test_what_is_said_to_a_locked_call_begins_nothing() -> None:
    talk = locked()
    talk.asks_to_pay(loan=LOAN, last_four=LAST_FOUR, amount=50_000)
    assert (talk.state, talk.reason) == (State.ADVISING, "not_locked")


def test_nothing_said_while_a_payment_is_in_flight_is_taken() -> None:
    talk = in_flight()
    before = talk.call
    taken = talk.says(Trigger.AMOUNT_OFFERED, amount=90_000, method=AUTOPAY, loan=OTHER_LOAN)
    assert talk.call is before
    assert {each.reason for each in taken if not isinstance(each, Moved)} == {"nothing_in_flight"}


def test_a_second_payment_said_in_one_breath_comes_straight_to_its_read_back() -> None:
    talk = submitted()
    talk.asks_to_pay(amount=Wish.AMOUNT_DUE, method=BANK, intents={Intent.PAY})
    assert talk.state is State.CONFIRMING
    assert talk.call.amount == DUE


def test_a_new_fact_while_the_read_back_plays_starts_another() -> None:
    talk = reading_back()
    first = talk.call.read_backs
    talk.gives_amount(60_000)
    assert talk.call.read_backs == first + 1
    assert talk.fire(Trigger.READ_BACK_FINISHED, number=first).after.read_back == talk.call.read_back
    assert talk.reason == "read_back_is_playing"
