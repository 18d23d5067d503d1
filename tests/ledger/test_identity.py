"""Identity attempts: counted before comparing, three in 24 hours, whoever asks and however often."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.identity import Attempt, AttemptPolicy, IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
from tests.ledger.conftest import NOON, ON_SQLITE

LOAN, RIGHT, WRONG = "10004471", "2190", "1111"
UNKNOWN = "10009999"


@pytest.fixture
def check(database: Database, directory: EmbeddedLoans, loan_ref: Any, clock: Any) -> IdentityCheck:
    return IdentityCheck(database, directory, loan_ref, clock=clock)


class Counting:
    """A directory that counts what it was asked, and sees how many attempts were left at that moment."""

    def __init__(self, database: Database, loan_ref: Any, clock: Any) -> None:
        self.compared = 0
        self.left_when_compared: list[int] = []
        self.check = IdentityCheck(database, self, loan_ref, clock=clock)

    async def find(self, loan: str) -> None:
        raise AssertionError(loan)

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        self.compared += 1
        self.left_when_compared.append(await self.check.remain(loan))
        return last_four == RIGHT


async def test_the_right_last_four_matches(check: IdentityCheck) -> None:
    assert await check.attempt(LOAN, RIGHT) == Attempt(counted=True, matches=True, remain=2)


async def test_a_wrong_one_does_not_match_and_costs_an_attempt(check: IdentityCheck) -> None:
    assert await check.attempt(LOAN, WRONG) == Attempt(counted=True, matches=False, remain=2)
    assert await check.remain(LOAN) == 2


async def test_the_fourth_attempt_is_not_compared_even_if_right(database: Database, loan_ref: Any, clock: Any) -> None:
    counting = Counting(database, loan_ref, clock)
    for _ in range(3):
        await counting.check.attempt(LOAN, WRONG)
    assert await counting.check.attempt(LOAN, RIGHT) == Attempt(counted=False, matches=False, remain=0)
    assert counting.compared == 3


async def test_an_attempt_is_counted_before_it_is_compared(database: Database, loan_ref: Any, clock: Any) -> None:
    counting = Counting(database, loan_ref, clock)
    for _ in range(3):
        await counting.check.attempt(LOAN, WRONG)
    assert counting.left_when_compared == [2, 1, 0]


async def test_an_attempt_stays_counted_when_the_comparison_fails(
    database: Database, loan_ref: Any, clock: Any
) -> None:
    class Broken:
        async def find(self, loan: str) -> None:
            raise AssertionError(loan)

        async def identity_matches(self, loan: str, last_four: str) -> bool:
            raise UnavailableError

    check = IdentityCheck(database, Broken(), loan_ref, clock=clock)
    with pytest.raises(UnavailableError):
        await check.attempt(LOAN, RIGHT)
    assert await check.remain(LOAN) == 2


async def test_an_unknown_loan_is_answered_and_counted_like_a_wrong_last_four(check: IdentityCheck) -> None:
    wrong = [await check.attempt(LOAN, WRONG) for _ in range(4)]
    assert [await check.attempt(UNKNOWN, RIGHT) for _ in range(4)] == wrong


async def test_attempts_come_back_one_by_one_after_24_hours(check: IdentityCheck, clock: Any) -> None:
    for _ in range(3):
        await check.attempt(LOAN, WRONG)
        clock.forward(hours=1)
    clock.forward(hours=20, minutes=59)
    assert not (await check.attempt(LOAN, RIGHT)).counted
    clock.forward(minutes=1)
    assert await check.attempt(LOAN, RIGHT) == Attempt(counted=True, matches=True, remain=0)
    assert not (await check.attempt(LOAN, RIGHT)).counted
    clock.forward(hours=1)
    assert (await check.attempt(LOAN, RIGHT)).counted


async def test_a_clock_put_back_gives_no_attempt_back(check: IdentityCheck, clock: Any) -> None:
    for _ in range(3):
        await check.attempt(LOAN, WRONG)
    clock.forward(hours=-12)
    assert not (await check.attempt(LOAN, RIGHT)).counted


async def test_attempts_of_one_loan_are_not_those_of_another(check: IdentityCheck) -> None:
    for _ in range(3):
        await check.attempt(LOAN, WRONG)
    assert (await check.attempt("10005582", "7304")).matches


async def test_attempts_are_kept_across_calls_and_restarts(
    url: str, check: IdentityCheck, directory: EmbeddedLoans, loan_ref: Any, clock: Any
) -> None:
    for _ in range(3):
        await check.attempt(LOAN, WRONG)
    later = Database(url)
    assert await IdentityCheck(later, directory, loan_ref, clock=clock).remain(LOAN) == 0
    await later.close()


async def test_a_match_gives_its_attempt_back_only_where_the_policy_says_so(
    database: Database, directory: EmbeddedLoans, loan_ref: Any, clock: Any
) -> None:
    policy = AttemptPolicy(match_frees_its_attempt=True)
    check = IdentityCheck(database, directory, loan_ref, policy=policy, clock=clock)
    assert [(await check.attempt(LOAN, RIGHT)).remain for _ in range(5)] == [3] * 5
    wrong = [await check.attempt(LOAN, WRONG) for _ in range(2)]
    assert [each.remain for each in wrong] == [2, 1]
    assert (await check.attempt(LOAN, RIGHT)).remain == 1
    assert (await check.attempt(LOAN, WRONG)).remain == 0
    assert not (await check.attempt(LOAN, RIGHT)).counted


async def test_a_lowered_limit_holds_at_once(
    database: Database, directory: EmbeddedLoans, loan_ref: Any, clock: Any
) -> None:
    generous = IdentityCheck(database, directory, loan_ref, policy=AttemptPolicy(limit=6), clock=clock)
    for _ in range(4):
        await generous.attempt(LOAN, WRONG)
    strict = IdentityCheck(database, directory, loan_ref, policy=AttemptPolicy(limit=3), clock=clock)
    assert not (await strict.attempt(LOAN, RIGHT)).counted


async def test_a_shorter_window_is_the_policys(
    database: Database, directory: EmbeddedLoans, loan_ref: Any, clock: Any
) -> None:
    policy = AttemptPolicy(limit=1, window=timedelta(minutes=5))
    check = IdentityCheck(database, directory, loan_ref, policy=policy, clock=clock)
    assert (await check.attempt(LOAN, WRONG)).counted
    clock.forward(minutes=5)
    assert (await check.attempt(LOAN, WRONG)).counted


async def test_fifty_attempts_at_once_compare_three(database: Database, loan_ref: Any, clock: Any) -> None:
    counting = Counting(database, loan_ref, clock)
    done = await asyncio.gather(*(counting.check.attempt(LOAN, WRONG) for _ in range(50)))
    assert sum(each.counted for each in done) == counting.compared == 3


@pytest.mark.slow
async def test_attempts_of_several_processes_compare_three(database: Database, url: str, in_processes: Any) -> None:
    program = f"""
