"""The desk looks nothing up for a stranger, and sends what was read back, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.plugged_in import PluggedInGateway
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.machine import State
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, rehearse


class Loud:
    """A directory in which nothing may be looked up."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def find(self, loan: str) -> Loan | None:
        self.asked.append(loan)
        raise AssertionError("looked up for a caller who has not proved who they are")

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        raise AssertionError("identity is the ledger's to compare")


async def test_nothing_of_a_loan_is_looked_up_before_identity() -> None:
    directory = Loud()
    async with rehearse(directory=directory) as call:
        for line in (
            PAY,
            LOAN,
            "2191",
            "when is it due?",
            AMOUNT,
            METHOD,
            YES,
            "what was my last payment?",
            "10005582",
            "no",
        ):
            assert await call.say(line)
    assert directory.asked == []


async def test_a_directory_that_does_not_answer_is_said_to_be_trouble_and_nothing_moves() -> None:
    class Down(Loud):
        async def find(self, loan: str) -> Loan | None:
            raise UnavailableError("no answer")

    async with rehearse(directory=Down()) as call:
        await call.say(PAY, LOAN)
        said = await call.say(LAST_FOUR)
        assert "having some trouble looking that up" in said
        assert said.endswith("?")
        assert call.state is State.VERIFYING
        assert call.call.identity is None


async def test_a_loan_that_the_directory_lost_is_not_paid() -> None:
    class Gone(Loud):
        async def find(self, loan: str) -> Loan | None:
            return None

    async with rehearse(directory=Gone()) as call:
        said = await call.say(PAY, LOAN, LAST_FOUR)
        assert said
        await call.say(AMOUNT, METHOD, YES)
        assert await call.payments() == []


async def test_what_confirms_and_what_is_sent_bear_the_digest_of_what_was_read_back() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
    digests = {r["trigger"]: r.get("payment_digest") for r in call.written if "trigger" in r}
    assert digests["method_offered"] is not None
    assert digests["method_offered"] == digests["read_back_finished"] == digests["payment_confirmed"]
    assert digests["payment_confirmed"] == digests["payment_accepted"]


@pytest.mark.parametrize("change", ["no, make it $900", "no, my debit card"])
async def test_a_changed_fact_changes_the_digest(change: str) -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        await call.say(change, YES)
    digests = [r["payment_digest"] for r in call.written if r.get("trigger") == "read_back_finished"]
    assert len(set(digests)) == 2


def hanging_loans() -> Any:
    """A servicer's own directory, which never answers."""

    class Hanging:
        async def find(self, _: str) -> None:
            await asyncio.sleep(3600)

        async def identity_matches(self, *_: str) -> None:
            await asyncio.sleep(3600)

    return Hanging()


def leaving() -> Any:
    """A servicer's own code, which wants to end the process whenever it is asked."""

    class Leaving:
        absent_after = timedelta(0)

        async def find(self, loan: str) -> None:
            raise SystemExit(loan)

        identity_matches = submit = look_up = find

    return Leaving()


@pytest.mark.parametrize("factory", [hanging_loans, leaving])
async def test_a_directory_of_their_own_that_fails_costs_an_answer_and_not_the_call(
    factory: Callable[[], object],
) -> None:
    async with rehearse(loans=f"{__name__}:{factory.__name__}", loans_timeout=0.05) as call:
        assert "having some trouble looking that up" in await call.say(PAY, LOAN, LAST_FOUR)
        assert call.state is State.VERIFYING
        assert "person" in await call.say("I want to talk to a person")


async def test_a_gateway_of_their_own_that_fails_leaves_the_payment_to_be_looked_up() -> None:
    async with rehearse(gateway=PluggedInGateway(leaving())) as call:
        await call.reach(State.CONFIRMING)
        assert await call.say(YES)
        assert [each["status"] for each in await call.payments()] == ["unresolved"]
