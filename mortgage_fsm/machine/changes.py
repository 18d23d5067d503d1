"""What a row sets and clears, one function each, and the standing rules that hold for every row.

Every function takes the call and the finding and returns a new call. Only the engine calls them.
"""

from __future__ import annotations

from mortgage_fsm.machine.call import Call, Finding, Finish, Identity, ReadBack, Submission, Transfer
from mortgage_fsm.machine.guards import facts
from mortgage_fsm.machine.states import Effect, State, Trigger

# --- standing rules


def another_loan(call: Call, loan: str | None) -> Call:
    """Another loan voids identity and read-back; amount and method fall with a loan that was proved in this call."""
    if loan == call.loan:
        return call
    if call.identity is not None:
        call = call._replace(amount=None, method=None)
    return call._replace(loan=loan, identity=None, read_back=None, agreed=0)


def take_in(call: Call, trigger: Trigger, finding: Finding) -> Call:
    """The proposal: the call with the value heard in this turn taken in. Kept only if the row is taken."""
    match trigger:
        case Trigger.LOAN_OFFERED if finding.loan is not None:
            return another_loan(call, finding.loan)
        case Trigger.AMOUNT_OFFERED if finding.amount is not None:
            return call._replace(amount=finding.amount)
        case Trigger.METHOD_OFFERED if finding.method is not None:
            return call._replace(method=finding.method)
        case Trigger.LOAN_FACT_ASKED if finding.loan_fact is not None:
            return call._replace(loan_fact=finding.loan_fact)
        case _:
            return call


def arrive(call: Call, to: State, effects: tuple[Effect, ...], finding: Finding) -> Call:
    """What holds wherever a row leads: by leaving confirming, arriving in verifying, or starting a read-back.

    Leaving confirming voids the read-back. Who is to be verified has no identity left: one that idled out does not come
    back to life. "Read back" starts a new read-back, with a new number, from what stands.

    What is read back is settled: the figure takes the place of the wish for the amount due (not for an enrolment, which
    draws each month's own). With a fact missing there is nothing to read back, so nothing that a yes could confirm.
    """
    if to is State.VERIFYING:
        call = identity_expired(call, finding)
    if Effect.READ_BACK not in effects:
        if to is call.state and (call.read_back is None or to is State.CONFIRMING):
            return call  # as it is: most of all for speed
        return call._replace(state=to, read_back=call.read_back if to is State.CONFIRMING else None)
    number = call.read_backs + 1
    standing = facts(call, finding)
    if standing is None:
        return call._replace(state=to, read_backs=number, read_back=None)
    pending = call.agreed + 1 if call.agreed < call.policy.statements else None
    started = ReadBack(number, standing, finding.repeat, statement=pending)
    return call._replace(state=to, amount=standing.amount, read_backs=number, read_back=started)


def begins(before: Call, after: Call) -> tuple[Effect, ...]:
    """What is to be done besides what the row says: a transfer that waited for an answer begins with it."""
    answered = before.in_flight is not None and after.in_flight is None
    waited = before.transfer is Transfer.WANTED and after.transfer is Transfer.UNDER_WAY
    return (Effect.TRANSFER,) if answered and waited else ()


# --- what a row sets and clears


def loan_cleared(call: Call, _: Finding) -> Call:
    return another_loan(call, None)


def amount_cleared(call: Call, _: Finding) -> Call:
    return call._replace(amount=None)


def method_cleared(call: Call, _: Finding) -> Call:
    return call._replace(method=None)


def payment_wanted(call: Call, _: Finding) -> Call:
    return call._replace(paying=True)


def payment_not_wanted(call: Call, _: Finding) -> Call:
    """What was agreed to was agreed for that payment."""
    return call._replace(paying=False, agreed=0)


def statement_agreed(call: Call, _: Finding) -> Call:
    return call._replace(agreed=call.agreed + 1)


def loan_fact_cleared(call: Call, _: Finding) -> Call:
    return call._replace(loan_fact=None)


def identity_matched(call: Call, finding: Finding) -> Call:
    return call._replace(identity=Identity(call.loan, finding.now) if call.loan else None)


def identity_expired(call: Call, _: Finding) -> Call:
    return call._replace(identity=call.identity._replace(expired=True) if call.identity else None)


def identity_cleared(call: Call, _: Finding) -> Call:
    return call._replace(identity=None)


def locked_set(call: Call, _: Finding) -> Call:
    return call._replace(locked=True)


def read_back_finished(call: Call, finding: Finding) -> Call:
    finished = call.read_back and call.read_back._replace(finish=Finish(finding.turn, finding.now))
    return call._replace(read_back=finished)


def read_back_void(call: Call, _: Finding) -> Call:
    return call._replace(read_back=None)


def in_flight_set(call: Call, _: Finding) -> Call:
    """What was read back is what is sent, and the confirmation is used up."""
    confirmed = Submission(call.read_back.number, call.read_back.facts) if call.read_back else None
    return call._replace(in_flight=confirmed, read_back=None)


def in_flight_cleared(call: Call, _: Finding) -> Call:
    """The answer is here: a transfer that waited for it begins."""
    transfer = Transfer.UNDER_WAY if call.transfer is Transfer.WANTED else call.transfer
    return call._replace(in_flight=None, transfer=transfer)


def outstanding_added(call: Call, _: Finding) -> Call:
    added = {call.in_flight.facts.loan} if call.in_flight else set()
    return call._replace(outstanding=call.outstanding | added)


def outstanding_removed(call: Call, finding: Finding) -> Call:
    return call._replace(outstanding=call.outstanding - {finding.loan})


def confirmation_set(call: Call, finding: Finding) -> Call:
    return call._replace(confirmation=finding.confirmation)


def transfer_under_way(call: Call, _: Finding) -> Call:
    return call._replace(transfer=Transfer.UNDER_WAY)


def transfer_wanted(call: Call, _: Finding) -> Call:
    return call._replace(transfer=Transfer.WANTED)


def transfer_cleared(call: Call, _: Finding) -> Call:
    return call._replace(transfer=None)


def ended_set(call: Call, _: Finding) -> Call:
    return call._replace(ended=True, transfer=None)
