"""Every call that a table can reach, breadth first, with every fact that anybody looks at tried in all its values.

The world is left open: a finding has no value until a guard, a change or a claim reads it; then each of its values is
tried in turn, at every decision anew. So a loan may be unknown, flagged or plain, paid today or not, its limits tight
or wide, and an attempt counted or not, from one moment to the next: every world that keeps to one of these is among
them, whatever attempts were spent before the call. Nothing is left out because a row does not ask for it, and what a
decision asked for is known exactly (invariant 17).

A call is kept in its normal form, which makes the calls finitely many: clock, turn and read-back numbers are counted
from the last read-back, the loan that stands is always the first of the two, and a confirmation number, which no
decision reads, is kept in submitted alone.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine.call import Call, Facts, Finding, Finish, Policy
from mortgage_fsm.machine.decisions import Decision, Moved
from mortgage_fsm.machine.engine import Engine
from mortgage_fsm.machine.proof import fair_claims, identity_claims, payment_claims, progress_claims, statement_claims
from mortgage_fsm.machine.proof.claims import CALLS, DECISIONS, FUTURES, MOVES, Claim, Move
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Row

ASKED = (identity_claims, payment_claims, fair_claims, progress_claims, statement_claims)
"""Where the claims stand that are checked here; importing them enters them."""

Decide = Callable[[Call, Trigger, Finding], Decision]

LOANS = ("10000001", "10000002")
ENOUGH, TOO_MUCH = 50_000, 2_000_000
END_TURN, END_AT = 10, 1_000.0
"""Turn and second in which every finished read-back ended."""
ON_FILE = frozenset({Method.BANK_TRANSFER, Method.AUTOPAY})

_IN_TIME, _LATE = END_AT + 60, END_AT + 121
WORLD: dict[str, tuple[Any, ...]] = {
    "idle": (0.0, 301.0),
    "loan": (*LOANS, None),
    "last_four_heard": (True, False),
    "amount": (ENOUGH, TOO_MUCH, Wish.AMOUNT_DUE, None),
    "method": (*Method, None),
    "yes": (True, False),
    "loan_fact": (LoanFact.DUE_DATE, None),
    "counted": (True, False),
    "matches": (True, False),
    "attempts_remain": (True, False),
    "payable": (True, False),
    "outstanding": (False, True),
    "amount_due": (ENOUGH, TOO_MUCH, None),
    "maximum": (None, ENOUGH - 1),
    "methods": (ON_FILE, frozenset()),
    "repeat": (False, True),
    "number": (1, 0),
    "confirmation": ("2", None),
}
"""The values of each field of a finding, likeliest first. Time has its own, below."""
AFTER_A_READ_BACK: dict[str, tuple[Any, ...]] = {
    "now": (_IN_TIME, _LATE, END_AT - 1),
    "turn": (END_TURN + 1, END_TURN + 2, END_TURN),
    "spoke_at": (None, END_AT + 1, END_AT - 1),
}
OTHERWISE: dict[str, tuple[Any, ...]] = {"now": (END_AT,), "turn": (END_TURN,), "spoke_at": (None,)}


class OpenFinding:
    """A finding whose fields get a value when they are first read. `planned` says which; past it, the first of each."""

    def __init__(self, call: Call, planned: list[tuple[str, int]]) -> None:
        self._times = AFTER_A_READ_BACK if call.read_back and call.read_back.finish else OTHERWISE
        self._planned = dict(planned)
        self._order = planned

    def __getattr__(self, name: str) -> Any:
        values = self._times.get(name) or WORLD[name]
        choice = self._planned.get(name)
        if choice is None:
            choice = 0
            self._order.append((name, 0))
        self.__dict__[name] = value = values[choice]
        return value

    def read(self) -> frozenset[str]:
        """The fields that were read so far."""
        return frozenset(name for name in self.__dict__ if name[0] != "_")

    def values_of(self, name: str) -> int:
        """How many values a field has here."""
        return len(self._times.get(name) or WORLD[name])


def moves(decide: Decide, call: Call, trigger: Trigger) -> Iterator[Move]:
    """Every decision on one trigger. What the consumer reads of a move's finding is varied as well."""
    plan: list[tuple[str, int]] = []
    while True:
        finding = OpenFinding(call, plan)
        as_finding = cast("Finding", finding)
        decision = decide(call, trigger, as_finding)
        yield Move(call, trigger, as_finding, decision, finding.read())
        while plan and plan[-1][1] + 1 == finding.values_of(plan[-1][0]):
            plan.pop()
        if not plan:
            return
        name, choice = plan.pop()
        plan.append((name, choice + 1))


