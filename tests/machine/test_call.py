"""Whole calls, decided by the machine alone: no model, no session, no clock but the test's."""

from typing import Any

import pytest

from mortgage_fsm.heard import LoanFact, Wish
from mortgage_fsm.machine import Call, Effect, Facts, State, Trigger
from tests.machine.conversation import (
    AUTOPAY,
    BANK,
    CARD,
    DUE,
    LOAN,
    OTHER_LOAN,
    Conversation,
    identified,
    in_method,
    locked,
    read_back,
    verifying,
)

PAYING = [identified, in_method, read_back]


# --- the main road


def test_a_call_cannot_be_changed_but_by_a_decision() -> None:
    with pytest.raises(AttributeError):
        Call().locked = True  # type: ignore[misc]  # that it cannot be set is the test


def test_a_caller_who_asks_proves_and_confirms_pays_once_what_was_read_back() -> None:
    talk = Conversation()
    road = [talk.state]
    for step in (talk.asks_to_pay, talk.gives_loan, talk.gives_last_four, talk.gives_amount, talk.gives_method):
        step()
        road.append(talk.state)
    assert road == list(State)[:6]
    talk.told()
    talk.says_yes()
    assert talk.effects == (Effect.SUBMIT_PAYMENT,)
    assert talk.call.in_flight is not None
    assert talk.call.in_flight.facts == Facts(LOAN, 50_000, BANK)
    talk.answered()
    assert (talk.state, talk.call.confirmation, talk.sent()) == (State.SUBMITTED, "770001", 1)
    assert (talk.call.amount, talk.call.method, talk.call.paying) == (None, None, False)


def test_facts_given_before_anyone_asked_are_kept_and_not_asked_again() -> None:
    talk = Conversation()
    talk.gives_amount()
    talk.gives_method()
    talk.gives_loan()
    before = talk.state
    assert before is State.ADVISING
    talk.asks_to_pay()
    asked = talk.state
    assert asked is State.VERIFYING
    talk.gives_last_four()
    assert talk.state is State.CONFIRMING


def test_a_noted_amount_over_the_limit_is_dropped_when_its_turn_comes() -> None:
    talk = Conversation()
    talk.asks_to_pay(amount=2_000_000, loan=LOAN, method=BANK)
    talk.gives_last_four()
    assert (talk.state, talk.call.amount, talk.call.method) == (State.AMOUNT, None, BANK)


def test_a_noted_method_that_is_not_on_file_is_dropped_when_its_turn_comes() -> None:
    talk = Conversation()
    talk.asks_to_pay(amount=50_000, loan=LOAN, method=CARD)
    talk.gives_last_four()
    assert (talk.state, talk.call.amount, talk.call.method) == (State.METHOD, 50_000, None)


def test_the_amount_due_is_settled_to_its_figure_when_it_is_read_back() -> None:
    talk = identified()
    talk.gives_amount(Wish.AMOUNT_DUE)
    wished = talk.call.amount
    assert wished is Wish.AMOUNT_DUE
    talk.gives_method()
    assert talk.call.amount == DUE
    talk.told()
    talk.world["amount_due"] = DUE + 5_000
    talk.says_yes()
    assert talk.call.in_flight is not None
    assert talk.call.in_flight.facts.amount == DUE


@pytest.mark.parametrize("amount", [99, 1_000_001, 2_000_000])
def test_an_amount_outside_the_limits_is_refused_and_asked_again(amount: int) -> None:
    talk = identified()
    talk.gives_amount(amount)
    assert (talk.state, talk.reason, talk.call.amount) == (State.AMOUNT, "amount_is_within_limits", None)


# --- changes of mind


def test_changing_the_amount_after_the_read_back_needs_a_new_read_back() -> None:
    talk = read_back()
    number = talk.call.read_backs
    talk.gives_amount(60_000)
    assert talk.call.read_backs == number + 1
    talk.says_yes()
    assert talk.sent() == 0
    assert talk.reason == "read_back_is_not_playing"
    talk.told()
    talk.says_yes()
    assert talk.sent() == 1
    assert talk.call.in_flight is not None
    assert talk.call.in_flight.facts.amount == 60_000


def test_changing_the_method_after_the_read_back_needs_a_new_read_back() -> None:
    talk = read_back()
    talk.gives_method(AUTOPAY)
    assert talk.call.read_back is not None
    assert talk.call.read_back.finish is None
    assert talk.call.read_back.facts.method is AUTOPAY


@pytest.mark.parametrize("start", PAYING)
def test_another_loan_needs_another_proof_and_takes_no_amount_with_it(start: Any) -> None:
    talk = start()
    talk.gives_loan(OTHER_LOAN)
    assert talk.state is State.VERIFYING
    assert (talk.call.loan, talk.call.identity) == (OTHER_LOAN, None)
    assert (talk.call.amount, talk.call.method, talk.call.read_back) == (None, None, None)


@pytest.mark.parametrize("start", PAYING)
def test_the_same_loan_again_changes_nothing(start: Any) -> None:
    talk = start()
    before = talk.call
    talk.gives_loan(LOAN)
    assert talk.call._replace(read_back=None, read_backs=0) == before._replace(read_back=None, read_backs=0)


@pytest.mark.parametrize(
    ("trigger", "state", "fact"),
    [
        (Trigger.LOAN_CHANGE_ASKED, State.COLLECTING_LOAN, "loan"),
        (Trigger.AMOUNT_CHANGE_ASKED, State.AMOUNT, "amount"),
        (Trigger.METHOD_CHANGE_ASKED, State.METHOD, "method"),
    ],
)
def test_a_change_without_its_new_value_asks_for_it(trigger: Trigger, state: State, fact: str) -> None:
    talk = read_back()
    talk.fire(trigger)
    assert (talk.state, getattr(talk.call, fact), talk.call.read_back) == (state, None, None)


