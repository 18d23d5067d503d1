"""All that the machine knows about one call, and all that it is told before it decides: frozen values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine.states import State


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits that a tenant sets. Seconds and integer US cents; pinned to the call that it was opened with."""

    minimum_cents: int = 100
    maximum_cents: int = 1_000_000
    read_back_ttl: float = 120.0
    """Seconds after the end of a read-back in which a yes still counts."""
    idle_limit: float = 300.0
    """Seconds without a caller turn after which identity expires."""
    attempts_per_loan: int = 3
    """Identity attempts compared per loan in 24 hours (NIST SP 800-63A 5.3.2: at most three)."""
    attempts_per_call: int = 5
    statements: int = 0
    """How many statements the caller must agree to, one yes each, before a payment is read back."""


class Facts(NamedTuple):
    """What a read-back speaks and a submission sends: exactly these three."""

    loan: str
    amount: int | Wish
    """Integer US cents. The wish itself only for an enrolment: each month's own amount due."""
    method: Method


class Identity(NamedTuple):
    """The outcome of an identity check that matched, for one loan. Expired: matched once, to be proved again."""

    loan: str
    at: float
    """When it matched, in seconds of the clock the orchestrator decides by."""
    expired: bool = False


class Finish(NamedTuple):
    """The end of a read-back that was spoken without interruption."""

    turn: int
    """Number of the caller's latest turn when it ended; a yes counts in the next one."""
    at: float


class ReadBack(NamedTuple):
    """A read-back that is playing (no finish yet) or was heard to its end. None on the call: void."""

    number: int
    facts: Facts
    repeat_announced: bool = False
    finish: Finish | None = None
    statement: int | None = None
    """Number, from 1, of the statement that is asked instead: the facts come once all are agreed to."""


class Submission(NamedTuple):
    """What was sent and not yet answered: the facts confirmed, and the number of the read-back that was confirmed."""

    number: int
    facts: Facts


class Transfer(StrEnum):
    """The way to a person."""

    WANTED = "wanted"
    """Asked for while a submission is in flight; done after its answer."""
    UNDER_WAY = "under_way"


class Call(NamedTuple):
    """One conversation. Changed only by a decision of the engine; every other holder has a copy.

    A tuple, since every decision makes changed copies, and those are a third of its time: see `_changed`.
    """

    state: State = State.ADVISING
    policy: Policy = Policy()
    loan: str | None = None
    identity: Identity | None = None
    amount: int | Wish | None = None
    method: Method | None = None
    paying: bool = False
    """The caller has asked to pay and the payment has not ended: in advising, a paused payment."""
    agreed: int = 0
    """Statements agreed to for the payment that is wanted."""
    loan_fact: LoanFact | None = None
    """A fact of the loan that the caller asked for and has not been told yet."""
    read_back: ReadBack | None = None
    read_backs: int = 0
    """Number of the latest read-back of this call."""
    in_flight: Submission | None = None
    outstanding: frozenset[str] = frozenset()
    """Loans with a payment of this call whose outcome is not known."""
    confirmation: str | None = None
    """Confirmation number of the latest payment, or reference of the latest enrolment."""
    locked: bool = False
    transfer: Transfer | None = None
    ended: bool = False


_PLACES = {name: place for place, name in enumerate(Call._fields)}


def _changed(call: Call, /, **changes: object) -> Call:
    values: list[object] = list(call)
    for name, value in changes.items():
        values[_PLACES[name]] = value
    return tuple.__new__(Call, values)


Call._replace = _changed  # type: ignore[method-assign,assignment] # the same copy, in less than half of the time


@dataclass(frozen=True, slots=True)
class Finding:
    """The facts gathered before a decision: time, what was heard in this turn, what ledger and gateway answered."""

    now: float = 0.0
    idle: float = 0.0
    """Seconds between the caller's latest turn and the one before the decision."""
    turn: int = 0
    """Number of the caller's latest turn."""
    spoke_at: float | None = None
    """When the caller began to speak this turn; None where that is not known (text)."""

    loan: str | None = None
    """Loan number heard, or the loan whose outstanding payment was resolved."""
    last_four_heard: bool = False
    amount: int | Wish | None = None
    method: Method | None = None
    yes: bool = False
    loan_fact: LoanFact | None = None

    counted: bool = False
    """The ledger counted this identity attempt before it compared, and allowed the comparison."""
    matches: bool = False
    attempts_remain: bool = False

    payable: bool = False
    """The loan carries no flag that sends it to a person."""
    outstanding: bool = False
    """A payment on this loan is unresolved or under way, in any call."""
    amount_due: int | None = None
    """The loan's own figure in US cents."""
    maximum: int | None = None
    """The loan's own upper limit in US cents (its payoff); None: only the tenant's limit holds."""
    methods: frozenset[Method] = frozenset()
    """Methods on file and allowed for this loan."""
    repeat: bool = False
    """The same amount was paid on this loan today, or is under way."""

    number: int = 0
    """Number of the read-back or submission that a playout report or a gateway's answer is about."""
    confirmation: str | None = None
