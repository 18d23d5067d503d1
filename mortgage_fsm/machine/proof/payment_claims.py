"""Invariants 5 to 11 and 14: the read-back, the yes, what is sent, and its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mortgage_fsm.heard import Method
from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.guards import facts
from mortgage_fsm.machine.proof.claims import (
    ANSWERS,
    SUCCESSES,
    Move,
    answers_it,
    answers_what_was_heard,
    finished,
    of_calls,
    of_decisions,
    of_futures,
    of_moves,
    standing,
)
from mortgage_fsm.machine.states import Effect, State, Trigger

# --- 5 to 8: read-back and confirmation


@of_moves("5", anywhere=True)
def a_submission_follows_its_read_back_in_the_next_turn_in_time(move: Move) -> bool:
    return not move.pays or answers_what_was_heard(move)


@of_moves("5", anywhere=True)
def a_late_playout_report_moves_nothing(move: Move) -> bool:
    if move.trigger not in {Trigger.READ_BACK_FINISHED, Trigger.READ_BACK_INTERRUPTED}:
        return True
    read_back = move.before.read_back
    return read_back is not None and read_back.finish is None and read_back.number == move.finding.number


@of_moves("5", anywhere=True)
def a_yes_before_the_end_of_the_read_back_moves_nothing(move: Move) -> bool:
    read_back = move.before.read_back
    if move.trigger is not Trigger.PAYMENT_CONFIRMED or read_back is None:
        return True
    end = read_back.finish
    return (
        end is not None
        and move.finding.turn > end.turn
        and (move.finding.spoke_at is None or move.finding.spoke_at >= end.at)
    )


@of_moves("5")
def a_read_back_starts_with_a_new_number_from_what_stands_and_says_a_repeat(move: Move) -> bool:
    entered = move.after.state is State.CONFIRMING and move.before.state is not State.CONFIRMING
    if Effect.READ_BACK not in move.effects:
        return not entered
    started = move.after.read_back
    return (
        move.after.state is State.CONFIRMING
        and started is not None
        and started.finish is None
        and started.number == move.after.read_backs == move.before.read_backs + 1
        and started.facts == standing(move.after)
        and started.repeat_announced == move.finding.repeat
    )


@of_moves("5", Trigger.READ_BACK_FINISHED, anywhere=True)
def a_read_back_of_other_facts_never_counts_as_heard(move: Move) -> bool:
    return move.before.read_back is not None and move.before.read_back.facts == facts(move.before, move.finding)


@of_moves("5", anywhere=True)
def a_read_back_counts_as_heard_only_by_its_own_report(move: Move) -> bool:
    return not finished(move.after) or finished(move.before) or move.trigger is Trigger.READ_BACK_FINISHED


@of_calls("6")
def a_read_back_stands_only_in_confirming_and_of_what_stands(call: Call) -> bool:
    return call.read_back is None or (call.state is State.CONFIRMING and call.read_back.facts == standing(call))


@of_moves("6")
def no_move_but_a_late_result_leaves_an_earlier_read_back_finished(move: Move) -> bool:
    return not (finished(move.before) and finished(move.after)) or move.trigger is Trigger.PAYMENT_RESOLVED


@of_moves("6", anywhere=True)
def a_change_of_loan_amount_or_method_leaves_no_finished_read_back(move: Move) -> bool:
    return not finished(move.after) or standing(move.before) == standing(move.after)


@of_calls("7")
def what_is_in_flight_is_what_stands(call: Call) -> bool:
    return call.in_flight is None or (call.state is State.CONFIRMING and call.in_flight.facts == standing(call))


@of_moves("7", anywhere=True)
def what_is_submitted_is_what_was_read_back(move: Move) -> bool:
    read_back, sent = move.before.read_back, move.after.in_flight
    return not move.pays or (
        read_back is not None and sent is not None and (sent.number, sent.facts) == (read_back.number, read_back.facts)
    )


@of_calls("8")
def a_submission_leaves_no_read_back(call: Call) -> bool:
    return call.in_flight is None or call.read_back is None


@of_moves("8", anywhere=True)
def a_submission_starts_only_with_nothing_in_flight_and_uses_up_its_read_back(move: Move) -> bool:
    return not move.pays or (move.before.in_flight is None and move.after.read_back is None)


@of_moves("8", anywhere=True)
def nothing_gets_in_flight_but_by_a_submission(move: Move) -> bool:
    return move.after.in_flight in (None, move.before.in_flight) or move.pays


# --- 9 to 11, 14: answers and records


@of_calls("9")
def who_is_in_submitted_has_a_confirmation_number(call: Call) -> bool:
    return call.state is not State.SUBMITTED or call.confirmation is not None


@of_moves("9", anywhere=True)
def submitted_and_its_number_come_exactly_with_a_success(move: Move) -> bool:
    if move.trigger in SUCCESSES:
        return move.after.state is State.SUBMITTED and move.after.confirmation == move.finding.confirmation is not None
    entered = move.after.state is State.SUBMITTED and move.before.state is not State.SUBMITTED
    return not entered and move.after.confirmation == move.before.confirmation


@of_moves("10", anywhere=True)
def what_is_in_flight_ends_only_by_its_answer(move: Move) -> bool:
    if move.before.in_flight is None:
        return move.trigger not in ANSWERS
    return (move.after.in_flight == move.before.in_flight) is not answers_it(move) and (
        move.trigger not in ANSWERS or answers_it(move)
    )


@of_moves("10", anywhere=True)
def while_a_submission_is_in_flight_nothing_else_goes_on(move: Move) -> bool:
    goes_on = {
        *ANSWERS,
        Trigger.PAYMENT_RESOLVED,
        Trigger.HUMAN_ASKED,
        Trigger.CALL_HUNG_UP,
        Trigger.READ_BACK_FINISHED,
        Trigger.READ_BACK_INTERRUPTED,
    }
    return move.before.in_flight is None or move.before.state is not State.CONFIRMING or move.trigger in goes_on


@of_moves("10", anywhere=True)
def unresolved_is_remembered_until_it_is_resolved(move: Move) -> bool:
    before, after = move.before.outstanding, move.after.outstanding
    if move.trigger is Trigger.PAYMENT_UNRESOLVED and move.before.in_flight:
        return after == before | {move.before.in_flight.facts.loan}
    if move.trigger is Trigger.PAYMENT_RESOLVED:
        return move.finding.loan in before and after == before - {move.finding.loan}
    return after == before


@of_moves("10", anywhere=True)
def nothing_is_submitted_on_an_outstanding_loan(move: Move) -> bool:
    return not move.pays or not (move.finding.outstanding or move.before.loan in move.before.outstanding)


@of_moves("10", anywhere=True)
def an_answer_that_is_no_decline_leaves_no_amount_over(move: Move) -> bool:
    return move.trigger not in ANSWERS - {Trigger.PAYMENT_DECLINED} or move.after.amount is None


@of_futures("10")
def every_answer_is_accepted_wherever_it_can_arrive(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if call.in_flight is None:
        return True
    autopay = call.in_flight.facts.method is Method.AUTOPAY
    success = Trigger.ENROLMENT_RECORDED if autopay else Trigger.PAYMENT_ACCEPTED
    return all(
        any(move.moved for move in next_[answer])
        for answer in (success, Trigger.PAYMENT_DECLINED, Trigger.PAYMENT_UNRESOLVED)
    ) and all(
        move.moved
        for answer in (Trigger.PAYMENT_DECLINED, Trigger.PAYMENT_UNRESOLVED)
        for move in next_[answer]
        if move.finding.number == call.in_flight.number
    )


@of_futures("10")
def an_outstanding_payment_can_be_resolved_in_every_state(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    resolved = {move.finding.loan for move in next_[Trigger.PAYMENT_RESOLVED] if move.moved}
    return call.outstanding <= resolved


@of_futures("11")
def a_failed_record_leads_away_from_money(call: Call, next_: Mapping[Trigger, Sequence[Move]]) -> bool:
    if call.ended or call.in_flight:
        return True
    to = State.SUBMITTED if call.state is State.SUBMITTED else State.ADVISING
    return all(move.moved and move.after.state is to for move in next_[Trigger.RECORD_FAILED])


@of_decisions("14", anywhere=True)
def a_refusal_changes_nothing(move: Move) -> bool:
    return move.moved or move.after is move.before
