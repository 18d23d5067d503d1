"""Guesses over many loans: a caller has so many, all callers together have so many, and who is right uses up none."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from sqlalchemy import func, select

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.guesses import WINDOW_HOURS
from mortgage_fsm.ledger.identity import Attempt, AttemptPolicy, IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.schema import guesses

POLICY = AttemptPolicy(match_frees_its_attempt=True, per_caller=4, in_all=9)
STOPPED = Attempt(counted=False, matches=False, remain=0)
WRONG = "1111"


class Compared:
    """A directory that counts what it was asked."""

    def __init__(self) -> None:
        self.times = 0
        self.fails = False

    async def find(self, loan: str) -> None:
        raise AssertionError(loan)

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        self.times += 1
        if self.fails:
            raise UnavailableError
        return last_four == "2190"


@pytest.fixture
def compared() -> Compared:
    return Compared()


@pytest.fixture
def check(database: Database, compared: Compared, loan_ref: Any, clock: Any) -> IdentityCheck:
    return IdentityCheck(database, compared, loan_ref, policy=POLICY, clock=clock)


def loan(number: int) -> str:
    return str(10_000_000 + number)


async def test_a_caller_who_tries_many_loans_is_stopped(check: IdentityCheck, compared: Compared) -> None:
    tried = [await check.attempt(loan(number), WRONG, "one") for number in range(20)]
    assert [each.counted for each in tried] == [True] * 4 + [False] * 16
    assert tried[-1] == STOPPED
    assert compared.times == 4


async def test_what_one_caller_used_up_is_not_anothers_and_not_the_loans(check: IdentityCheck) -> None:
    for number in range(9):
        await check.attempt(loan(number), WRONG, "one")
    assert (await check.attempt(loan(8), "2190", "two")).matches
    assert await check.remain(loan(8)) == 3


async def test_many_callers_who_try_many_loans_are_stopped_together(check: IdentityCheck, compared: Compared) -> None:
    tried = [await check.attempt(loan(number), WRONG, f"caller{number}") for number in range(30)]
    assert [each.counted for each in tried] == [True] * 9 + [False] * 21
    assert compared.times == 9


async def test_a_caller_without_a_number_counts_with_all_others(check: IdentityCheck) -> None:
    tried = [await check.attempt(loan(number), WRONG) for number in range(12)]
    assert [each.counted for each in tried] == [True] * 9 + [False] * 3
    assert not (await check.attempt(loan(99), "2190", "somebody")).counted


async def test_who_is_right_uses_up_nothing(check: IdentityCheck) -> None:
    assert all([(await check.attempt(loan(number), "2190", "one")).matches for number in range(30)])
    assert (await check.attempt(loan(0), WRONG, "one")).counted


async def test_guesses_come_back_when_their_day_has_passed(
    check: IdentityCheck, database: Database, clock: Any
) -> None:
    for number in range(5):
        await check.attempt(loan(number), WRONG, "one")
    clock.forward(hours=WINDOW_HOURS - 1, minutes=59)
    assert not (await check.attempt(loan(50), WRONG, "one")).counted
    clock.forward(minutes=1)
    assert (await check.attempt(loan(50), WRONG, "one")).counted
    async with database.reading() as connection:  # and what is too old to count is gone
        assert await connection.scalar(select(func.count()).select_from(guesses)) == 2


async def test_a_clock_put_back_gives_no_guess_back(check: IdentityCheck, clock: Any) -> None:
    for number in range(4):
        await check.attempt(loan(number), WRONG, "one")
    clock.forward(hours=-20)
    assert not (await check.attempt(loan(50), WRONG, "one")).counted


async def test_an_outage_of_the_loan_system_uses_up_nobodys_guesses_but_the_loans(
    check: IdentityCheck, compared: Compared
) -> None:
    compared.fails = True
    for number in range(30):
        with pytest.raises(UnavailableError):
            await check.attempt(loan(number), WRONG, "one")
    compared.fails = False
    assert (await check.attempt(loan(0), WRONG, "one")).remain == 1


async def test_guesses_at_once_are_counted_one_by_one(check: IdentityCheck, compared: Compared) -> None:
    tried = await asyncio.gather(*(check.attempt(loan(number), WRONG, f"c{number % 2}") for number in range(40)))
    assert sum(each.counted for each in tried) == compared.times == 8


@pytest.mark.slow
async def test_guesses_of_several_processes_are_counted_one_by_one(
    database: Database, url: str, in_processes: Any
) -> None:
    program = f"""
import asyncio, os
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.identity import AttemptPolicy, IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
async def main():
    database = Database({url!r})
    policy = AttemptPolicy(per_caller=1000, in_all=7)
    check = IdentityCheck(database, EmbeddedLoans(database, bytes(32)), lambda loan: loan, policy=policy)
    done = await asyncio.gather(*(check.attempt(f"{{os.getpid()}}-{{n}}", "1111", f"c{{n}}") for n in range(10)))
    print(sum(each.counted for each in done))
    await database.close()
asyncio.run(main())
"""
    printed = await in_processes(program, 3)
    assert sum(int(each.splitlines()[-1]) for each in printed) == 7


async def test_reaching_a_limit_over_many_loans_is_told_to_the_operators_without_a_number(
    check: IdentityCheck, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(12):
            await check.attempt(loan(number), WRONG, "one" if number < 6 else None)
    said = caplog.text + "".join(capsys.readouterr())
    assert "guesses_of_a_caller_used_up" in said
    assert "guesses_in_all_used_up" in said
    assert "100000" not in said


async def test_the_table_holds_references_alone(database: Database, directory: EmbeddedLoans, loan_ref: Any) -> None:
    await IdentityCheck(database, directory, loan_ref).attempt("10004471", WRONG, "R" * 26)
    async with database.reading() as connection:
        kept = set(await connection.scalars(select(guesses.c.scope)))
    assert kept == {"all", "caller:" + "R" * 26}