import asyncio
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.identity import IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
async def main():
    database = Database({url!r})
    check = IdentityCheck(database, EmbeddedLoans(database, bytes(32)), lambda loan: "A" * 26)
    done = await asyncio.gather(*(check.attempt("10004471", "1111") for _ in range(10)))
    print(sum(each.counted for each in done))
    await database.close()
asyncio.run(main())
"""
    assert sum(map(int, await in_processes(program, 4))) == 3


@ON_SQLITE
async def test_no_loan_number_is_kept_with_the_attempts(url: str, check: IdentityCheck, tmp_path: Path) -> None:
    await check.attempt(UNKNOWN, "7391")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "kept").iterdir())
    assert UNKNOWN.encode() not in kept
    assert b"7391" not in kept


@pytest.mark.parametrize("long_ago", [{}, {0: NOON - timedelta(days=30)}])
async def test_a_slot_that_another_process_took_first_is_not_taken_twice(
    check: IdentityCheck, long_ago: dict[int, datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a server that lets two writers in: the second has seen a free slot that is taken by now."""
    await check.attempt(LOAN, WRONG)
    really_used = check._used
    stale = [long_ago]

    async def seen(*arguments: Any) -> dict[int, datetime]:
        return stale.pop() if stale else await really_used(*arguments)

    monkeypatch.setattr(check, "_used", seen)
    assert await check.attempt(LOAN, WRONG) == Attempt(counted=True, matches=False, remain=1)
    assert await check.remain(LOAN) == 1
