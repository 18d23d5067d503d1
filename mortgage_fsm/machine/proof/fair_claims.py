"""Invariants 19 to 23: no dead end, nothing asked twice, nothing lost, flagged loans and enrolments apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mortgage_fsm.heard import Method
from mortgage_fsm.machine.call import Call, Transfer
from mortgage_fsm.machine.guards import cents, identity_holds
from mortgage_fsm.machine.proof.claims import (
    ANSWERS,
    PAYMENT,
    SUCCESSES,
    Move,
    answers_it,
    good_amount,
    is_open,
    matched,
    of_calls,
    of_futures,
    of_moves,
    payable,
)
from mortgage_fsm.machine.proof.statement_claims import asked
from mortgage_fsm.machine.states import Effect, State, Trigger

# --- 19: a person, and the way out


@of_calls("19")
def a_transfer_waits_for_what_is_in_flight(call: Call) -> bool:
    return call.transfer is None or (call.transfer is Transfer.WANTED) is (call.in_flight is not None)


@of_moves("19", anywhere=True)
def a_transfer_starts_only_when_asked_for_and_with_nothing_in_flight(move: Move) -> bool:
    begun = move.after.transfer is Transfer.UNDER_WAY and move.before.transfer is not Transfer.UNDER_WAY
    if not begun:
        return True
    waited = move.before.transfer is Transfer.WANTED and answers_it(move)
    return waited or (move.trigger is Trigger.HUMAN_ASKED and move.before.in_flight is None)


@of_moves("19", anywhere=True)
def a_transfer_is_made_exactly_when_it_begins(move: Move) -> bool:
    begun = move.after.transfer is Transfer.UNDER_WAY and move.before.transfer is not Transfer.UNDER_WAY
    return move.effects.count(Effect.TRANSFER) == begun


@of_moves("19", Trigger.RECORD_FAILED, Trigger.CALL_RESUMED, anywhere=True)
def a_transfer_that_nobody_can_make_any_more_is_not_waited_for(move: Move) -> bool:
    return move.after.transfer is None


@of_moves("19")
def a_transfer_that_waited_starts_with_the_answer(move: Move) -> bool:
    waited = move.before.transfer is Transfer.WANTED and answers_it(move)
    return not waited or move.after.transfer is Transfer.UNDER_WAY


@of_moves("19", anywhere=True)
def during_a_transfer_nothing_else_goes_on(move: Move) -> bool:
    goes_on = {
        *ANSWERS,
        Trigger.TRANSFER_FAILED,
        Trigger.CALL_HUNG_UP,
        Trigger.PAYMENT_RESOLVED,
        Trigger.CALL_RESUMED,
        Trigger.RECORD_FAILED,
    }
    return move.before.transfer is not Transfer.UNDER_WAY or move.trigger in goes_on


@of_futures("19")
def a_person_can_be_asked_for_in_every_open_call(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if not is_open(call):
        return True
    effect = Effect.SAY_ONE_MOMENT if call.in_flight else Effect.TRANSFER
    return all(move.moved and effect in move.effects for move in next_[Trigger.HUMAN_ASKED])


@of_moves("19", Trigger.TRANSFER_FAILED, anywhere=True)
def only_a_transfer_that_is_tried_can_fail(move: Move) -> bool:
    return move.before.transfer is Transfer.UNDER_WAY and (
        move.before.in_flight is None or move.before.state is not State.CONFIRMING
    )


@of_moves("19", Trigger.TRANSFER_FAILED)
def after_a_failed_transfer_the_read_back_is_given_again(move: Move) -> bool:
    if move.before.state is not State.CONFIRMING or not identity_holds(move.before, move.finding):
        return True
    return Effect.READ_BACK in move.effects


@of_futures("19")
def a_failed_transfer_is_always_answered(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if call.transfer is not Transfer.UNDER_WAY:
        return True
    return all(move.moved and is_open(move.after) for move in next_[Trigger.TRANSFER_FAILED])


@of_futures("19")
def the_advisor_can_be_reached_from_every_state(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if not is_open(call) or call.in_flight:
        return True
    ways = (*next_.get(Trigger.ADVISOR_ASKED, ()), *next_.get(Trigger.QUESTION_ASKED, ()))
    return all(move.moved and move.after.state is State.ADVISING for move in ways)


@of_futures("19")
def every_call_can_end_and_can_go_on_after_a_restart(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if call.ended:
        return True
    ends = all(move.moved and move.after.ended for move in next_.get(Trigger.CALL_HUNG_UP, ()))
    return ends and (call.in_flight is not None or all(move.moved for move in next_.get(Trigger.CALL_RESUMED, ())))


# --- 21: nothing asked twice, nothing lost


@of_calls("21")
def nothing_is_asked_that_is_known(call: Call) -> bool:
    match call.state:
        case State.COLLECTING_LOAN:
            return call.loan is None
        case State.VERIFYING:
            return call.loan is not None and not matched(call)
        case State.AMOUNT:
            return call.amount is None
        case State.METHOD:
            return call.method is None
        case _:
            return True


@of_moves("21")
def a_loan_is_lost_only_where_a_row_says_so(move: Move) -> bool:
    if move.before.loan is None or move.after.loan == move.before.loan:
        return True
    return move.after.locked or move.trigger in {
        Trigger.LOAN_OFFERED,
        Trigger.LOAN_CHANGE_ASKED,
        Trigger.CALL_HUNG_UP,
    }


@of_moves("21")
def an_identity_is_lost_only_where_a_row_says_so(move: Move) -> bool:
    if not matched(move.before) or matched(move.after):
        return True
    ends = {
        Trigger.LOAN_OFFERED,
        Trigger.LOAN_CHANGE_ASKED,
        Trigger.IDLE_LIMIT_REACHED,
        Trigger.CALL_HUNG_UP,
        Trigger.CALL_RESUMED,
        Trigger.RECORD_FAILED,
    }
    return move.trigger in ends or not identity_holds(move.before, move.finding)


def _is_over(move: Move) -> bool:
    """A lock-out, or a no to a statement."""
    return move.after.locked or (move.trigger is Trigger.READ_BACK_REJECTED and asked(move.before))


_ENDS_A_PAYMENT = {
    Trigger.PAYMENT_CANCELLED,
    Trigger.CALL_HUNG_UP,
    Trigger.RECORD_FAILED,
    Trigger.PAYMENT_ACCEPTED,
    Trigger.ENROLMENT_RECORDED,
    Trigger.PAYMENT_DECLINED,
    Trigger.PAYMENT_UNRESOLVED,
    Trigger.LOAN_OFFERED,
    Trigger.LOAN_CHANGE_ASKED,
}


@of_moves("21")
def an_amount_is_lost_only_where_a_row_says_so(move: Move) -> bool:
    if move.before.amount is None or move.after.amount == move.before.amount or _is_over(move):
        return True
    if move.trigger in _ENDS_A_PAYMENT | {Trigger.AMOUNT_OFFERED, Trigger.AMOUNT_CHANGE_ASKED}:
        return True
    if move.after.amount is None:
        return move.after.state is State.AMOUNT and not good_amount(move.before, move.finding)
    return Effect.READ_BACK in move.effects and move.after.amount == cents(move.before, move.finding)


@of_moves("21")
def a_method_is_lost_only_where_a_row_says_so(move: Move) -> bool:
    if move.before.method is None or move.after.method == move.before.method or _is_over(move):
        return True
    if move.trigger in _ENDS_A_PAYMENT | {Trigger.METHOD_OFFERED, Trigger.METHOD_CHANGE_ASKED}:
        return True
    return move.after.state is State.METHOD and move.before.method not in move.finding.methods


@of_moves("21", anywhere=True)
def amount_and_method_never_pass_from_a_proved_loan_to_another(move: Move) -> bool:
    if move.before.identity is None or move.after.loan == move.before.loan:
        return True
    return move.after.amount is None and move.after.method is None


@of_moves("21")
def what_was_noted_before_any_proof_stays_with_another_loan(move: Move) -> bool:
    if move.trigger not in {Trigger.LOAN_OFFERED, Trigger.LOAN_CHANGE_ASKED} or move.before.identity is not None:
        return True
    return (move.after.amount, move.after.method) == (move.before.amount, move.before.method)


@of_moves("21", Trigger.LOAN_OFFERED)
def the_same_loan_again_changes_nothing(move: Move) -> bool:
    if move.finding.loan != move.before.loan:
        return True
    if move.before.identity is not None and not identity_holds(move.before, move.finding):
        return move.after.loan == move.before.loan
    return (move.after.loan, move.after.identity) == (move.before.loan, move.before.identity) and (
        (move.after.amount, move.after.method) == (move.before.amount, move.before.method)
        or Effect.READ_BACK in move.effects
    )


@of_moves("21", Trigger.LOAN_OFFERED)
def a_loan_given_in_a_payment_is_checked_exactly_when_it_is_another(move: Move) -> bool:
    if move.before.state not in PAYMENT:
        return True
    known = move.finding.loan == move.before.loan and identity_holds(move.before, move.finding)
    return (move.after.state is State.VERIFYING) is not known


# --- 22, 23: flagged and outstanding loans, enrolments


@of_moves("22", anywhere=True)
def no_payment_is_begun_on_a_flagged_or_outstanding_loan(move: Move) -> bool:
    begun = move.after.state in PAYMENT and move.before.state not in PAYMENT
    return not begun or payable(move.after, move.finding)


@of_moves("22", Trigger.PAYMENT_CONFIRMED, anywhere=True)
def no_yes_is_taken_on_a_flagged_or_outstanding_loan(move: Move) -> bool:
    return payable(move.before, move.finding)


@of_moves("22", anywhere=True)
def no_fact_of_a_flagged_loan_is_told(move: Move) -> bool:
    return Effect.ANSWER not in move.effects or move.finding.payable


@of_moves("23", anywhere=True)
def an_enrolment_is_recorded_exactly_for_autopay(move: Move) -> bool:
    enrols = Effect.RECORD_ENROLMENT in move.effects
    return not move.pays or enrols is (move.before.method is Method.AUTOPAY)


@of_moves("23", anywhere=True)
def an_enrolment_is_never_answered_as_a_payment_nor_a_payment_as_an_enrolment(move: Move) -> bool:
    if move.trigger not in SUCCESSES or move.before.in_flight is None:
        return True
    autopay = move.before.in_flight.facts.method is Method.AUTOPAY
    return autopay is (move.trigger is Trigger.ENROLMENT_RECORDED)
