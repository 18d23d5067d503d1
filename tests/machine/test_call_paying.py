"""Whole calls from the read-back on: the yes, what is sent, and what the gateway answers."""

from typing import Any

import pytest

from mortgage_fsm.heard import Wish
from mortgage_fsm.machine import Effect, Facts, State, Trigger
from tests.machine.conversation import (
    AUTOPAY,
    BANK,
    LAST_FOUR,
    LOAN,
    OTHER_LOAN,
    identified,
    in_flight,
    in_method,
    read_back,
    reading_back,
    submitted,
)

PAYING = [identified, in_method, read_back]


# --- the read-back and the yes


@pytest.mark.parametrize("seconds", [0.0, 120.0])
def test_a_yes_within_two_minutes_pays(seconds: float) -> None:
    talk = read_back()
    talk.clock += seconds - 5
    talk.says_yes()
    assert talk.sent() == 1


def test_a_yes_after_two_minutes_is_answered_by_a_new_read_back() -> None:
    talk = read_back()
    number = talk.call.read_backs
    talk.clock += 116
    talk.says_yes()
    assert (talk.sent(), talk.effects, talk.call.read_backs) == (0, (Effect.READ_BACK,), number + 1)


def test_a_yes_while_the_read_back_plays_is_refused() -> None:
    talk = reading_back()
    talk.says_yes()
    assert (talk.sent(), talk.reason) == (0, "read_back_is_not_playing")


def test_a_yes_begun_before_the_end_of_the_read_back_is_refused() -> None:
    talk = read_back()
    talk.turn += 1
    assert talk.call.read_back is not None
    assert talk.call.read_back.finish is not None
    talk.fire(Trigger.PAYMENT_CONFIRMED, yes=True, spoke_at=talk.call.read_back.finish.at - 0.1)
    assert (talk.sent(), talk.reason) == (0, "yes_is_later")
    talk.fire(Trigger.PAYMENT_CONFIRMED, yes=True, spoke_at=talk.call.read_back.finish.at + 0.1)
    assert talk.sent() == 1


def test_a_yes_one_turn_later_is_answered_by_a_new_read_back() -> None:
    talk = read_back()
    talk.turn += 1
    talk.says_yes()
    assert (talk.sent(), talk.effects) == (0, (Effect.READ_BACK,))


@pytest.mark.parametrize("trigger", [Trigger.READ_BACK_REJECTED, Trigger.READ_BACK_INTERRUPTED])
def test_a_read_back_rejected_or_interrupted_is_given_again_before_anything_is_paid(trigger: Trigger) -> None:
    talk = reading_back()
    talk.fire(trigger)
    assert talk.call.read_back is None
    talk.says_yes()
    assert (talk.sent(), talk.effects) == (0, (Effect.READ_BACK,))
    talk.told()
    talk.says_yes()
    assert talk.sent() == 1


def test_every_read_back_has_a_number_of_its_own_and_only_its_own_end_counts() -> None:
    talk = reading_back()
    first = talk.call.read_backs
    talk.fire(Trigger.REPEAT_ASKED)
    assert talk.call.read_backs == first + 1
    talk.fire(Trigger.READ_BACK_FINISHED, number=first)
    assert talk.reason == "read_back_is_playing"
    talk.fire(Trigger.READ_BACK_FINISHED, number=first + 1)
    assert talk.reason is None


def test_a_second_yes_sends_nothing_more() -> None:
    talk = in_flight()
    talk.says_yes()
    assert (talk.sent(), talk.reason) == (1, "nothing_in_flight")


def test_the_same_payment_twice_on_one_day_is_announced_before_a_yes_counts() -> None:
    talk = read_back()
    talk.world["repeat"] = True
    talk.says_yes()
    assert (talk.sent(), talk.effects) == (0, (Effect.READ_BACK,))
    assert talk.call.read_back is not None
    assert talk.call.read_back.repeat_announced
    talk.told()
    talk.says_yes()
    assert talk.sent() == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"payable": False}, "loan_is_payable"),
        ({"outstanding": True}, "nothing_outstanding"),
        ({"maximum": 49_999}, "amount_is_within_limits"),
        ({"methods": frozenset()}, "method_is_available"),
        ({"idle": 301.0}, "identity_holds"),
    ],
    ids=str,
)
def test_what_changed_since_the_read_back_stops_the_payment(change: dict[str, Any], reason: str) -> None:
    talk = read_back()
    talk.world |= change
    talk.says_yes()
    assert (talk.sent(), talk.reason) == (0, reason)


