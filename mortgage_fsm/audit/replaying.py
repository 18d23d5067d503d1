"""Asks the machine again: every decision and refusal of a log, from the records alone, which must come out the same.

What it proves: this table (its hash is in every record) takes, from the call that the records before have left and from
what was found, just the recorded decision: row, guards asked and their answers, new state, reason, read-back number,
what is said to stand. The record made from that is the stored one, byte for byte. Of a payment: the digest that was read
back is the one confirmed, sent, answered and resolved.
So are build, key, agent and turns from record to record: see `continuity`.

What it does not: that what came from outside was so (words, the comparison of identity, the ledger's figures, the
gateway's answer). Amounts are in no record, so that one was within its limits is taken from it; so are the times of a
process's clock, which are consistent with each other or the guards differ. Whether a record is missing at the end, or
all were written anew, is told by a seal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mortgage_fsm.audit.chain import Head, Stamp, seal
from mortgage_fsm.audit.continuity import Continuity
from mortgage_fsm.audit.decisions import draft_of
from mortgage_fsm.audit.findings import finding_of, policy_of
from mortgage_fsm.audit.record import GatewayStatus, RecordError, RecordType
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.heard import Method
from mortgage_fsm.machine import (
    TABLE_HASH,
    Call,
    Decision,
    Effect,
    Facts,
    Finding,
    Moved,
    Refused,
    State,
    Trigger,
    decide,
)

Record = Mapping[str, Any]
DECIDED = frozenset({RecordType.DECISION, RecordType.REFUSAL})
UNAVAILABLE = "unavailable"
"""Reason of a refusal for which the machine was not asked: ledger or directory did not answer."""
_OPEN = frozenset({GatewayStatus.SUBMITTING, GatewayStatus.UNRESOLVED})
_SENDS = frozenset({Effect.SUBMIT_PAYMENT, Effect.RECORD_ENROLMENT})


class DiffersError(MortgageFsmError):
    """The machine answers otherwise than the record says. Names the field, never what it held."""


class Step(NamedTuple):
    """One record of a call, with the call before it; `decision` where the machine was asked."""

    record: Record
    before: Call
    decision: Decision | None


@dataclass(slots=True)
class CallReplay:
    """One call, as far as its records have been taken in."""

    call: Call
    continuity: Continuity
    read_backs: dict[int, str] = field(default_factory=dict)
    """The digest of each read-back, by its number."""
    payments: dict[str, tuple[str, Method, GatewayStatus]] = field(default_factory=dict)
    """What was sent, by its digest: loan, method, and where it stands."""

    def take(self, record: Record) -> Step:
        """Take in one more record.

        Raises:
            DiffersError: it is not what the machine does.
        """
        before, kind, decision = self.call, record["type"], None
        if kind in DECIDED:
            decision = self._decided(record)
            self.call = decision.after
        elif kind == RecordType.RESOLUTION:
            self._resolved(record)
        elif record.get("state_from", record.get("state_to")) != before.state:
            raise DiffersError("state: not the one in which the records before have left the call")
        broken = self.continuity.broken(record)
        if broken is not None:
            raise DiffersError(broken)
        return Step(record, before, decision)

    def _decided(self, record: Record) -> Decision:
        try:
            decision = self._asked(record)
            draft = draft_of(
                decision,
                turn=record["turn"],
                heard_by=record["heard_by"],
                agent=record.get("agent"),
                heard=record["heard"].partition(":")[0] if "heard" in record else None,
                words_ref=record.get("words_ref"),
                attempts_left=record.get("attempts_left"),
                loan_ref=str,
                digest=self._digest(record),
            )
            made = seal(
                draft,
                call=record["call"],
                ts=record["ts"],
                stamp=Stamp(record["key_id"], record["machine"], record["build"], record["tenant"]),
                head=Head(record["seq"] - 1, record["prev"]),
            )
        except (RecordError, ValueError):
            raise DiffersError("record: none that the machine's answer makes") from None
        if made.hash != record["hash"]:
            raise DiffersError(f"{_first_difference(made.record(), record)}: not what the machine answers")
        self._note_payment(decision, record)
        return decision

    def _asked(self, record: Record) -> Decision:
        trigger, reason, guards = Trigger(record["trigger"]), record.get("reason", ""), record["guards"]
        if reason == UNAVAILABLE and not guards:
            return Refused(trigger, self.call, Finding(), reason, {})
        finding = finding_of(self.call, record)
        decision = decide(self.call, trigger, finding)
        refused = record["type"] == RecordType.REFUSAL
        if refused and isinstance(decision, Moved) and guards.get(reason) and _SENDS & set(decision.effects):
            # The machine took it; the constraints of the ledger did not, and named the guard that would have said so.
            return Refused(trigger, self.call, finding, reason, decision.guards)
        return decision

    def _digest(self, record: Record) -> Callable[[int, Facts], str]:
        def known(number: int, _: Facts) -> str:
            if "payment_digest" not in record:
                raise DiffersError("payment_digest: missing")
            return self.read_backs.setdefault(number, record["payment_digest"])

        return known

    def _note_payment(self, decision: Decision, record: Record) -> None:
        if not isinstance(decision, Moved) or "gateway_status" not in record:
            return
        sent = decision.after.in_flight or decision.before.in_flight
        if sent is not None:
            status = GatewayStatus(record["gateway_status"])
            self.payments[record["payment_digest"]] = (sent.facts.loan, sent.facts.method, status)

    def _resolved(self, record: Record) -> None:
        loan, method, status = self.payments.get(record["payment_digest"], (None, None, None))
        if status not in _OPEN or (loan, method) != (record["loan_ref"], record["method"]):
            raise DiffersError("payment_digest: not of a payment of this call that was under way")
        self.payments[record["payment_digest"]] = (
            record["loan_ref"],
            Method(record["method"]),
            GatewayStatus(record["gateway_status"]),
        )


def _first_difference(made: Record, record: Record) -> str:
    """Of the fields that differ: the hash then differs as well, and says nothing."""
    return min(name for name in (made.keys() | record.keys()) - {"hash"} if made.get(name) != record.get(name))


@dataclass(slots=True)
class Replay:
    """A whole log, whose records may be interleaved. Verify it first: what is asked here is what the machine did."""

    asked: int = 0
    """Decisions and refusals that came out the same."""
    calls: dict[str, CallReplay] = field(default_factory=dict)
    others: dict[str, set[str]] = field(default_factory=dict)
    """Calls that another table decided, by its hash: they are not asked again."""

    def take(self, line: bytes) -> Step | None:
        """Take in one more line of an export; None where the machine has no part in it.

        Raises:
            DiffersError: it is not what the machine does.
        """
        record: Record = json.loads(line)
        call, kind = record["call"], record["type"]
        if kind == RecordType.PURGED:
            return None
        if kind == RecordType.CALL_STARTED:
            # By what the call started with: a resolution of it may be written by a process with another table.
            if record["machine"] == TABLE_HASH:
                call_now = Call(state=State.ADVISING, policy=policy_of(record))
                self.calls[call] = CallReplay(call_now, Continuity(record))
            else:
                self.others.setdefault(record["machine"], set()).add(call)
        if call not in self.calls:
            return None
        step = self.calls[call].take(record)
        self.asked += kind in DECIDED
        return step
