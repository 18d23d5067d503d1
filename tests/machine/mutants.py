"""Tables with one mistake in them, and the claims that must find it.

A mutant is killed by a claim on the changed cell: first over every reachable call, then, as a gate that must hold
whatever went wrong before, over calls made by altering one or two facts of reachable ones.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine.call import Call, Facts, Finish, Identity, ReadBack, Submission, Transfer
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Row
from tests.machine.claims import CALLS, FUTURES, Claim, Move
from tests.machine.exploration import END_AT, END_TURN, ENOUGH, LOANS, TOO_MUCH, Decide, broken_by, moves
from tests.machine.interpreter import interpreter

_SPOKEN = Facts(LOANS[0], ENOUGH, Method.BANK_TRANSFER)
_ENROLS = Facts(LOANS[0], ENOUGH, Method.AUTOPAY)
ALTERED: dict[str, tuple[Any, ...]] = {
    "loan": (*LOANS, None),
    "identity": (None, *(Identity(loan, END_AT, expired) for loan in LOANS for expired in (False, True))),
    "amount": (ENOUGH, TOO_MUCH, Wish.AMOUNT_DUE, None),
    "method": (*Method, None),
    "paying": (True, False),
    "loan_fact": (LoanFact.DUE_DATE, None),
    "read_back": (
        None,
        ReadBack(1, _SPOKEN),
        ReadBack(1, _SPOKEN, finish=Finish(END_TURN, END_AT)),
        ReadBack(1, _SPOKEN, repeat_announced=True, finish=Finish(END_TURN, END_AT)),
        ReadBack(1, replace(_SPOKEN, loan=LOANS[1]), finish=Finish(END_TURN, END_AT)),
    ),
    "in_flight": (None, Submission(1, _SPOKEN), Submission(1, _ENROLS)),
    "outstanding": (frozenset(), frozenset(LOANS[:1]), frozenset(LOANS)),
    "confirmation": (None, "1"),
    "locked": (False, True),
    "transfer": (None, *Transfer),
    "ended": (False, True),
}


def altered(calls: Sequence[Call], how_many: int, seed: int = 1) -> list[Call]:
    """Calls like these with one or two facts exchanged, most of which nothing can reach. The same for the same seed."""
    dice = random.Random(seed)
    strange = set()
    for _ in range(how_many):
        call = dice.choice(calls)
        for name in dice.sample(sorted(ALTERED), dice.choice((1, 2))):
            call = replace(call, **{name: dice.choice(ALTERED[name])})
        if call.in_flight is None or call.state is State.CONFIRMING:
            strange.add(call)
    return sorted(strange, key=repr)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A table with one row changed, and the cell in which that row stands."""

    what: str
    table: tuple[Row, ...]
    state: State
    when: Trigger


def _named(row: Row) -> str:
    return f"{row.state} {row.when} -> {row.to}"


def _with(number: int, row: Row) -> tuple[Row, ...]:
    return (*TABLE[:number], row, *TABLE[number + 1 :])


def guards_dropped() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for guard in row.only_if:
            left = tuple(other for other in row.only_if if other is not guard)
            what = f"{_named(row)} {[str(effect) for effect in row.then]} without {guard.__name__}"
            yield Mutant(what, _with(number, replace(row, only_if=left)), row.state, row.when)


def neighbours_swapped() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        after = next((n for n in range(number + 1, len(TABLE)) if _cell(TABLE[n]) == _cell(row)), None)
        if after is not None:
            swapped = list(TABLE)
            swapped[number], swapped[after] = TABLE[after], row
            what = f"{_named(row)} after {_named(TABLE[after])} {[str(effect) for effect in TABLE[after].then]}"
            yield Mutant(what, tuple(swapped), row.state, row.when)


def goals_changed() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for state in State:
            if state is not row.to:
                what = f"{_named(row)} {[str(effect) for effect in row.then]} leads to {state}"
                yield Mutant(what, _with(number, replace(row, to=state)), row.state, row.when)


def changes_left_out() -> Iterator[Mutant]:
    for number, row in enumerate(TABLE):
        for change in row.facts:
            left = tuple(other for other in row.facts if other is not change)
            what = f"{_named(row)} {[str(effect) for effect in row.then]} without {change.__name__}"
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