@pytest.mark.parametrize("start", [verifying, *PAYING])
def test_a_cancelled_payment_leaves_nothing_to_pay(start: Any) -> None:
    talk = start()
    talk.fire(Trigger.PAYMENT_CANCELLED)
    assert talk.effects == (Effect.SAY_NOTHING_WAS_PAID,)
    assert (talk.state, talk.call.amount, talk.call.method, talk.call.paying) == (State.ADVISING, None, None, False)


@pytest.mark.parametrize(
    ("start", "back"), list(zip(PAYING, (State.AMOUNT, State.METHOD, State.CONFIRMING), strict=True))
)
def test_a_question_in_a_payment_is_answered_and_the_payment_goes_on_where_it_was(start: Any, back: State) -> None:
    talk = start()
    talk.fire(Trigger.QUESTION_ASKED)
    assert (talk.state, talk.effects, talk.call.paying) == (State.ADVISING, (Effect.LOOK_UP,), True)
    talk.asks_to_pay()
    assert talk.state is back


# --- identity


def test_a_wrong_last_four_asks_again_and_the_third_locks_the_call() -> None:
    talk = verifying()
    for _ in range(2):
        talk.gives_last_four("9999")
        assert (talk.state, talk.effects) == (State.VERIFYING, (Effect.SAY_NO_MATCH,))
    talk.gives_last_four("9999")
    assert talk.effects == (Effect.SAY_LOCKED, Effect.OFFER_A_PERSON)
    assert (talk.state, talk.call.locked, talk.call.loan) == (State.ADVISING, True, None)


def test_a_locked_call_can_neither_pay_nor_ask_about_the_loan_but_reaches_a_person() -> None:
    talk = locked()
    talk.asks_to_pay()
    assert talk.reason == "not_locked"
    talk.asks_when_it_is_due()
    assert talk.reason == "not_locked"
    talk.fire(Trigger.HUMAN_ASKED)
    assert talk.effects == (Effect.TRANSFER,)


def test_a_match_that_was_not_counted_proves_nothing() -> None:
    talk = verifying()
    talk.fire(Trigger.IDENTITY_OFFERED, last_four_heard=True, counted=False, matches=True, attempts_remain=True)
    assert talk.call.identity is None
    assert talk.state is State.VERIFYING


def test_a_last_four_that_nobody_said_proves_nothing() -> None:
    talk = verifying()
    talk.fire(Trigger.IDENTITY_OFFERED, counted=True, matches=True, attempts_remain=True)
    assert (talk.reason, talk.call.identity) == ("last_four_is_heard", None)


@pytest.mark.parametrize("world", [{"payable": False}, {"outstanding": True}], ids=str)
def test_a_loan_that_cannot_be_paid_is_said_only_after_proof_and_leads_to_a_person(world: dict[str, Any]) -> None:
    talk = Conversation(**world)
    talk.asks_to_pay()
    talk.gives_loan()
    talk.gives_last_four("9999")
    unproved = talk.effects
    assert unproved == (Effect.SAY_NO_MATCH,)
    talk.gives_last_four()
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)
    assert (talk.state, talk.call.paying) == (State.ADVISING, False)
    talk.asks_to_pay()
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)


# --- the caller's own loan


def test_a_loan_fact_asked_first_is_answered_after_proof_and_not_followed_by_a_payment() -> None:
    talk = Conversation()
    talk.asks_when_it_is_due()
    assert talk.state is State.COLLECTING_LOAN
    talk.gives_loan()
    talk.gives_last_four()
    assert (talk.state, talk.effects, talk.call.loan_fact) == (State.ADVISING, (Effect.ANSWER,), None)
    talk.asks_when_it_is_due()
    assert (talk.state, talk.effects) == (State.ADVISING, (Effect.ANSWER,))


def test_a_loan_fact_of_a_loan_given_earlier_asks_for_the_last_four_only() -> None:
    talk = Conversation()
    talk.gives_loan()
    talk.asks_when_it_is_due()
    assert talk.state is State.VERIFYING


@pytest.mark.parametrize("start", PAYING)
def test_a_loan_fact_asked_in_a_payment_is_answered_on_the_spot(start: Any) -> None:
    talk = start()
    state = talk.state
    talk.asks_when_it_is_due()
    assert talk.state is state
    assert talk.effects[0] is Effect.ANSWER
    assert (Effect.READ_BACK in talk.effects) == (state is State.CONFIRMING)


@pytest.mark.parametrize("start", PAYING)
def test_a_loan_flagged_during_a_payment_tells_nothing_more(start: Any) -> None:
    talk = start()
    talk.world["payable"] = False
    talk.asks_when_it_is_due()
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)
    assert talk.call.read_back is None


def test_a_loan_fact_of_a_flagged_loan_is_not_told() -> None:
    talk = identified(paying=False, payable=False)
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)
    talk.asks_when_it_is_due()
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)


def test_who_asks_to_pay_while_a_loan_fact_waits_gets_both() -> None:
    talk = Conversation()
    talk.asks_when_it_is_due()
    talk.asks_to_pay()
    assert (talk.state, talk.call.loan_fact) == (State.COLLECTING_LOAN, LoanFact.DUE_DATE)
    talk.gives_loan()
    talk.gives_last_four()
    assert (talk.state, talk.effects) == (State.AMOUNT, (Effect.ANSWER,))
