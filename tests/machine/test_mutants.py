from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from mortgage_fsm.machine import TABLE, Call, State
from mortgage_fsm.machine.proof.exploration import moves
from mortgage_fsm.machine.proof.gate import strange
from tests.machine.conftest import Explored
from tests.machine.interpreter import interpreter
from tests.machine.mutants import (
    Mutant,
    changes_left_out,
    goals_changed,
    guards_dropped,
    killed_by,
    neighbours_swapped,
)

SAME_DECISIONS = {
    "confirming payment_confirmed -> confirming ['read back'] after "
    "confirming payment_confirmed -> confirming ['record enrolment']": (
        "a statement is asked exactly where not all are agreed to: the guards of either row exclude the other"
    ),
}
"""Mutants that no claim can find, each with the reason why it changes nothing. The guard stays for its reason code."""

Kind = Callable[[], Iterator[Mutant]]


def survivors(explored: Explored, mutants: Iterator[Mutant], how_strange: int) -> tuple[int, list[Mutant]]:
    by_state: dict[State, list[Call]] = {state: [] for state in State}
    for call in explored.seen.came_from:
        by_state[call.state].append(call)
    odd = {state: strange(calls, how_strange) for state, calls in by_state.items()}
    tried, left = 0, []
    for mutant in mutants:
        tried += 1
        if killed_by(mutant, by_state[mutant.state], odd[mutant.state]) is None:
            left.append(mutant)
    return tried, left


def decides_as_the_table(explored: Explored, mutant: Mutant) -> bool:
    """Whether a mutant answers every reachable call as the real table does."""
    real, mutated = interpreter(TABLE), interpreter(mutant.table)
    return all(
        real(call, mutant.when, move.finding).after == move.after
        for call in explored.seen.came_from
        if call.state is mutant.state
        for move in moves(mutated, call, mutant.when)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "at_least"), [(guards_dropped, 420), (neighbours_swapped, 38), (goals_changed, 1_000)]
)
def test_every_dropped_guard_swapped_row_and_changed_goal_is_found(
    explored: Explored, kind: Kind, at_least: int
) -> None:
    tried, left = survivors(explored, kind(), 4_000)
    assert tried >= at_least
    assert {mutant.what for mutant in left} <= set(SAME_DECISIONS)


@pytest.mark.slow
def test_every_change_left_out_is_found_or_changes_nothing(explored: Explored) -> None:
    # What is left: clearing what is never there in that state, and what arriving in verifying does by itself.
    tried, left = survivors(explored, changes_left_out(), 4_000)
    assert tried > 200
    assert [mutant.what for mutant in left if not decides_as_the_table(explored, mutant)] == []


def test_mutants_that_change_nothing_are_listed_by_their_right_name() -> None:
    assert set(SAME_DECISIONS) <= {mutant.what for kind in (guards_dropped, neighbours_swapped) for mutant in kind()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "every"), [(guards_dropped, 12), (neighbours_swapped, 4), (goals_changed, 40), (changes_left_out, 23)]
)
def test_a_sample_of_mistakes_in_the_table_is_found(explored: Explored, kind: Kind, every: int) -> None:
    _, left = survivors(explored, islice(kind(), 2, None, every), 1_500)
    assert [
        mutant.what
        for mutant in left
        if mutant.what not in SAME_DECISIONS and not decides_as_the_table(explored, mutant)
    ] == []
