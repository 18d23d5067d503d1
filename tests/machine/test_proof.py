"""What `prove` says, of the table that runs and of one with a mistake."""

import json
from dataclasses import replace

import pytest

from mortgage_fsm.machine import TABLE, TABLE_HASH, State, Trigger, guards
from mortgage_fsm.machine.invariants import INVARIANTS
from mortgage_fsm.machine.proof import as_json, as_lines, prove
from mortgage_fsm.machine.proof.exploration import explore
from mortgage_fsm.machine.proof.report import proof_of
from mortgage_fsm.machine.table import Guard, Row
from tests.machine.conftest import Explored


def without(guard: Guard) -> tuple[Row, ...]:
    return tuple(replace(row, only_if=tuple(each for each in row.only_if if each is not guard)) for row in TABLE)


@pytest.mark.slow
def test_each_invariant_has_a_line_and_the_last_line_is_the_conclusion(explored: Explored) -> None:
    lines = list(as_lines(explored.proof))
    assert lines[0] == f"table {TABLE_HASH}"
    assert lines[-1] == "proved"
    assert all(any(line.endswith(each.sentence) for line in lines) for each in INVARIANTS)
    assert f"{len(explored.seen.came_from):,} reachable states" in lines[1]


@pytest.mark.slow
def test_programs_read_the_same(explored: Explored) -> None:
    written = json.loads(json.dumps(as_json(explored.proof)))
    assert written["holds"] is True
    assert [each["number"] for each in written["invariants"]] == [each.number for each in INVARIANTS]
    assert written["decisions"] == explored.seen.moves


def test_a_table_without_a_guard_is_not_proved_and_the_invariant_is_named_with_the_shortest_path() -> None:
    table = without(guards.identity_matches)
    proof = proof_of(table, explore(table, enough=1))
    told, *_ = (line.strip() for line in as_lines(proof) if "> loan_offered > identity_offered; " in line)
    assert told.startswith("invariant 3: ")
    assert list(as_lines(proof))[-1] == "not proved"


@pytest.mark.slow
def test_a_row_that_no_call_takes_is_named() -> None:
    never = replace(TABLE[0], state=State.SUBMITTED, when=Trigger.CALL_RESUMED, only_if=(guards.payment_in_flight,))
    cell = next(n for n, row in enumerate(TABLE) if (row.state, row.when) == (never.state, never.when))
    table = (*TABLE[:cell], never, *TABLE[cell:])
    assert prove(table).unused == ("submitted call_resumed -> advising ['look up']",)


@pytest.mark.slow
@pytest.mark.parametrize("guard", dict.fromkeys(guard for row in TABLE for guard in row.only_if))
def test_no_guard_can_be_taken_out_of_the_table(guard: Guard) -> None:
    table = without(guard)
    seen = explore(table, enough=1)
    broken = seen.violations or [one for each in proof_of(table, seen).proved for one in each.broken]
    assert broken
    assert all(str(one).startswith(f"invariant {one.claim.number}: ") for one in broken)
