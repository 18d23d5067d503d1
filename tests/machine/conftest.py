"""One walk over the real table, shared by all tests that ask about it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from mortgage_fsm.machine import TABLE, Decision, Moved
from tests.machine.claims import Move
from tests.machine.exploration import Exploration, explore
from tests.machine.interpreter import interpreter


@dataclass
class Explored:
    seen: Exploration
    differing: list[Move] = field(default_factory=list)
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

    return Explored(explore(watch=compare), differing)
