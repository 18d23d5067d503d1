from dataclasses import replace

import pytest

from mortgage_fsm.machine import TABLE, Call, State, Trigger, guards
from mortgage_fsm.machine.invariants import INVARIANTS
from mortgage_fsm.machine.proof.claims import CALLS, DECISIONS, FUTURES, MOVES, Claim
from mortgage_fsm.machine.proof.exploration import LOANS, explore, normal
from tests.machine.conftest import Explored


def all_claims() -> set[Claim]:
    on_decisions = [claim for table in (MOVES, DECISIONS) for entered in table.values() for claim, _ in entered]
    return {claim for claim, _ in (*CALLS, *FUTURES)} | set(on_decisions)


def test_no_sequence_of_triggers_breaks_an_invariant(explored: Explored) -> None:
    assert [str(violation) for violation in explored.seen.violations] == []
    assert len(explored.seen.came_from) > 3_000
    assert explored.seen.moves > 150_000
    assert explored.proof.holds


@pytest.mark.slow
def test_the_proof_holds_with_every_row_taken_and_every_guard_answering_both_ways(explored: Explored) -> None:
    proof = explored.proof
    assert (proof.unused, proof.one_sided) == ((), ())
    assert [each for each in proof.proved if each.broken or not each.claims or not each.checks] == []
    assert proof.holds
    assert proof.strange > 3_000


@pytest.mark.slow
def test_two_guards_refuse_at_the_gate_alone(explored: Explored) -> None:
    # A read-back that is not of what stands cannot be reached, since every change of a fact voids it; and while a
    # statement is asked, the row before takes the yes.
    alone = {guard.__name__ for row in TABLE for guard in row.only_if} - {
        name for name, answer in explored.on_the_walk if not answer
    }
    assert alone == {"read_back_is_current", "statements_are_agreed"}


@pytest.mark.slow
def test_every_state_is_reached_and_every_call_can_end(explored: Explored) -> None:
    seen = explored.seen
    assert {call.state for call in seen.came_from} == set(State)
    assert seen.can_reach(lambda call: call.ended and call.in_flight is None) == set(seen.came_from)


@pytest.mark.slow
def test_every_call_that_is_neither_ended_nor_locked_can_still_come_to_a_payment(explored: Explored) -> None:
    seen = explored.seen
    stuck = set(seen.came_from) - seen.can_reach(lambda call: call.state is State.SUBMITTED)
    assert {call.ended or call.locked for call in stuck} == {True}


def test_every_invariant_has_claims_and_every_claim_an_invariant() -> None:
    assert {claim.number for claim in all_claims()} == {invariant.number for invariant in INVARIANTS}


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
    assert normal(first) != normal(first._replace(amount=1))
