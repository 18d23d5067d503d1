"""What a caller is told when something cannot be done: why not, once, and nothing that says the opposite right after."""

from __future__ import annotations

from datetime import date

import pytest

from mortgage_fsm.ledger.on_loan import OnLoan
from mortgage_fsm.machine import State
from tests.stories.rehearsal import Rehearsal, rehearse

EARLIER = "There's an earlier payment on this loan that I can't confirm yet"
PERSON = "Would you like me to connect you with a person?"


async def _another_payment_is_under_way(call: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the read-back and the yes, somebody else's call submits a payment on the same loan."""

    async def on_loan(_: str) -> OnLoan:
        return OnLoan(outstanding=True, autopay_pending=False, today=date(2026, 3, 10))

    await call.reach(State.CONFIRMING)
    monkeypatch.setattr(call.ledger.payments, "on_loan", on_loan)


async def test_a_payment_that_cannot_be_taken_now_is_not_read_back_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearse() as call:
        await _another_payment_is_under_way(call, monkeypatch)
        said = await call.say("yes")
        assert EARLIER in said
        assert said.endswith(PERSON)
        assert "Shall I submit it?" not in said
        assert await call.payments() == []


async def test_a_yes_to_the_person_offered_instead_asks_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearse() as call:
        await _another_payment_is_under_way(call, monkeypatch)
        await call.say("yes", "yes")
        assert [each.trigger for each in call.decided if "human" in each.trigger] == ["human_asked"]
        assert await call.payments() == []


async def test_a_no_to_the_person_offered_instead_ends_the_payment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearse() as call:
        await _another_payment_is_under_way(call, monkeypatch)
        assert "Nothing was paid." in await call.say("yes", "no")
        assert call.state is State.ADVISING
        assert not call.call.paying


@pytest.mark.parametrize("line", ["my loan number is 10005582", "$500", "my bank account"])
async def test_a_caller_who_is_locked_out_is_offered_a_person_and_no_payment(line: str) -> None:
    async with rehearse() as call:
        await call.reach(State.VERIFYING)
        await call.say("1111", "2222", "3333")
        assert call.call.locked
        said = await call.say(line)
        assert said.endswith(PERSON)
        assert "confirm who I'm speaking with" in said
        assert "make a payment" not in said


async def test_a_question_about_what_was_read_back_is_answered_by_reading_it_back() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        assert "One payment of $1,200.00" in await call.say("what was the amount?")
        await call.say("yes")
        assert await call.amounts() == [120000]


async def test_okay_and_a_question_is_answered_like_the_question() -> None:
    async with rehearse() as call:
        alone = await call.say("what's a recast?")
        await call.say("what is escrow?")
        assert await call.say("okay and what's a recast?") == alone


async def test_who_does_not_want_one_card_goes_on_with_the_payment() -> None:
    async with rehearse() as call:
        await call.reach(State.METHOD)
        await call.say("I don't want to use my debit card")
        assert call.state is State.METHOD
        assert call.call.paying
        await call.say("my bank account", "yes")
        assert await call.amounts() == [120000]
