"""Invariant 27: the statements that a tenant wants agreed to before a payment is read back."""

from __future__ import annotations

from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.proof.claims import Move, answers_what_was_heard, of_calls, of_moves
from mortgage_fsm.machine.states import Effect, State, Trigger


def asked(call: Call) -> bool:
    """A statement is what was last asked."""
    return call.read_back is not None and call.read_back.statement is not None


@of_calls("27")
def a_statement_is_asked_exactly_while_one_is_missing(call: Call) -> bool:
    return call.read_back is None or asked(call) is (call.agreed < call.policy.statements)


@of_calls("27")
def agreement_is_for_the_payment_that_is_wanted(call: Call) -> bool:
    return 0 <= call.agreed <= call.policy.statements and (call.agreed == 0 or call.paying)


@of_moves("27", anywhere=True)
def nothing_is_submitted_before_every_statement_was_agreed_to(move: Move) -> bool:
    return not move.pays or (move.before.agreed >= move.before.policy.statements and not asked(move.before))


@of_moves("27", anywhere=True)
def a_statement_is_agreed_to_only_by_a_yes_to_it_once_it_was_heard(move: Move) -> bool:
    if move.after.agreed <= move.before.agreed:
        return True
    one_more = move.after.agreed == move.before.agreed + 1
    return (
        one_more and move.trigger is Trigger.PAYMENT_CONFIRMED and asked(move.before) and answers_what_was_heard(move)
    )


@of_moves("27", Trigger.PAYMENT_CONFIRMED, anywhere=True)
def after_a_statement_the_next_or_the_facts_are_spoken(move: Move) -> bool:
    return move.after.agreed == move.before.agreed or (
        move.after.state is State.CONFIRMING and Effect.READ_BACK in move.effects
    )


@of_moves("27", Trigger.READ_BACK_REJECTED, anywhere=True)
def a_no_to_a_statement_ends_the_payment(move: Move) -> bool:
    if not asked(move.before):
        return True
    return move.after.state is State.ADVISING and not move.after.paying and Effect.SAY_STATEMENT_NEEDED in move.effects
