"""Fifty confirmations of each payment at the same time, by several processes: each payment is made once."""

from __future__ import annotations

from typing import Any

import pytest

PAYMENTS, PROCESSES, COPIES = 200, 5, 10


@pytest.mark.slow
def test_two_hundred_payments_each_confirmed_fifty_times_at_once_are_two_hundred_debits(
    empty_url: str, program: Any
) -> None:
    outcome = program("tests.chaos.at_once", empty_url, PAYMENTS, PROCESSES, COPIES)
    print(outcome)
    assert (outcome["effects"], outcome["loans"]) == (PAYMENTS, PAYMENTS)
    assert [outcome[each] for each in ("unknown", "invented", "under_way")] == [0, 0, 0]
    assert outcome["statuses"] == {"accepted": PAYMENTS}
