"""The caller's own loan facts: after identity, from the ledger, and without being drawn into a payment."""

from __future__ import annotations

import pytest

from mortgage_fsm.machine import State
from tests.stories.rehearsal import LAST_FOUR, LOAN, PAY, rehearse

ASKED = {
    "how much do I owe this month?": "Your payment of $1,850.00 is due",
    "when is my next payment due?": "Your next payment is due",
    "what was my last payment?": "The last payment we received was $1,850.00",
}


@pytest.mark.parametrize(("question", "answer"), ASKED.items())
async def test_a_loan_fact_is_told_once_the_caller_is_known_and_no_payment_begins(question: str, answer: str) -> None:
    async with rehearse() as call:
        first = await call.say(question)
        assert "What's your loan number?" in first
        second = await call.say(LOAN)
        assert "last four digits" in second
        assert answer not in first + second
        assert answer in await call.say(LAST_FOUR)
        assert call.state is State.ADVISING
        assert not call.call.paying


@pytest.mark.parametrize("state", [State.AMOUNT, State.METHOD, State.CONFIRMING])
async def test_a_loan_fact_asked_within_a_payment_is_told_there(state: State) -> None:
    async with rehearse() as call:
        await call.reach(state)
        for question, answer in ASKED.items():
            assert answer in await call.say(question)
            assert call.state is state


async def test_after_a_payment_it_is_the_last_one_and_the_rest_is_as_the_loan_system_has_it() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        told = [await call.say(question) for question in ASKED]
        assert [answer in said for said, answer in zip(told, ASKED.values(), strict=True)].count(False) == 1
        assert any("The last payment we received was $1,200.00" in said for said in told)
        assert call.state is State.SUBMITTED


async def test_a_loan_fact_asked_at_the_read_back_is_told_and_the_payment_read_back_again() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        said = await call.say("when is my next payment due?")
        assert said.index("due") < said.index("Here's what I have.") < said.index("Shall I submit it?")
        await call.say("yes")
        assert await call.amounts() == [120000]


async def test_two_facts_asked_one_after_the_other_ask_for_the_loan_once() -> None:
    async with rehearse() as call:
        await call.say("when is my next payment due?", LOAN, LAST_FOUR)
        assert "$1,850.00" in await call.say("what was my last payment?")
        assert "How much would you like to pay?" in await call.say(PAY)


async def test_a_flagged_loan_is_neither_paid_nor_told_about_but_a_person_is_offered() -> None:
    async with rehearse() as call:
        await call.say(PAY, "10006693")
        said = await call.say("4418")
        assert "not able to take a payment" in said
        assert "connect you with a person?" in said
        said += await call.say("when is my next payment due?") + await call.say("pay $500") + await call.say(PAY)
        assert "1,604.90" not in said
        assert await call.payments() == []
        assert call.state is State.ADVISING


async def test_a_flagged_loan_says_nothing_of_the_flag_before_the_caller_is_known() -> None:
    said = {}
    for loan in ("10006693", "10004471"):
        async with rehearse() as call:
            said[loan] = (await call.say(PAY, loan)) + (await call.say("0000"))
    assert said["10006693"].replace("6 6 9 3", "4 4 7 1") == said["10004471"]
