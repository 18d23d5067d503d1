"""Yes-or-no questions about a call and a finding. A guard's name is the reason code of its refusal, and is auditable.

No guard reads a clock, a database or a setting: all of it comes in as values.
"""

from __future__ import annotations

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.machine.call import Call, Facts, Finding, Transfer

# --- the call


def call_is_open(call: Call, _: Finding) -> bool:
    """The call has not ended and no transfer is under way."""
    return not call.ended and call.transfer is not Transfer.UNDER_WAY


def call_is_live(call: Call, _: Finding) -> bool:
    """The call has not ended."""
    return not call.ended


def not_locked(call: Call, _: Finding) -> bool:
    """No lock-out in this call."""
    return not call.locked


def transfer_is_under_way(call: Call, _: Finding) -> bool:
    """A transfer to a person is being tried."""
    return call.transfer is Transfer.UNDER_WAY


def payment_is_wanted(call: Call, _: Finding) -> bool:
    """The caller has asked to pay in this call, and that payment has not ended."""
    return call.paying


# --- what was heard


def loan_is_heard(_: Call, finding: Finding) -> bool:
    """Our code read exactly one loan number from the caller's words of this turn, or from the keypad."""
    return finding.loan is not None


def last_four_is_heard(_: Call, finding: Finding) -> bool:
    """Our code read exactly one last four from the caller's words of this turn, or from the keypad."""
    return finding.last_four_heard


def amount_is_heard(_: Call, finding: Finding) -> bool:
    """Our code read exactly one amount from the caller's words of this turn, or from the keypad."""
    return finding.amount is not None


def method_is_heard(_: Call, finding: Finding) -> bool:
    """Our code read exactly one method from the caller's words of this turn."""
    return finding.method is not None


def yes_is_heard(_: Call, finding: Finding) -> bool:
    """Our code read a clear yes, and nothing else, from the caller's words of this turn, or from the keypad."""
    return finding.yes


def loan_fact_is_heard(call: Call, _: Finding) -> bool:
    """Our code read from the caller's words, of this turn or an earlier one, which fact of the loan is asked for."""
    return call.loan_fact is not None


# --- loan and identity


def loan_is_set(call: Call, _: Finding) -> bool:
    """A loan stands."""
    return call.loan is not None


def identity_holds(call: Call, finding: Finding) -> bool:
    """Identity was matched, for the loan that stands, and the caller has not been idle beyond the limit."""
    return (
        call.loan is not None
        and call.identity is not None
        and call.identity.loan == call.loan
        and not call.identity.expired
        and finding.idle <= call.policy.idle_limit
    )


def attempt_is_counted(_: Call, finding: Finding) -> bool:
    """The ledger counted this attempt before it compared, and allowed the comparison."""
    return finding.counted


def identity_matches(_: Call, finding: Finding) -> bool:
    """The comparison matched."""
    return finding.matches


def attempts_remain(_: Call, finding: Finding) -> bool:
    """After this attempt another may still be compared, for this loan and in this call."""
    return finding.attempts_remain


def loan_is_payable(_: Call, finding: Finding) -> bool:
    """The loan carries no flag that sends it to a person."""
    return finding.payable


def nothing_outstanding(call: Call, finding: Finding) -> bool:
    """No unresolved or running payment on this loan, in this call or any other."""
    return call.loan not in call.outstanding and not finding.outstanding


# --- amount and method


def cents(call: Call, finding: Finding) -> int | None:
    """The amount that stands, in US cents: the wish for the amount due is the loan's own figure."""
    return finding.amount_due if call.amount is Wish.AMOUNT_DUE else call.amount


def amount_is_within_limits(call: Call, finding: Finding) -> bool:
    """An amount stands, within the tenant's limits and the loan's own."""
    amount = cents(call, finding)
    return (
        amount is not None
        and call.policy.minimum_cents <= amount <= call.policy.maximum_cents
        and (finding.maximum is None or amount <= finding.maximum)
    )


def method_is_available(call: Call, finding: Finding) -> bool:
    """A method stands, is on file and is allowed for this loan."""
    return call.method in finding.methods