# --- answers of the gateway


def test_a_declined_payment_keeps_its_amount_and_takes_another_method() -> None:
    talk = in_flight()
    talk.answered(Trigger.PAYMENT_DECLINED)
    assert (talk.state, talk.call.amount, talk.call.method) == (State.METHOD, 50_000, None)
    talk.gives_method(BANK)
    talk.told()
    talk.says_yes()
    assert talk.sent() == 2


def test_an_unresolved_payment_closes_its_loan_until_it_is_resolved_but_no_other() -> None:
    talk = in_flight()
    talk.answered(Trigger.PAYMENT_UNRESOLVED)
    assert (talk.state, talk.call.outstanding, talk.call.amount) == (State.ADVISING, frozenset({LOAN}), None)
    talk.asks_to_pay()
    refused = talk.effects
    assert refused == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)
    talk.asks_to_pay(loan=OTHER_LOAN, last_four=LAST_FOUR)
    other = talk.state
    assert other is State.AMOUNT
    talk.gives_loan(LOAN)
    talk.gives_last_four()
    assert (talk.state, talk.call.outstanding) == (State.ADVISING, frozenset({LOAN}))
    talk.fire(Trigger.PAYMENT_RESOLVED, loan=LOAN)
    assert talk.effects == (Effect.SAY_THE_RESULT,)
    talk.asks_to_pay()
    assert talk.state is State.AMOUNT


def test_an_acceptance_without_a_number_is_no_acceptance() -> None:
    talk = in_flight()
    talk.answered(confirmation=None)
    assert (talk.state, talk.reason) == (State.CONFIRMING, "confirmation_is_given")
    talk.answered(Trigger.PAYMENT_UNRESOLVED)
    assert talk.state is State.ADVISING


def test_an_answer_to_another_submission_moves_nothing() -> None:
    talk = in_flight()
    for answer in (Trigger.PAYMENT_ACCEPTED, Trigger.PAYMENT_DECLINED, Trigger.PAYMENT_UNRESOLVED):
        talk.answered(answer, number=99)
        assert talk.call.in_flight is not None


def test_a_second_payment_needs_asking_again_a_new_read_back_and_a_new_yes() -> None:
    talk = submitted()
    first = talk.call.read_backs
    talk.gives_amount(60_000)
    talk.gives_method()
    assert talk.state is State.SUBMITTED
    talk.asks_to_pay()
    assert (talk.state, talk.call.read_backs) == (State.CONFIRMING, first + 1)
    talk.told()
    talk.says_yes()
    talk.answered(confirmation="770002")
    assert (talk.sent(), talk.call.confirmation) == (2, "770002")


def test_autopay_is_enrolled_and_never_answered_as_a_payment() -> None:
    talk = identified()
    talk.gives_amount(Wish.AMOUNT_DUE)
    talk.gives_method(AUTOPAY)
    assert talk.call.read_back is not None
    assert talk.call.read_back.facts == Facts(LOAN, Wish.AMOUNT_DUE, AUTOPAY)
    talk.told()
    talk.says_yes()
    assert talk.effects == (Effect.RECORD_ENROLMENT,)
    talk.answered(Trigger.PAYMENT_ACCEPTED)
    assert talk.reason == "payment_in_flight"
    talk.answered(Trigger.ENROLMENT_RECORDED)
    assert talk.state is State.SUBMITTED
    assert talk.effects == (Effect.SAY_THE_REFERENCE,)


def test_a_payment_is_never_answered_as_an_enrolment() -> None:
    talk = in_flight()
    talk.answered(Trigger.ENROLMENT_RECORDED)
    assert talk.reason == "enrolment_in_flight"
