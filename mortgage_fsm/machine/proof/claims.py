"""What claims are made of: `machine.invariants` as questions about a call, a move, and all that a call can do next.

Each claim bears the number of its invariant and answers True while it holds. Claims say what must be true of a
decision; they ask no row and no guard of the table, but whether identity holds and what the amount comes to in cents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from mortgage_fsm.machine.call import Call, Facts, Finding, Transfer
from mortgage_fsm.machine.decisions import Decision, Moved
from mortgage_fsm.machine.guards import cents, facts
from mortgage_fsm.machine.states import Effect, State, Trigger

PAYMENT = frozenset({State.AMOUNT, State.METHOD, State.CONFIRMING})
MONEY = frozenset({Effect.SUBMIT_PAYMENT, Effect.RECORD_ENROLMENT})
SUCCESSES = frozenset({Trigger.PAYMENT_ACCEPTED, Trigger.ENROLMENT_RECORDED})
ANSWERS = SUCCESSES | {Trigger.PAYMENT_DECLINED, Trigger.PAYMENT_UNRESOLVED}
LOAN_FACTS = frozenset({"payable", "outstanding", "amount_due", "maximum", "methods", "repeat"})
"""Fields of a finding that tell something about a loan."""
VALUES = {
    Trigger.LOAN_OFFERED: "loan",
    Trigger.AMOUNT_OFFERED: "amount",
    Trigger.METHOD_OFFERED: "method",
    Trigger.IDENTITY_OFFERED: "last_four_heard",
    Trigger.PAYMENT_CONFIRMED: "yes",
}


class Move:
    """One decision under examination: accepted, or refused (then `after` is `before`)."""

    __slots__ = ("after", "asked", "before", "decision", "effects", "finding", "moved", "pays", "trigger")

    def __init__(
        self, before: Call, trigger: Trigger, finding: Finding, decision: Decision, asked: frozenset[str]
    ) -> None:
        self.before = before
        self.trigger = trigger
        self.finding = finding
        self.decision = decision
        self.asked = asked
        """The fields of the finding that the decision looked at."""
        self.after = decision.after
        self.moved = isinstance(decision, Moved)
        self.effects: tuple[Effect, ...] = decision.effects if isinstance(decision, Moved) else ()
        self.pays = not MONEY.isdisjoint(self.effects)
        """Whether it sends a payment or an enrolment."""


class Claim(NamedTuple):
    """One question of an invariant."""

    number: str
    sentence: str
    anywhere: bool
    """Holds of every decision, also from a call that no sequence of triggers can reach."""


OfCalls = Callable[[Call], bool]
OfMoves = Callable[[Move], bool]
OfFutures = Callable[[Call, Mapping[Trigger, Sequence[Move]]], bool]

CALLS: list[tuple[Claim, OfCalls]] = []
"""Of every reachable call."""
MOVES: dict[Trigger, list[tuple[Claim, OfMoves]]] = {trigger: [] for trigger in Trigger}
"""Of every accepted trigger."""
DECISIONS: dict[Trigger, list[tuple[Claim, OfMoves]]] = {trigger: [] for trigger in Trigger}
"""Of every decision, refusals included."""
FUTURES: list[tuple[Claim, OfFutures]] = []
"""Of all that a reachable call can do next."""


def _named(function: Callable[..., bool], number: str, *, anywhere: bool = False) -> Claim:
    return Claim(number, function.__name__.replace("_", " "), anywhere)


def of_calls(number: str) -> Callable[[OfCalls], OfCalls]:
    """Of every reachable call."""

    def keep(function: OfCalls) -> OfCalls:
        CALLS.append((_named(function, number), function))
        return function

    return keep


def of_futures(number: str) -> Callable[[OfFutures], OfFutures]:
    """Of a reachable call and all that it can do next, by trigger."""

    def keep(function: OfFutures) -> OfFutures:
        FUTURES.append((_named(function, number), function))
        return function

    return keep


def of_moves(number: str, *on: Trigger, anywhere: bool = False) -> Callable[[OfMoves], OfMoves]:
    """Of every accepted trigger among these; of any, if none is named."""

    def keep(function: OfMoves) -> OfMoves:
        for trigger in on or Trigger:
            MOVES[trigger].append((_named(function, number, anywhere=anywhere), function))
        return function

    return keep


def of_decisions(number: str, *on: Trigger, anywhere: bool = False) -> Callable[[OfMoves], OfMoves]:
    """Of every decision on these triggers, refusals included; on any, if none is named."""

    def keep(function: OfMoves) -> OfMoves:
        for trigger in on or Trigger:
            DECISIONS[trigger].append((_named(function, number, anywhere=anywhere), function))
        return function

    return keep


# --- words


def matched(call: Call) -> bool:
    """A match stands for the loan that stands, whatever time has passed."""
    return call.loan is not None and call.identity is not None and not call.identity.expired


def standing(call: Call) -> Facts | None:
    """What stands on the call, as it would be sent."""
    if call.loan is None or call.amount is None or call.method is None:
        return None
    return Facts(call.loan, call.amount, call.method)


def good_amount(call: Call, finding: Finding) -> bool:
    """Worked out here a second time, not asked of the guard."""
    amount = cents(call, finding)
    if amount is None or not call.policy.minimum_cents <= amount <= call.policy.maximum_cents:
        return False
    return finding.maximum is None or amount <= finding.maximum


def payable(call: Call, finding: Finding) -> bool:
    """Whether a payment on this loan may be begun at all."""
    return finding.payable and not finding.outstanding and call.loan not in call.outstanding


def first_missing(call: Call, finding: Finding) -> State:
    """Where a payment on this call goes on."""
    if not good_amount(call, finding):
        return State.AMOUNT
    return State.CONFIRMING if call.method in finding.methods else State.METHOD


def is_open(call: Call) -> bool:
    """Neither hung up nor on the way to a person."""
    return not call.ended and call.transfer is not Transfer.UNDER_WAY


def proves(move: Move) -> bool:
    """An attempt that was counted, and matched."""
    return (
        move.trigger is Trigger.IDENTITY_OFFERED
        and move.finding.last_four_heard
        and move.finding.counted
        and move.finding.matches
    )


def finished(call: Call) -> bool:
    """A read-back was spoken to its end."""
    return call.read_back is not None and call.read_back.finish is not None


def playing(call: Call) -> bool:
    """A read-back has begun and has not ended."""
    return call.read_back is not None and call.read_back.finish is None


def answers_it(move: Move) -> bool:
    """A gateway's answer, to the submission that waits."""
    waiting = move.before.in_flight
    return waiting is not None and move.trigger in ANSWERS and move.finding.number == waiting.number


def answers_what_was_heard(move: Move) -> bool:
    """The next turn, in time, after the end of a read-back of exactly what stands, a repeated payment announced."""
    read_back = move.before.read_back
    if read_back is None or read_back.finish is None:
        return False
    finding, end = move.finding, read_back.finish
    return (
        finding.turn == end.turn + 1
        and end.at <= finding.now <= end.at + move.before.policy.read_back_ttl
        and (finding.spoke_at is None or finding.spoke_at >= end.at)
        and read_back.facts == facts(move.before, finding)
        and (read_back.repeat_announced or not finding.repeat)
    )