def method_is_autopay(call: Call, _: Finding) -> bool:
    """The method is the enrolment, not a payment."""
    return call.method is Method.AUTOPAY


# --- read-back


def facts(call: Call, finding: Finding) -> Facts | None:
    """What stands, as a read-back speaks it; None while something is missing."""
    amount = call.amount if call.method is Method.AUTOPAY else cents(call, finding)
    if call.loan is None or amount is None or call.method is None:
        return None
    return Facts(call.loan, amount, call.method)


def read_back_is_playing(call: Call, finding: Finding) -> bool:
    """The playout reported is that of the read-back now playing."""
    return call.read_back is not None and call.read_back.finish is None and call.read_back.number == finding.number


def read_back_is_not_playing(call: Call, _: Finding) -> bool:
    """No read-back is playing."""
    return call.read_back is None or call.read_back.finish is not None


def read_back_is_finished(call: Call, _: Finding) -> bool:
    """The read-back was spoken to its end without interruption."""
    return call.read_back is not None and call.read_back.finish is not None


def read_back_is_current(call: Call, finding: Finding) -> bool:
    """What the read-back spoke is exactly what stands."""
    return call.read_back is not None and call.read_back.facts == facts(call, finding)


def read_back_is_fresh(call: Call, finding: Finding) -> bool:
    """The read-back ended within the time in which a yes counts (holds when it has not ended)."""
    finish = call.read_back.finish if call.read_back else None
    return finish is None or 0 <= finding.now - finish.at <= call.policy.read_back_ttl


def yes_is_later(call: Call, finding: Finding) -> bool:
    """The yes began in a caller turn after the end of the read-back (holds when there is none)."""
    finish = call.read_back.finish if call.read_back else None
    return finish is None or (
        finding.turn > finish.turn and (finding.spoke_at is None or finding.spoke_at >= finish.at)
    )


def yes_is_next(call: Call, finding: Finding) -> bool:
    """The yes began after the end of the read-back, in the very next caller turn (holds when it has not ended)."""
    finish = call.read_back.finish if call.read_back else None
    return finish is None or (finding.turn == finish.turn + 1 and yes_is_later(call, finding))


def repeat_is_announced(call: Call, finding: Finding) -> bool:
    """That the same was paid today, or is under way, was said in this read-back (holds when it was not)."""
    return not finding.repeat or (call.read_back is not None and call.read_back.repeat_announced)


def statement_is_asked(call: Call, _: Finding) -> bool:
    """What was last asked in confirming is a statement to agree to, not yet the facts."""
    return call.read_back is not None and call.read_back.statement is not None


def statements_are_agreed(call: Call, _: Finding) -> bool:
    """Every statement of the tenant was agreed to for this payment, and the facts were read back after that."""
    return call.agreed >= call.policy.statements and (call.read_back is None or call.read_back.statement is None)


# --- submissions


def nothing_in_flight(call: Call, _: Finding) -> bool:
    """No submission waits for its answer."""
    return call.in_flight is None


def submission_in_flight(call: Call, finding: Finding) -> bool:
    """A submission waits, and the answer is the one to it."""
    return call.in_flight is not None and call.in_flight.number == finding.number


def payment_in_flight(call: Call, finding: Finding) -> bool:
    """The submission that is answered is a payment."""
    return (
        call.in_flight is not None
        and call.in_flight.number == finding.number
        and call.in_flight.facts.method is not Method.AUTOPAY
    )


def enrolment_in_flight(call: Call, finding: Finding) -> bool:
    """The submission that is answered is an enrolment."""
    return (
        call.in_flight is not None
        and call.in_flight.number == finding.number
        and call.in_flight.facts.method is Method.AUTOPAY
    )


def confirmation_is_given(_: Call, finding: Finding) -> bool:
    """The answer bears a confirmation number, or the enrolment's reference: without one it is no success."""
    return finding.confirmation is not None


def payment_is_outstanding(call: Call, finding: Finding) -> bool:
    """The loan whose payment was resolved is outstanding in this call."""
    return finding.loan is not None and finding.loan in call.outstanding