# --- normal form


def _renamed(loan: str | None) -> str | None:
    return loan and LOANS[1 - LOANS.index(loan)]


def _facts_renamed(facts: Facts) -> Facts:
    return facts._replace(loan=_renamed(facts.loan) or facts.loan)


def _loans_swapped(call: Call) -> Call:
    return call._replace(
        loan=_renamed(call.loan),
        identity=call.identity and call.identity._replace(loan=_renamed(call.identity.loan) or call.identity.loan),
        read_back=call.read_back and call.read_back._replace(facts=_facts_renamed(call.read_back.facts)),
        in_flight=call.in_flight and call.in_flight._replace(facts=_facts_renamed(call.in_flight.facts)),
        outstanding=frozenset(_renamed(loan) or loan for loan in call.outstanding),
    )


def normal(call: Call) -> Call:
    """The call as all calls are kept that can do the same."""
    changed: dict[str, Any] = {"read_backs": 1}
    if call.identity is not None and call.identity.at != END_AT:
        changed["identity"] = call.identity._replace(at=END_AT)
    if call.read_back is not None:
        finish = call.read_back.finish and Finish(END_TURN, END_AT)
        changed["read_back"] = call.read_back._replace(number=1, finish=finish)
    if call.in_flight is not None:
        changed["in_flight"] = call.in_flight._replace(number=1)
    if call.confirmation is not None:
        changed["confirmation"] = "1" if call.state is State.SUBMITTED else None
    call = call._replace(**changed)
    if call.loan == LOANS[1] or (call.loan is None and call.outstanding == {LOANS[1]}):
        return _loans_swapped(call)
    return call


# --- walking


@dataclass(frozen=True, slots=True)
class Violation:
    """A claim that does not hold, and the shortest way to it."""

    claim: Claim
    path: tuple[Trigger, ...] | None
    """The triggers from the start of a call; None on a call that no sequence of triggers reaches."""
    told: str

    def __str__(self) -> str:
        way = "on a call that nothing reaches" if self.path is None else f"after {' > '.join(self.path) or 'the start'}"
        return f"invariant {self.claim.number}: {self.claim.sentence}; {way}; {self.told}"


@dataclass(slots=True)
class Exploration:
    """What was walked, and what was found."""

    came_from: dict[Call, tuple[Call, Trigger] | None] = field(default_factory=dict)
    leads_to: dict[Call, set[Call]] = field(default_factory=dict)
    decided: Counter[Trigger] = field(default_factory=Counter)
    """Decisions, by trigger."""
    accepted: Counter[Trigger] = field(default_factory=Counter)
    rows: set[int] = field(default_factory=set)
    answers: set[tuple[str, bool]] = field(default_factory=set)
    """Guards by name with each answer they gave."""
    violations: list[Violation] = field(default_factory=list)

    @property
    def moves(self) -> int:
        """Decisions in all, refusals included."""
        return self.decided.total()

    def path(self, call: Call) -> tuple[Trigger, ...]:
        """Triggers from the start to a call: no shorter way leads there."""
        way: list[Trigger] = []
        while (came := self.came_from[call]) is not None:
            call, trigger = came
            way.append(trigger)
        return tuple(reversed(way))

    def can_reach(self, goal: Callable[[Call], bool]) -> set[Call]:
        """Every call from which some sequence of triggers leads to the goal."""
        led_from: dict[Call, list[Call]] = {}
        for call, next_calls in self.leads_to.items():
            for reached in next_calls:
                led_from.setdefault(reached, []).append(call)
        can = {call for call in self.came_from if goal(call)}
        ahead = list(can)
        while ahead:
            new = set(led_from.get(ahead.pop(), ())) - can
            can |= new
            ahead.extend(new)
        return can

    def note(self, claim: Claim, call: Call, told: str, last: Trigger | None = None) -> None:
        """Keep a violation on this call, or on its decision on the `last` trigger."""
        path = self.path(call)
        self.violations.append(Violation(claim, path if last is None else (*path, last), told))


