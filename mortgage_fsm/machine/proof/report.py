"""What was proved, for people and for programs: each invariant with how often it was asked, and what broke it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.engine import Engine
from mortgage_fsm.machine.invariants import INVARIANTS, Invariant
from mortgage_fsm.machine.proof.claims import CALLS, DECISIONS, FUTURES, MOVES, Claim
from mortgage_fsm.machine.proof.exploration import Exploration, Violation, broken_by, explore, told
from mortgage_fsm.machine.proof.gate import gate_moves, strange
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Row, hash_of, named

GATE_CALLS = 600
"""Calls that nothing can reach, for each state, on which the gate is tried."""


@dataclass(frozen=True, slots=True)
class Proved:
    """One invariant: its claims, how often they were asked, and what broke them."""

    invariant: Invariant
    claims: int
    checks: int
    """Answers of its claims on reachable calls and their decisions."""
    broken: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one table."""

    table_hash: str
    rows: int
    states: int
    """Reachable calls, in their normal form."""
    decisions: int
    """On reachable calls, refusals included."""
    strange: int
    """Calls that nothing can reach, on which the gate was tried."""
    proved: tuple[Proved, ...]
    unused: tuple[str, ...]
    """Rows that no reachable call takes."""
    one_sided: tuple[str, ...]
    """Guards that gave but one answer, on reachable calls and at the gate."""

    @property
    def holds(self) -> bool:
        """Nothing is broken, and nothing of the table was left untried."""
        return not (self.unused or self.one_sided or any(each.broken for each in self.proved))


def prove(table: Sequence[Row] = TABLE) -> Proof:
    """Walk every call that the table can reach, try the gate, and check every claim. Takes seconds."""
    return proof_of(table, explore(table))


def proof_of(table: Sequence[Row], seen: Exploration) -> Proof:
    """What a walk of this table has shown, and the gate besides."""
    gate, tried = _gate(table, seen)
    violations = [*seen.violations, *gate]
    guards = {guard.__name__ for row in table for guard in row.only_if}
    return Proof(
        hash_of(table),
        len(table),
        len(seen.came_from),
        seen.moves,
        tried,
        tuple(
            Proved(
                invariant,
                len(_claims(invariant.number)),
                sum(times for claim, times in _asked(seen) if claim.number == invariant.number),
                tuple(each for each in violations if each.claim.number == invariant.number),
            )
            for invariant in INVARIANTS
        ),
        tuple(named(row) for number, row in enumerate(table) if number not in seen.rows),
        tuple(sorted(name for name in guards if not {(name, True), (name, False)} <= seen.answers)),
    )


def _gate(table: Sequence[Row], seen: Exploration) -> tuple[list[Violation], int]:
    """The first violation of each claim at the gate; the guards' answers there are noted as well."""
    decide = Engine(table).decide
    by_state: dict[State, list[Call]] = {state: [] for state in State}
    for call in seen.came_from:
        by_state[call.state].append(call)
    calls = [call for like in by_state.values() if like for call in strange(like, GATE_CALLS)]
    first: dict[Claim, Violation] = {}
    for move in gate_moves(decide, calls):
        seen.answers.update(move.decision.guards.items())
        for claim in broken_by(move):
            if claim.anywhere and claim not in first:
                first[claim] = Violation(claim, None, told(move))
    return list(first.values()), len(calls)


def _asked(seen: Exploration) -> Iterator[tuple[Claim, int]]:
    """Each claim with the number of times that it was asked on the walk; once for every trigger it is about."""
    calls = len(seen.leads_to)
    yield from ((claim, calls) for claim, _ in (*CALLS, *FUTURES))
    for trigger in Trigger:
        yield from ((claim, seen.accepted[trigger]) for claim, _ in MOVES[trigger])
        yield from ((claim, seen.decided[trigger]) for claim, _ in DECISIONS[trigger])


def _claims(number: str) -> set[Claim]:
    of_decisions = (claim for table in (MOVES, DECISIONS) for asked in table.values() for claim, _ in asked)
    return {claim for claim in (*of_decisions, *(claim for claim, _ in (*CALLS, *FUTURES))) if claim.number == number}


def as_lines(proof: Proof) -> Iterator[str]:
    """For people: a line for each invariant, what broke it under it, and the conclusion."""
    yield f"table {proof.table_hash}"
    yield (
        f"{proof.rows} rows; {proof.states:,} reachable states, {proof.decisions:,} decisions, "
        f"and {proof.strange:,} states that nothing reaches"
    )
    for each in proof.proved:
        mark = "BROKEN" if each.broken else "holds "
        asked = f"{each.claims:>2} claims {each.checks:>7,} checks"
        yield f"{mark} {each.invariant.number:>2}  {asked}  {each.invariant.sentence}"
        yield from (f"         {violation}" for violation in each.broken[:1])
    yield from (f"no state takes the row {row}" for row in proof.unused)
    yield from (f"the guard {name} gives but one answer" for name in proof.one_sided)
    yield "proved" if proof.holds else "not proved"


def as_json(proof: Proof) -> dict[str, Any]:
    """For programs."""
    return {
        "holds": proof.holds,
        "table": proof.table_hash,
        "rows": proof.rows,
        "states": proof.states,
        "decisions": proof.decisions,
        "unreachable_states": proof.strange,
        "invariants": [
            {
                "number": each.invariant.number,
                "sentence": each.invariant.sentence,
                "claims": each.claims,
                "checks": each.checks,
                "broken": [
                    {"claim": one.claim.sentence, "path": one.path and [*one.path], "told": one.told}
                    for one in each.broken
                ],
            }
            for each in proof.proved
        ],
        "unused_rows": list(proof.unused),
        "one_sided_guards": list(proof.one_sided),
    }
