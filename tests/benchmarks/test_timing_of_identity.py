"""Whether how long an identity check takes tells a loan that exists from one that does not.

    python -m pytest -q -s -m benchmark tests/benchmarks/test_timing_of_identity.py

Two-sample Kolmogorov-Smirnov test over times taken in random turns; p is the chance of a difference this large where
there is none. The control is a directory that answers at once for a loan it does not have: the same test finds it.
"""

from __future__ import annotations

import bisect
import math
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import ensure_demo_loans
from mortgage_fsm.ledger.identity import AttemptPolicy, IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.ledger.times import utc_now

pytestmark = pytest.mark.benchmark

TIMES = 2000
KNOWN, UNKNOWN, WRONG = "10004471", "10009999", "1111"


class Hasty:
    """Looks first whether there is such a loan."""

    def __init__(self, directory: EmbeddedLoans) -> None:
        self._directory = directory

    async def find(self, loan: str) -> Loan | None:
        return await self._directory.find(loan)

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        return loan == KNOWN and await self._directory.identity_matches(loan, last_four)


def same_distribution(one: list[float], other: list[float]) -> tuple[float, float]:
    """The largest distance between both distributions, and p (Kolmogorov's series)."""
    one, other = sorted(one), sorted(other)
    distance = max(
        abs(bisect.bisect_right(one, each) / len(one) - bisect.bisect_right(other, each) / len(other))
        for each in one + other
    )
    scale = math.sqrt(len(one) * len(other) / (len(one) + len(other))) * distance
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * scale * scale) for k in range(1, 101))
    return distance, min(1.0, p)


async def measured(ask: Callable[[str], Awaitable[object]]) -> tuple[float, float, float]:
    """Median of the known loan and the difference of the medians, in milliseconds, and p."""
    chance, times = random.Random(1), {KNOWN: list[float](), UNKNOWN: list[float]()}
    turns = [KNOWN, UNKNOWN] * TIMES
    chance.shuffle(turns)
    for loan in [KNOWN, UNKNOWN] * 50:  # warm
        await ask(loan)
    for loan in turns:
        began = time.perf_counter()
        await ask(loan)
        times[loan].append((time.perf_counter() - began) * 1000)
    known, unknown = (statistics.median(times[loan]) for loan in (KNOWN, UNKNOWN))
    return known, unknown - known, same_distribution(times[KNOWN], times[UNKNOWN])[1]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/ledger.db"
    else:
        with request.getfixturevalue("postgresql").database() as made:
            yield made


async def test_an_unknown_loan_and_a_wrong_last_four_take_the_same_time(url: str) -> None:
    database = Database(url)
    if database.is_sqlite:
        await migrations.ensure(database)
    directory = EmbeddedLoans(database, bytes(32))
    await ensure_demo_loans(database, directory, utc_now().date())
    # Attempts that are never used up, so that every one of them is counted and compared.
    policy = AttemptPolicy(limit=3, window=timedelta(0), in_all=10**9)
    figures = {}
    for name, asked in (("ours", directory), ("control", Hasty(directory))):
        check = IdentityCheck(database, asked, lambda loan: loan.rjust(26, "A"), policy=policy)
        figures[name] = await measured(lambda loan, check=check: check.attempt(loan, WRONG))  # type: ignore[misc] # bound at once
        known, difference, p = figures[name]
        print(f"{url[:6]}, {name}: {known:.3f} ms, unknown {difference:+.3f} ms, n = {TIMES} each, p = {p:.3g}")
    await database.close()
    assert figures["ours"][2] > 0.001
    assert figures["control"][2] < 1e-6
