"""The record of one decision, from the decision itself: when it is written in a call, and again when it is replayed."""

from __future__ import annotations

from collections.abc import Callable

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import WITH_CONFIRMATION, GatewayStatus, RecordType
from mortgage_fsm.machine import Decision, Effect, Facts, Moved, Trigger

LONGEST = 999_999.999
"""Seconds. A record holds no longer time; what takes longer is decided as if it had taken this long."""

_LONGEST_MS = 999_999_999

_STATUS: dict[Trigger, GatewayStatus] = {
    Trigger.PAYMENT_ACCEPTED: GatewayStatus.ACCEPTED,
    Trigger.PAYMENT_DECLINED: GatewayStatus.DECLINED,
    Trigger.PAYMENT_UNRESOLVED: GatewayStatus.UNRESOLVED,
    Trigger.ENROLMENT_RECORDED: GatewayStatus.PENDING_AUTHORISATION,
}


def as_recorded(seconds: float) -> float:
    """A time as a record can hold it, in whole milliseconds. Decide by nothing finer, or a replay may differ."""
    return round(min(max(seconds, 0.0), LONGEST), 3)


def milliseconds(seconds: float) -> int:
    """A time for the record; exactly the one that was decided by, if that was `as_recorded`."""
    whole = round(seconds * 1000)
    return whole if 0 <= whole <= _LONGEST_MS else _LONGEST_MS if whole > 0 else 0


def gateway_status(decision: Decision) -> GatewayStatus | None:
    """Where a payment stands after this decision; None: the decision is about none."""
    if not isinstance(decision, Moved):
        return None
    if Effect.SUBMIT_PAYMENT in decision.effects or Effect.RECORD_ENROLMENT in decision.effects:
        return GatewayStatus.SUBMITTING
    return _STATUS.get(decision.trigger)


def about(decision: Decision) -> tuple[int, Facts] | None:
    """Number and facts of the read-back, confirmation or submission that a decision is about."""
    before, after = decision.before, decision.after
    for each in (after.in_flight, before.in_flight, after.read_back):
        if each is not None:
            return each.number, each.facts
    return None


def draft_of(
    decision: Decision,
    *,
    turn: int,
    heard_by: str,
    agent: str | None,
    heard: str | None,
    words_ref: str | None,
    attempts_left: int | None,
    loan_ref: Callable[[str], str],
    digest: Callable[[int, Facts], str],
) -> Draft:
    """The record of a decision. No amount, no digits, no names, no words.

    `loan_ref` makes the reference of a loan; `digest` that of what is read back, confirmed and sent, by the number of
    its read-back. What the decision does not know (who was heard, with which rules) is passed on as it stands.
    """
    before, after, finding = decision.before, decision.after, decision.finding
    moved = decision if isinstance(decision, Moved) else None
    facts, status = about(decision), gateway_status(decision)
    return Draft(
        type=RecordType.REFUSAL if moved is None else RecordType.DECISION,
        turn=turn,
        state_from=before.state,
        state_to=None if moved is None else after.state,
        trigger=decision.trigger,
        heard_by=heard_by,
        reason=None if isinstance(decision, Moved) else decision.reason,
        guards=decision.guards,
        agent=agent,
        loan_ref=loan_ref(after.loan) if after.loan else None,
        attempts_left=attempts_left,
        payment_digest=digest(*facts) if facts else None,
        method=facts[1].method if facts else after.method,
        gateway_status=status,
        confirmation=finding.confirmation if status in WITH_CONFIRMATION else None,
        heard=f"{heard}:plain_yes" if finding.yes and heard is not None else heard,
        words_ref=words_ref,
        at_ms=milliseconds(finding.now),
        idle_ms=milliseconds(finding.idle) or None,
        spoke_ms=None if finding.spoke_at is None else milliseconds(finding.spoke_at),
        number=finding.number or None,
        repeat=_announces_a_repeat(moved) or None,
        row=None if moved is None else moved.row,
    )


def _announces_a_repeat(moved: Moved | None) -> bool:
    return (
        moved is not None
        and Effect.READ_BACK in moved.effects
        and moved.after.read_back is not None
        and moved.after.read_back.repeat_announced
    )
