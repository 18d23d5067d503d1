"""Invariants 24 to 26: progress, where calls stay, and what is gone when it is said to be gone."""

from __future__ import annotations

from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.guards import cents, identity_holds
from mortgage_fsm.machine.proof.claims import (
    ANSWERS,
    PAYMENT,
    VALUES,
    Move,
    finished,
    first_missing,
    good_amount,
    is_open,
    matched,
    of_calls,
    of_decisions,
    of_moves,
    payable,
    proves,
)
from mortgage_fsm.machine.proof.statement_claims import asked
from mortgage_fsm.machine.states import Effect, State, Trigger

# --- 24: progress


@of_calls("24")
def a_payment_state_is_one_of_a_caller_who_asked_to_pay(call: Call) -> bool:
    return call.state not in PAYMENT or call.paying


@of_calls("24")
def a_loan_fact_waits_only_while_identity_is_to_be_proved(call: Call) -> bool:
    return call.loan_fact is None or not matched(call)


@of_decisions("24")
def who_asks_to_pay_comes_to_the_first_missing_fact(move: Move) -> bool:
    before = move.before
    asked = move.trigger is Trigger.PAYMENT_REQUESTED and before.state in {State.ADVISING, State.SUBMITTED}
    if not asked or not is_open(before) or before.locked:
        return True
    if not identity_holds(before, move.finding):
        return move.after.paying and move.after.state is (State.VERIFYING if before.loan else State.COLLECTING_LOAN)
    if not payable(before, move.finding):
        return move.after.state is before.state and Effect.SAY_WHY_NOT in move.effects and not move.after.paying
    return move.after.paying and move.after.state is first_missing(before, move.finding)


@of_decisions("24")
def who_proves_identity_having_asked_to_pay_comes_to_the_first_missing_fact(move: Move) -> bool:
    before = move.before
    if not proves(move) or before.state is not State.VERIFYING or not is_open(before):
        return True
    if not matched(move.after):
        return False
    if not before.paying:
        return move.after.state is State.ADVISING
    if payable(before, move.finding):
        return move.after.state is first_missing(before, move.finding)
    return move.after.state is State.ADVISING and Effect.SAY_WHY_NOT in move.effects and not move.after.paying


@of_decisions("24")
def who_asks_for_a_loan_fact_gets_it_once_identity_holds(move: Move) -> bool:
    before, known = move.before, identity_holds(move.before, move.finding)
    if before.loan_fact and proves(move) and before.state is State.VERIFYING and is_open(before):
        told = not before.paying or payable(before, move.finding)
    elif move.trigger is Trigger.LOAN_FACT_ASKED and move.finding.loan_fact and known:
        told = is_open(before) and before.in_flight is None and not before.locked
    else:
        return Effect.ANSWER not in move.effects or proves(move)
    expected = Effect.ANSWER if move.finding.payable else Effect.SAY_WHY_NOT
    return not told or (expected in move.effects and move.after.loan_fact is None)


@of_decisions("24", Trigger.LOAN_FACT_ASKED)
def a_loan_fact_asked_before_identity_is_kept_and_asks_who_it_is(move: Move) -> bool:
    before = move.before
    if before.state in PAYMENT or before.locked or not is_open(before):
        return True
    if move.finding.loan_fact is None or identity_holds(before, move.finding):
        return True
    to = State.VERIFYING if before.loan else State.COLLECTING_LOAN
    return move.after.loan_fact == move.finding.loan_fact and move.after.state is to


@of_decisions("24", Trigger.AMOUNT_OFFERED)
def a_good_amount_is_always_taken(move: Move) -> bool:
    before = move.before
    if not is_open(before) or before.in_flight:
        return True
    if before.state not in PAYMENT or not identity_holds(before, move.finding):
        return True
    proposed = before._replace(amount=move.finding.amount)
    if not good_amount(proposed, move.finding):
        return True
    return move.after.amount in {move.finding.amount, cents(proposed, move.finding)}


@of_decisions("24", Trigger.METHOD_OFFERED)
def a_good_method_is_always_taken(move: Move) -> bool:
    before = move.before
    if not is_open(before) or before.in_flight:
        return True
    if before.state not in PAYMENT or not identity_holds(before, move.finding):
        return True
    good = move.finding.method in move.finding.methods
    if before.state is not State.AMOUNT:
        good = good and good_amount(before, move.finding)
    return not good or move.after.method == move.finding.method


@of_decisions("24", Trigger.PAYMENT_CONFIRMED)
def a_good_yes_is_always_taken(move: Move) -> bool:
    before, finding = move.before, move.finding
    if before.read_back is None or before.read_back.finish is None:
        return True
    end = before.read_back.finish
    good = (
        finding.yes
        and is_open(before)
        and identity_holds(before, finding)
        and payable(before, finding)
        and first_missing(before, finding) is State.CONFIRMING
        and finding.turn == end.turn + 1
        and 0 <= finding.now - end.at <= before.policy.read_back_ttl
        and (finding.spoke_at is None or finding.spoke_at >= end.at)
        and (before.read_back.repeat_announced or not finding.repeat)
    )
    agreed = move.after.agreed == before.agreed + 1
    return not good or (agreed if before.read_back.statement else move.pays)


@of_moves("24", Trigger.PAYMENT_DECLINED)
def a_decline_leads_to_another_method_of_the_same_amount(move: Move) -> bool:
    goes_on = identity_holds(move.before, move.finding) and good_amount(move.before, move.finding)
    if not goes_on:
        return move.after.state is State.ADVISING and not move.after.paying
    return move.after.state is State.METHOD and move.after.amount == move.before.amount


