"""Whole calls, decided by the machine alone: no model, no session, no clock but the test's."""

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from mortgage_fsm.heard import LoanFact, Wish
from mortgage_fsm.machine import Call, Effect, Facts, State, Transfer, Trigger
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

PAYING = [identified, in_method, read_back]


# --- the main road


def test_a_call_cannot_be_changed_but_by_a_decision() -> None:
    with pytest.raises(FrozenInstanceError):
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
    assert talk.state is State.ADVISING
    talk.asks_to_pay()
    assert talk.state is State.VERIFYING
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
    assert talk.call.amount is Wish.AMOUNT_DUE
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
    assert replace(talk.call, read_back=None, read_backs=0) == replace(before, read_back=None, read_backs=0)


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
    assert talk.effects == (Effect.SAY_NO_MATCH,)
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
    assert (talk.state, talk.call.outstanding, talk.call.amount) == (State.ADVISING, {LOAN}, None)
    talk.asks_to_pay()
    assert talk.effects == (Effect.SAY_WHY_NOT, Effect.OFFER_A_PERSON)
    talk.asks_to_pay(loan=OTHER_LOAN, last_four=LAST_FOUR)
    assert talk.state is State.AMOUNT
    talk.gives_loan(LOAN)
    talk.gives_last_four()
    assert (talk.state, talk.call.outstanding) == (State.ADVISING, {LOAN})
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


# --- a person, time, hang-up, restart, store


def test_a_person_asked_for_in_flight_comes_after_the_answer() -> None:
    talk = in_flight()
    talk.fire(Trigger.HUMAN_ASKED)
    assert (talk.effects, talk.call.transfer) == ((Effect.SAY_ONE_MOMENT,), Transfer.WANTED)
    talk.answered()
    assert talk.effects == (Effect.SAY_THE_CONFIRMATION, Effect.TRANSFER)
    assert talk.call.transfer is Transfer.UNDER_WAY
    talk.asks_to_pay()
    assert talk.reason == "call_is_open"


@pytest.mark.parametrize("start", [Conversation, verifying, *PAYING, submitted, locked])
def test_a_transfer_that_fails_leaves_the_caller_where_they_were(start: Any) -> None:
    talk = start()
    state = talk.state
    talk.fire(Trigger.HUMAN_ASKED)
    assert talk.effects == (Effect.TRANSFER,)
    talk.fire(Trigger.TRANSFER_FAILED)
    assert (talk.state, talk.call.transfer) == (state, None)
    assert talk.effects[0] is Effect.SAY_TRANSFER_FAILED
    assert (Effect.READ_BACK in talk.effects) == (state is State.CONFIRMING)


def test_a_transfer_that_fails_after_the_idle_limit_reads_nothing_back() -> None:
    talk = read_back()
    talk.fire(Trigger.HUMAN_ASKED)
    talk.fire(Trigger.TRANSFER_FAILED, idle=301.0)
    assert (talk.effects, talk.call.read_back) == ((Effect.SAY_TRANSFER_FAILED,), None)


@pytest.mark.parametrize("start", PAYING)
def test_five_idle_minutes_ask_for_the_last_four_again_and_keep_the_facts(start: Any) -> None:
    talk = start()
    back, amount = talk.state, talk.call.amount
    talk.fire(Trigger.IDLE_LIMIT_REACHED)
    assert (talk.state, talk.call.amount) == (State.VERIFYING, amount)
    talk.gives_last_four()
    assert talk.state is back


def test_an_identity_that_idled_out_does_not_come_back_to_life() -> None:
    talk = identified(paying=False)
    talk.fire(Trigger.PAYMENT_REQUESTED, idle=301.0)
    assert talk.state is State.VERIFYING
    talk.fire(Trigger.PAYMENT_CANCELLED)
    talk.asks_to_pay()
    assert talk.state is State.VERIFYING


def test_a_call_that_hangs_up_in_flight_still_takes_in_the_answer() -> None:
    talk = in_flight()
    talk.fire(Trigger.CALL_HUNG_UP)
    assert (talk.effects, talk.call.identity) == ((Effect.WAIT_FOR_THE_ANSWER,), None)
    talk.says_yes()
    assert talk.reason == "call_is_open"
    talk.answered()
    assert (talk.state, talk.call.confirmation) == (State.SUBMITTED, "770001")


def test_a_decline_after_hang_up_leaves_no_payment_open() -> None:
    talk = in_flight()
    talk.fire(Trigger.CALL_HUNG_UP)
    talk.answered(Trigger.PAYMENT_DECLINED)
    assert (talk.state, talk.call.amount, talk.call.paying) == (State.ADVISING, None, False)


@pytest.mark.parametrize("start", [Conversation, verifying, *PAYING])
def test_hanging_up_ends_the_call_for_good(start: Any) -> None:
    talk = start()
    talk.fire(Trigger.CALL_HUNG_UP)
    assert talk.effects == (Effect.CLOSE,)
    kept = Call(read_backs=talk.call.read_backs, ended=True)
    assert talk.call == kept
    for trigger in Trigger:
        talk.fire(trigger, loan=LOAN, amount=50_000, method=BANK, yes=True, last_four_heard=True)
    assert talk.call == kept


@pytest.mark.parametrize("start", PAYING)
def test_a_call_resumed_after_a_restart_proves_identity_again(start: Any) -> None:
    talk = start()
    talk.fire(Trigger.CALL_RESUMED)
    assert (talk.state, talk.effects, talk.call.read_back) == (State.VERIFYING, (Effect.SAY_RESUMED,), None)
    talk.fire(Trigger.AMOUNT_OFFERED, amount=70_000)
    assert talk.sent() == 0


def test_a_call_in_flight_is_resumed_only_after_its_answer() -> None:
    talk = in_flight()
    talk.fire(Trigger.CALL_RESUMED)
    assert talk.reason == "nothing_in_flight"
    talk.answered()
    talk.fire(Trigger.CALL_RESUMED)
    assert talk.state is State.SUBMITTED


@pytest.mark.parametrize("start", [Conversation, verifying, *PAYING])
def test_a_record_that_cannot_be_written_ends_the_payment_and_advising_goes_on(start: Any) -> None:
    talk = start()
    talk.fire(Trigger.RECORD_FAILED)
    assert (talk.state, talk.effects) == (State.ADVISING, (Effect.SAY_NO_PAYMENTS_NOW,))
    assert (talk.call.amount, talk.call.paying) == (None, False)
    assert talk.call.identity is None or talk.call.identity.expired
    talk.fire(Trigger.QUESTION_ASKED)
    assert talk.effects == (Effect.LOOK_UP,)
