"""One walk over the real table, shared by all tests that ask about it.

Every process of a test run walks it anew: of these tests one alone is quick.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mortgage_fsm.machine import TABLE, Decision, Moved
from mortgage_fsm.machine.proof.claims import Move
from mortgage_fsm.machine.proof.exploration import Exploration, explore
from mortgage_fsm.machine.proof.report import Proof, proof_of
from tests.machine.interpreter import interpreter


@dataclass
class Explored:
    seen: Exploration
    proof: Proof
    on_the_walk: set[tuple[str, bool]]
    """Guards by name with each answer they gave on reachable calls."""
    differing: list[Move]
    """Decisions in which the engine and the plain reading of the rows are not of one mind."""


def said(decision: Decision) -> tuple[object, ...]:
    if isinstance(decision, Moved):
        return decision.row, decision.effects, decision.guards
    return decision.reason, decision.guards


@pytest.fixture(scope="session")
def explored() -> Explored:
    by_the_rows = interpreter(TABLE)
    differing: list[Move] = []

    def compare(move: Move) -> None:
        mine, engines = by_the_rows(move.before, move.trigger, move.finding), move.decision
        if said(mine) != said(engines) or mine.after != engines.after:
            differing.append(move)

    seen = explore(watch=compare)
    on_the_walk = set(seen.answers)
    return Explored(seen, proof_of(TABLE, seen), on_the_walk, differing)