def broken_by(move: Move) -> Iterator[Claim]:
    """The claims about single decisions that a decision breaks."""
    if move.moved:
        for claim, holds in MOVES[move.trigger]:
            if not holds(move):
                yield claim
    for claim, holds in DECISIONS[move.trigger]:
        if not holds(move):
            yield claim


def told(move: Move) -> str:
    """A move in words: from where, what was found, to where."""
    effects = f", then {', '.join(move.effects)}" if move.effects else ""
    found = ", ".join(f"{name}={value}" for name, value in vars(move.finding).items() if name[0] != "_")
    return (
        f"{move.before.state} > {move.decision.after.state}{effects}; found: {found or 'nothing'}; "
        f"known before: {described(move.before)}"
    )


def described(call: Call) -> str:
    """What a call holds that a new one does not."""
    new = Call(policy=call.policy)
    held = ((name, getattr(call, name)) for name in Call._fields if name not in {"state", "policy", "read_backs"})
    return ", ".join(f"{name}={value}" for name, value in held if value != getattr(new, name)) or "nothing"


class Walk:
    """One walk over a table: from call to call, until none is new or enough is broken."""

    def __init__(self, table: Sequence[Row], watch: Callable[[Move], None]) -> None:
        self._decide = Engine(table).decide
        self._watch = watch
        # With one statement to agree to; once it is, everything goes as for a tenant that has none.
        start = normal(Call(policy=Policy(statements=1)))
        self.seen = Exploration({start: None})
        self.ahead = deque([start])

    def visit(self, call: Call) -> None:
        """Check a call and all it can do, and queue what it leads to."""
        for claim, holds in CALLS:
            if not holds(call):
                self.seen.note(claim, call, f"in {call.state}, with {described(call)}")
        future = {trigger: self._tried(call, trigger) for trigger in Trigger}
        for claim, possible in FUTURES:
            if not possible(call, future):
                self.seen.note(claim, call, f"in {call.state}, with {described(call)}")

    def _tried(self, call: Call, trigger: Trigger) -> list[Move]:
        seen, tried = self.seen, []
        for move in moves(self._decide, call, trigger):
            self._watch(move)
            for claim in broken_by(move):
                seen.note(claim, call, told(move), trigger)
            seen.answers.update(move.decision.guards.items())
            tried.append(move)
        seen.decided[trigger] += len(tried)
        taken = [move.decision for move in tried if isinstance(move.decision, Moved)]
        seen.accepted[trigger] += len(taken)
        seen.rows.update(decision.row for decision in taken)
        next_calls = {normal(after) for after in {decision.after for decision in taken}}
        seen.leads_to.setdefault(call, set()).update(next_calls)
        for reached in next_calls:
            if reached not in seen.came_from:
                seen.came_from[reached] = (call, trigger)
                self.ahead.append(reached)
        return tried


def explore(
    table: Sequence[Row] = TABLE, *, watch: Callable[[Move], None] = lambda _: None, enough: int = 20
) -> Exploration:
    """Walk every call that the table can reach and check every claim; stops at `enough` violations."""
    walk = Walk(table, watch)
    while walk.ahead and len(walk.seen.violations) < enough:
        walk.visit(walk.ahead.popleft())
    return walk.seen
