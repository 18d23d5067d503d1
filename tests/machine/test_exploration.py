from dataclasses import replace

import pytest

from mortgage_fsm.machine import TABLE, Call, State, Trigger, guards
from mortgage_fsm.machine.invariants import INVARIANTS
from tests.machine.claims import CALLS, DECISIONS, FUTURES, MOVES, Claim
from tests.machine.conftest import Explored
from tests.machine.exploration import LOANS, explore, normal
from tests.machine.interpreter import interpreter
from tests.machine.mutants import altered, found


def all_claims() -> set[Claim]:
    on_decisions = [claim for table in (MOVES, DECISIONS) for entered in table.values() for claim, _ in entered]
    return {claim for claim, _ in (*CALLS, *FUTURES)} | set(on_decisions)


def test_no_sequence_of_triggers_breaks_an_invariant(explored: Explored) -> None:
    assert [str(violation) for violation in explored.seen.violations] == []
    assert len(explored.seen.came_from) > 3_000
    assert explored.seen.moves > 150_000


def test_every_row_is_used_by_some_call(explored: Explored) -> None:
    unused = [f"{row.state} {row.when} -> {row.to}" for n, row in enumerate(TABLE) if n not in explored.seen.rows]
    assert unused == []


def test_every_guard_answers_both_yes_and_no_in_some_call(explored: Explored) -> None:
    # Two guards only the gate sees refuse. A read-back that is not of what stands cannot be reached, since every change
    # of a fact voids it; and while a statement is asked, the row before takes the yes.
    names = {guard.__name__ for row in TABLE for guard in row.only_if}
    one_sided = {name for name in names if {(name, True), (name, False)} - explored.seen.answers}
    assert one_sided == {"read_back_is_current", "statements_are_agreed"}


def test_every_state_is_reached_and_every_call_can_end(explored: Explored) -> None:
    seen = explored.seen
    assert {call.state for call in seen.came_from} == set(State)
    assert seen.can_reach(lambda call: call.ended and call.in_flight is None) == set(seen.came_from)


def test_every_call_that_is_neither_ended_nor_locked_can_still_come_to_a_payment(explored: Explored) -> None:
    seen = explored.seen
    stuck = set(seen.came_from) - seen.can_reach(lambda call: call.state is State.SUBMITTED)
    assert {call.ended or call.locked for call in stuck} == {True}


def test_every_invariant_has_claims_and_every_claim_an_invariant() -> None:
    assert {claim.number for claim in all_claims()} == {invariant.number for invariant in INVARIANTS}


@pytest.mark.parametrize("state", State)
def test_the_gate_holds_on_calls_that_nothing_can_reach(explored: Explored, state: State) -> None:
    calls = sorted((call for call in explored.seen.came_from if call.state is state), key=repr)
    decide = interpreter(TABLE)
    broken = [
        (claim, call, trigger)
        for call in altered(calls, 400)
        for trigger in Trigger
        if (claim := found(decide, call, trigger, reachable=False)) is not None
    ]
    assert broken == []


def test_a_broken_table_is_named_by_invariant_and_shortest_path() -> None:
    table = tuple(
        replace(row, only_if=tuple(guard for guard in row.only_if if guard is not guards.identity_matches))
        for row in TABLE
    )
    violations = explore(table, enough=1).violations
    assert violations[0].claim.number == "3"
    assert violations[0].path in {
        (wanted, Trigger.LOAN_OFFERED, Trigger.IDENTITY_OFFERED)
        for wanted in (Trigger.PAYMENT_REQUESTED, Trigger.LOAN_FACT_ASKED)
    }
    assert str(violations[0]).startswith("invariant 3: ")


def test_a_state_that_breaks_an_invariant_is_found_where_it_is_reached() -> None:
    table = tuple(
        replace(row, to=State.AMOUNT) if (row.state, row.when) == (State.COLLECTING_LOAN, Trigger.LOAN_OFFERED) else row
        for row in TABLE
    )
    first = explore(table, enough=1).violations[0]
    assert first.claim.number in {"1", "21", "22"}


def test_calls_that_differ_in_clock_numbers_and_names_alone_are_one() -> None:
    first = Call(loan=LOANS[0], read_backs=3, confirmation="A")
    second = Call(loan=LOANS[1], read_backs=7, confirmation="B")
    assert normal(first) == normal(second)
    assert normal(Call(outstanding=frozenset(LOANS[:1]))) == normal(Call(outstanding=frozenset(LOANS[1:])))
    assert normal(first) != normal(replace(first, amount=1))
