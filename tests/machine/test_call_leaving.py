"""Whole calls that do not go on as they began: a person, time, hang-up, restart, a store that fails."""

from typing import Any

import pytest

from mortgage_fsm.machine import Call, Effect, State, Transfer, Trigger
from tests.machine.conversation import (
    BANK,
    LOAN,
    Conversation,
    identified,
    in_flight,
    in_method,
    locked,
    read_back,
    submitted,
    verifying,
)

PAYING = [identified, in_method, read_back]


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
