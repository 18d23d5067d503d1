"""Processes are killed with SIGKILL at random instants of a payment, by the hundred; each caller has paid once, in the end.

`CHAOS_KILLS` raises the number; the figures in the README are of 1,000 on each database.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

KILLS = int(os.environ.get("CHAOS_KILLS", "200"))
AT_ONCE = 2
"""Programs side by side, each with a database of its own: they reconcile as if it were later, and must not meet."""
NAIVE_KILLS = KILLS // 2


@pytest.mark.slow
def test_killed_at_random_instants_every_caller_has_paid_once_and_the_log_verifies(
    new_url: Callable[[], str], start_program: Callable[..., Callable[[], Any]]
) -> None:
    running = [start_program("tests.chaos.at_random", new_url(), "ours", KILLS // AT_ONCE, n) for n in range(AT_ONCE)]
    outcomes = [each() for each in running]
    where: Counter[str] = sum((Counter(each.pop("where")) for each in outcomes), Counter())
    total: Counter[str] = sum((Counter(each) for each in outcomes), Counter())
    print(dict(total), dict(where))
    assert total["killed"] >= KILLS
    assert total["reconcilers_killed"] > 0
    assert total["paid_once"] == total["callers"]
    wrong = ("paid_twice", "never_paid", "unknown", "invented", "under_way", "told_wrongly")
    assert {name: total[name] for name in wrong if total[name]} == {}
    assert where["nothing written, paid"] == 0
    assert where["submitting written, paid"] > 0, "none was killed where it matters: the test shows nothing"
    assert where["submitting written, not paid"] > 0


@pytest.mark.slow
def test_a_naive_program_killed_in_the_same_way_pays_twice(new_url: Callable[[], str], program: Any) -> None:
    outcome = program("tests.chaos.at_random", new_url(), "naive", NAIVE_KILLS, 0)
    print(outcome)
    assert outcome["where"]["nothing written, paid"] > 0, "lost, if nobody called again"
    assert outcome["paid_twice"] > 0
