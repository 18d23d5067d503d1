"""A call as plain values: nothing of it is lost on the way through JSON, and nothing of another form is taken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine import Call, Facts, Policy, State, Transfer
from mortgage_fsm.machine.call import Finish, Identity, ReadBack, Submission
from mortgage_fsm.machine.plain import as_plain, from_plain

FACTS = Facts("10004471", 120_000, Method.DEBIT_CARD)
FULL = Call(
    State.CONFIRMING,
    Policy(minimum_cents=700, statements=2),
    loan="10004471",
    identity=Identity("10004471", 12.345, expired=True),
    amount=Wish.AMOUNT_DUE,
    method=Method.AUTOPAY,
    paying=True,
    agreed=1,
    loan_fact=LoanFact.DUE_DATE,
    read_back=ReadBack(3, FACTS, repeat_announced=True, finish=Finish(7, 99.001), statement=1),
    read_backs=3,
    in_flight=Submission(2, Facts("10004471", Wish.AMOUNT_DUE, Method.AUTOPAY)),
    outstanding=frozenset({"10005582", "10004471"}),
    confirmation="MP-KT4WB7HN2R",
    locked=True,
    transfer=Transfer.WANTED,
    ended=True,
)


def kept(call: Call) -> Call:
    return from_plain(json.loads(json.dumps(as_plain(call))), call.policy)


@pytest.mark.parametrize(
    "call", [Call(), FULL, FULL._replace(amount=5, read_back=ReadBack(1, FACTS))], ids=["new", "full", "other"]
)
def test_a_call_is_the_same_after_it_was_kept(call: Call) -> None:
    assert kept(call) == call


def test_the_call_that_is_kept_here_has_every_fact_there_is() -> None:
    assert not [name for name in Call._fields if getattr(FULL, name) == getattr(Call(), name)]


def test_every_fact_but_the_policy_is_kept() -> None:
    assert set(as_plain(FULL)) == set(Call._fields) - {"policy"}


def test_every_call_that_the_table_can_reach_is_the_same_after_it_was_kept(explored: Any) -> None:
    reached = list(explored.seen.came_from)
    assert len(reached) > 3_000
    assert [call for call in reached if kept(call) != call] == []


@pytest.mark.parametrize("change", [{"state": "dreaming"}, {"method": "cash"}, {"amount": "a lot"}, {"read_back": {}}])
def test_what_is_of_another_form_is_not_taken(change: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_plain(as_plain(FULL) | change, Policy())