# --- 25, 26: where calls stay, and what is gone


@of_moves("25")
def only_these_lead_back_to_advising(move: Move) -> bool:
    if move.after.state is not State.ADVISING or move.before.state is State.ADVISING:
        return True
    leads_back = {
        Trigger.QUESTION_ASKED,
        Trigger.ADVISOR_ASKED,
        Trigger.PAYMENT_CANCELLED,
        Trigger.PAYMENT_DECLINED,
        Trigger.PAYMENT_UNRESOLVED,
        Trigger.CALL_HUNG_UP,
        Trigger.RECORD_FAILED,
    }
    refuses_a_statement = move.trigger is Trigger.READ_BACK_REJECTED and asked(move.before)
    decided = move.trigger is Trigger.IDENTITY_OFFERED and (move.after.locked or matched(move.after))
    return move.trigger in leads_back or decided or refuses_a_statement


@of_moves("25")
def what_only_answers_never_changes_the_state(move: Move) -> bool:
    only_answers = {
        Trigger.REPEAT_ASKED,
        Trigger.HUMAN_ASKED,
        Trigger.TRANSFER_FAILED,
        Trigger.PAYMENT_RESOLVED,
        Trigger.READ_BACK_FINISHED,
        Trigger.READ_BACK_INTERRUPTED,
        Trigger.READ_BACK_REJECTED,
    }
    return move.trigger not in only_answers or move.after.state is move.before.state or asked(move.before)


@of_moves("25")
def submitted_is_left_only_by_a_question_the_advisor_a_loan_fact_or_asking_to_pay(move: Move) -> bool:
    leaves = {
        Trigger.QUESTION_ASKED,
        Trigger.ADVISOR_ASKED,
        Trigger.LOAN_FACT_ASKED,
        Trigger.PAYMENT_REQUESTED,
    }
    left = move.before.state is State.SUBMITTED and move.after.state is not State.SUBMITTED
    return not left or move.trigger in leaves


@of_moves("26")
def amount_and_method_are_gone_where_the_payment_ended(move: Move) -> bool:
    before, after, trigger = move.before, move.after, move.trigger
    ended = (
        (trigger is Trigger.PAYMENT_CANCELLED and before.state is not State.SUBMITTED)
        or (trigger in {Trigger.CALL_HUNG_UP, Trigger.RECORD_FAILED} and before.in_flight is None)
        or trigger in ANSWERS - {Trigger.PAYMENT_DECLINED}
        or (after.locked and not before.locked)
        or (trigger is Trigger.PAYMENT_DECLINED and after.state is State.ADVISING)
        or (trigger is Trigger.READ_BACK_REJECTED and asked(before))
    )
    return not ended or (after.amount is None and after.method is None and not after.paying)


@of_moves("26")
def the_fact_whose_change_was_asked_is_gone(move: Move) -> bool:
    if move.before.state is State.SUBMITTED:
        return True
    match move.trigger:
        case Trigger.LOAN_CHANGE_ASKED:
            return move.after.loan is None
        case Trigger.AMOUNT_CHANGE_ASKED:
            return move.after.amount is None
        case Trigger.METHOD_CHANGE_ASKED | Trigger.PAYMENT_DECLINED:
            return move.after.method is None
        case _:
            return True


@of_moves("26")
def what_was_to_come_of_it_came(move: Move) -> bool:
    before, after = move.before, move.after
    match move.trigger:
        case Trigger.CALL_HUNG_UP if after.in_flight is not None:
            return after.ended and after.transfer is None and after.state is State.CONFIRMING
        case Trigger.CALL_HUNG_UP:
            stays = State.SUBMITTED if before.state is State.SUBMITTED else State.ADVISING
            return after.ended and after.transfer is None and after.loan is None and after.state is stays
        case Trigger.PAYMENT_CANCELLED if before.state is not State.SUBMITTED:
            return after.state is State.ADVISING and after.loan_fact is None
        case Trigger.IDENTITY_OFFERED if after.locked:
            return after.loan is None and after.loan_fact is None
        case Trigger.RECORD_FAILED:
            return after.loan_fact is None
        case _:
            return True


@of_moves("26")
def what_was_asked_for_or_offered_came(move: Move) -> bool:
    before, after = move.before, move.after
    match move.trigger:
        case Trigger.HUMAN_ASKED:
            return after.transfer is not None
        case Trigger.TRANSFER_FAILED | Trigger.CALL_RESUMED:
            return after.transfer is None
        case Trigger.READ_BACK_FINISHED:
            return finished(after)
        case Trigger.READ_BACK_INTERRUPTED | Trigger.READ_BACK_REJECTED:
            return after.read_back is None
        case Trigger.PAYMENT_REQUESTED:
            return after.paying is (Effect.SAY_WHY_NOT not in move.effects)
        case Trigger.LOAN_OFFERED | Trigger.AMOUNT_OFFERED | Trigger.METHOD_OFFERED if before.state not in PAYMENT:
            field = VALUES[move.trigger]
            return bool(getattr(after, field) == getattr(move.finding, field))
        case _:
            return True


@of_calls("26")
def nothing_is_left_after_hang_up_but_what_waits_for_its_answer(call: Call) -> bool:
    if not call.ended or call.in_flight:
        return True
    return (call.amount, call.method, call.paying, call.loan_fact, call.transfer) == (None, None, False, None, None)
