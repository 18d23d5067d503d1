"""Tables with one mistake in them, and the claims that must find it.

A mutant is killed by a claim on the changed cell: first over every reachable call, then, as a gate that must hold
whatever went wrong before, over calls that nothing can reach.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.proof.claims import CALLS, FUTURES, Claim, Move
from mortgage_fsm.machine.proof.exploration import Decide, broken_by, moves
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Row, named
from tests.machine.interpreter import interpreter


@dataclass(frozen=True, slots=True)
class Mutant:
    """A table with one row changed, and the cell in which that row stands."""

    what: str
    table: tuple[Row, ...]
    state: State
    when: Trigger


def _with(number: int, row: Row) -> tuple[Row, ...]:
    return (*TABLE[:number], row, *TABLE[number + 1 :])


def guards_dropped() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for guard in row.only_if:
            left = tuple(other for other in row.only_if if other is not guard)
            what = f"{named(row)} without {guard.__name__}"
            yield Mutant(what, _with(number, replace(row, only_if=left)), row.state, row.when)


def neighbours_swapped() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        after = next((n for n in range(number + 1, len(TABLE)) if _cell(TABLE[n]) == _cell(row)), None)
        if after is not None:
            swapped = list(TABLE)
            swapped[number], swapped[after] = TABLE[after], row
            what = f"{named(row)} after {named(TABLE[after])}"
            yield Mutant(what, tuple(swapped), row.state, row.when)


def goals_changed() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for state in State:
            if state is not row.to:
                what = f"{named(row)} leads to {state}"
                yield Mutant(what, _with(number, replace(row, to=state)), row.state, row.when)


def changes_left_out() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for change in row.facts:
            left = tuple(other for other in row.facts if other is not change)
            what = f"{named(row)} without {change.__name__}"
            yield Mutant(what, _with(number, replace(row, facts=left)), row.state, row.when)


def _cell(row: Row) -> tuple[State, Trigger]:
    return row.state, row.when


def _broken_futures(call: Call, trigger: Trigger, tried: list[Move]) -> Iterator[Claim]:
    """Claims about what can happen next, as far as they can be told from one trigger."""
    for claim, possible in FUTURES:
        with suppress(KeyError):
            if not possible(call, {trigger: tried}):
                yield claim


def found(decide: Decide, call: Call, trigger: Trigger, *, reachable: bool) -> Claim | None:
    """The first claim that a cell breaks for this call."""
    tried = []
    for move in moves(decide, call, trigger):
        broken = list(broken_by(move))
        if reachable and move.moved:
            broken += [claim for claim, holds in CALLS if not holds(move.after)]
        for claim in broken:
            if reachable or claim.anywhere:
                return claim
        tried.append(move)
    return next(_broken_futures(call, trigger, tried), None) if reachable else None


def killed_by(mutant: Mutant, reachable: Sequence[Call], strange: Sequence[Call]) -> tuple[str, Claim] | None:
    """Where and by which claim a mutant is found; None if it survives. The calls are those of its state."""
    decide = interpreter(mutant.table)
    for where, calls in (("reachable", reachable), ("gate", strange)):
        for call in calls:
            claim = found(decide, call, mutant.when, reachable=where == "reachable")
            if claim is not None:
                return where, claim
    return None
