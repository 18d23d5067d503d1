"""A process is killed with SIGKILL at every named point of paying and of reconciling; nothing is lost or paid twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.at_points import SECOND
from tests.chaos.points import INTENT, RECONCILING, SUBMITTING

PAID = "has been submitted"
UNDER_WAY = "There's an earlier payment on this loan that I can't confirm yet"

COMMITTED = "the first transaction is committed"
NOTHING_WRITTEN = frozenset(INTENT) - {COMMITTED}
SETTLED = {"the second transaction is committed", "the answer is taken, and the caller not told"}


def said(name: str) -> str:
    """What a caller who calls again is to be told, if the process died there."""
    if name in NOTHING_WRITTEN:
        return PAID
    return SECOND if name in SETTLED else UNDER_WAY


@pytest.mark.slow
def test_killed_at_any_point_of_paying_or_reconciling_a_call_has_paid_once_or_not_at_all(
    empty_url: str, program: Any
) -> None:
    outcome = program("tests.chaos.at_points", empty_url)
    callers = outcome["callers"]
    print(f"{len(callers)} ways to die, {outcome['records']} records verified and replayed")
    assert len(SUBMITTING) >= 12
    assert len(callers) == len(SUBMITTING) + 2 * len(RECONCILING)
    assert {name: one["died"] for name, one in callers.items() if not all(one["died"])} == {}
    assert [outcome[each] for each in ("unknown", "invented", "under_way")] == [0, 0, 0]
    assert {name: one["effects"] for name, one in callers.items() if one["effects"] != 1} == {}
    for name, one in callers.items():
        assert said(name) in one["said_after"], name
        paid_by_the_last_call = one["statuses"][0] == "declined"
        assert (PAID if paid_by_the_last_call else SECOND) in one["said_at_last"], name
