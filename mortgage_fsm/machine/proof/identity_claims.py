"""Invariants 1 to 4, 15, 17 and 18: who it is, what limits hold, and what must not show before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.guards import identity_holds
from mortgage_fsm.machine.proof.claims import (
    ANSWERS,
    LOAN_FACTS,
    PAYMENT,
    VALUES,
    Move,
    answers_it,
    first_missing,
    good_amount,
    is_open,
    matched,
    of_calls,
    of_decisions,
    of_futures,
    of_moves,
    proves,
)
from mortgage_fsm.machine.states import Effect, State, Trigger

TELLS_OF_THE_LOAN = frozenset(
    {Effect.ANSWER, Effect.READ_BACK, Effect.SAY_WHY_NOT, Effect.SAY_THE_LIMIT, Effect.SAY_WHAT_IS_ON_FILE}
)

# --- 1 to 4: identity


@of_calls("1")
def a_payment_state_with_nothing_in_flight_holds_a_matched_identity(call: Call) -> bool:
    return call.state not in PAYMENT or call.in_flight is not None or matched(call)


@of_moves("1", anywhere=True)
def nothing_is_submitted_without_an_identity_that_holds(move: Move) -> bool:
    return not move.pays or (is_open(move.before) and identity_holds(move.before, move.finding))


@of_moves("1", anywhere=True)
def submitted_is_entered_only_from_a_submission(move: Move) -> bool:
    return move.after.state is not State.SUBMITTED or move.before.state is State.SUBMITTED or answers_it(move)


@of_calls("2")
def an_identity_is_that_of_the_loan_that_stands(call: Call) -> bool:
    return call.identity is None or call.identity.loan == call.loan


@of_moves("1", anywhere=True)
def in_a_payment_nothing_is_taken_or_changed_without_an_identity_that_holds(move: Move) -> bool:
    takes = {
        Trigger.AMOUNT_OFFERED,
        Trigger.METHOD_OFFERED,
        Trigger.AMOUNT_CHANGE_ASKED,
        Trigger.METHOD_CHANGE_ASKED,
        Trigger.LOAN_FACT_ASKED,
    }
    taken = move.before.state in PAYMENT and move.trigger in takes
    return not taken or identity_holds(move.before, move.finding)


@of_moves("2", Trigger.PAYMENT_REQUESTED, Trigger.LOAN_FACT_ASKED, Trigger.PAYMENT_CONFIRMED, anywhere=True)
def a_locked_call_can_ask_for_nothing_that_needs_identity(move: Move) -> bool:
    asks = move.before.state in {State.ADVISING, State.SUBMITTED} or move.trigger is Trigger.PAYMENT_CONFIRMED
    return not (move.before.locked and asks)


@of_moves("21", Trigger.PAYMENT_REQUESTED, Trigger.LOAN_FACT_ASKED, anywhere=True)
def the_last_four_is_asked_of_a_loan_that_stands(move: Move) -> bool:
    entered = move.after.state is State.VERIFYING and move.before.state is not State.VERIFYING
    return not entered or move.after.loan is not None


@of_calls("2")
def a_locked_call_is_advising_without_identity(call: Call) -> bool:
    return not call.locked or (call.state is State.ADVISING and call.identity is None)


@of_calls("2")
def an_ended_call_has_no_identity(call: Call) -> bool:
    return not call.ended or call.identity is None


@of_moves("2", anywhere=True)
def after_hang_up_only_an_answer_moves(move: Move) -> bool:
    closes = {*ANSWERS, Trigger.PAYMENT_RESOLVED, Trigger.TRANSFER_FAILED}
    return not move.before.ended or move.trigger in closes


@of_moves("2", anywhere=True)
def identity_does_not_outlive_idling_hang_up_restart_or_a_failed_record(move: Move) -> bool:
    ends = (Trigger.IDLE_LIMIT_REACHED, Trigger.CALL_HUNG_UP, Trigger.CALL_RESUMED, Trigger.RECORD_FAILED)
    return move.trigger not in ends or not matched(move.after)


@of_moves("2", anywhere=True)
def another_loan_or_a_lock_out_ends_identity(move: Move) -> bool:
    lost = move.after.loan != move.before.loan or (move.after.locked and not move.before.locked)
    return not lost or move.after.identity is None


@of_futures("2")
def a_matched_identity_can_always_idle_out(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if not is_open(call) or not matched(call) or call.in_flight:
        return True
    return all(move.moved and not matched(move.after) for move in next_[Trigger.IDLE_LIMIT_REACHED])


@of_moves("3", anywhere=True)
def identity_is_matched_only_by_an_attempt_that_was_counted_and_matches(move: Move) -> bool:
    before = move.before.identity if matched(move.before) else None
    return not matched(move.after) or move.after.identity == before or proves(move)


@of_moves("3", Trigger.IDENTITY_OFFERED, anywhere=True)
def another_attempt_is_asked_for_exactly_while_one_may_be_compared(move: Move) -> bool:
    if proves(move):
        return True
    again = Effect.SAY_NO_MATCH in move.effects and move.after.state is State.VERIFYING
    return (
        (again and move.after.locked == move.before.locked)
        if move.finding.attempts_remain
        else (move.after.locked and not again)
    )


@of_moves("3", Trigger.IDENTITY_OFFERED, anywhere=True)
def an_attempt_on_no_loan_proves_nothing(move: Move) -> bool:
    failed = {Effect.SAY_NO_MATCH, Effect.SAY_LOCKED}
    return move.before.loan is not None or not failed.isdisjoint(move.effects)


@of_moves("4", anywhere=True)
def no_value_and_no_yes_is_accepted_without_having_been_heard(move: Move) -> bool:
    if move.trigger is Trigger.LOAN_FACT_ASKED:
        return (move.finding.loan_fact or move.before.loan_fact) is not None
    field = VALUES.get(move.trigger)
    return field is None or getattr(move.finding, field) not in (None, False)


# --- 15, 17, 18: limits and what must not show


@of_calls("15")
def method_confirming_and_submissions_hold_an_amount_the_tenant_takes(call: Call) -> bool:
    if call.state not in {State.METHOD, State.CONFIRMING}:
        return True
    if isinstance(call.amount, int):
        return call.policy.minimum_cents <= call.amount <= call.policy.maximum_cents
    return call.amount is not None and (call.state is State.METHOD or call.method is Method.AUTOPAY)


@of_moves("15")
def method_and_confirming_are_entered_with_an_amount_within_limits(move: Move) -> bool:
    entered = move.after.state in {State.METHOD, State.CONFIRMING} and move.before.state is not move.after.state
    return not entered or good_amount(move.after, move.finding)


@of_moves("15", Trigger.PAYMENT_CONFIRMED, anywhere=True)
def nothing_is_submitted_or_read_back_by_a_yes_outside_limits_or_what_is_on_file(move: Move) -> bool:
    return first_missing(move.before, move.finding) is State.CONFIRMING


@of_moves("15", Trigger.AMOUNT_OFFERED, Trigger.METHOD_OFFERED, Trigger.PAYMENT_REQUESTED, Trigger.IDENTITY_OFFERED)
def what_a_new_fact_leads_to_reading_back_can_be_paid(move: Move) -> bool:
    return Effect.READ_BACK not in move.effects or first_missing(move.after, move.finding) is State.CONFIRMING


@of_moves("15", Trigger.METHOD_CHANGE_ASKED)
def another_method_is_asked_for_only_with_an_amount_within_limits(move: Move) -> bool:
    return move.after.state is not State.METHOD or good_amount(move.after, move.finding)


@of_moves("15")
def confirming_is_entered_with_a_method_on_file(move: Move) -> bool:
    entered = move.after.state is State.CONFIRMING and move.before.state is not State.CONFIRMING
    return not entered or move.after.method in move.finding.methods


@of_moves("15")
def a_method_taken_in_a_payment_is_on_file(move: Move) -> bool:
    taken = move.after.state in PAYMENT and move.after.method not in (None, move.before.method)
    return not taken or move.after.method in move.finding.methods


@of_decisions("17", Trigger.READ_BACK_FINISHED)
@of_decisions("17", *(set(Trigger) - {Trigger.READ_BACK_FINISHED}), anywhere=True)
def no_decision_asks_a_fact_of_the_loan_before_identity_holds(move: Move) -> bool:
    return LOAN_FACTS.isdisjoint(move.asked) or proves(move) or identity_holds(move.before, move.finding)


@of_moves("18", anywhere=True)
def no_fact_of_the_loan_is_answered_or_settled_before_identity(move: Move) -> bool:
    settled = move.before.amount is Wish.AMOUNT_DUE and isinstance(move.after.amount, int)
    told = not TELLS_OF_THE_LOAN.isdisjoint(move.effects)
    if not told and (not settled or move.trigger is Trigger.AMOUNT_OFFERED):
        return True
    return proves(move) or identity_holds(move.before, move.finding)
