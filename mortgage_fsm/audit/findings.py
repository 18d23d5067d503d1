"""What was found before a decision, put together again from its record: the same answers, without a private value.

Whatever a guard asks of the call is not taken from the record: it is asked again, of the call as the records before have
left it. Only what came from outside stands in the record alone: what was heard, what the ledger compared and found.
A loan is its reference, an amount one of its own for each time one was heard, so that equal stays equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mortgage_fsm.heard import LoanFact, Method
from mortgage_fsm.machine import Call, Finding, Policy, Trigger

_ANY_LOAN = "heard"
_ANY_CONFIRMATION = "given"


def policy_of(started: Mapping[str, Any]) -> Policy:
    """The limits of a call: of amounts every one holds, as whether one is within them is taken from the record."""
    return Policy(minimum_cents=1, maximum_cents=2**62, statements=started.get("statements", 0))


def finding_of(call: Call, record: Mapping[str, Any]) -> Finding:
    """The finding of a decision or refusal.

    Args:
        call: as the records before this one have left it.
        record: as it stands in an export.
    """
    trigger, guards = Trigger(record["trigger"]), record["guards"]
    spoke_ms = record.get("spoke_ms")
    return Finding(
        now=record["at_ms"] / 1000,
        idle=record.get("idle_ms", 0) / 1000,
        turn=record["turn"],
        spoke_at=None if spoke_ms is None else spoke_ms / 1000,
        loan=_loan(call, trigger, record),
        last_four_heard=guards.get("last_four_is_heard", False),
        amount=record["seq"] if trigger is Trigger.AMOUNT_OFFERED and guards.get("amount_is_heard") else None,
        method=_method(trigger, record),
        yes=record.get("heard", "").endswith(":plain_yes"),
        loan_fact=_loan_fact(call, trigger, guards),
        counted=guards.get("attempt_is_counted", False),
        matches=guards.get("identity_matches", False),
        attempts_remain=guards.get("attempts_remain", False),
        payable=guards.get("loan_is_payable", False),
        outstanding=not guards.get("nothing_outstanding", True),
        maximum=None if guards.get("amount_is_within_limits", True) else 0,
        methods=frozenset(Method) if guards.get("method_is_available", True) else frozenset(),
        repeat=record.get("repeat", False) or not guards.get("repeat_is_announced", True),
        number=record.get("number", 0),
        confirmation=record.get("confirmation", _ANY_CONFIRMATION) if guards.get("confirmation_is_given") else None,
    )


def _loan(call: Call, trigger: Trigger, record: Mapping[str, Any]) -> str | None:
    if trigger is Trigger.LOAN_OFFERED and record["guards"].get("loan_is_heard"):
        reference: str = record.get("loan_ref", _ANY_LOAN)
        return reference
    if trigger is Trigger.PAYMENT_RESOLVED and record["guards"].get("payment_is_outstanding"):
        return min(call.outstanding, default=None)
    return None


def _method(trigger: Trigger, record: Mapping[str, Any]) -> Method | None:
    if trigger is not Trigger.METHOD_OFFERED or not record["guards"].get("method_is_heard"):
        return None
    return Method(record.get("method", Method.BANK_TRANSFER))


def _loan_fact(call: Call, trigger: Trigger, guards: Mapping[str, bool]) -> LoanFact | None:
    """Which fact was asked for makes no difference to the machine: that one was does."""
    heard_now = trigger is Trigger.LOAN_FACT_ASKED and guards.get("loan_fact_is_heard") and call.loan_fact is None
    return LoanFact.AMOUNT_DUE if heard_now else None
