"""The way to a person: from every state, and after a lock-out."""

from __future__ import annotations

from pathlib import Path

import pytest

from mortgage_fsm.machine import State, Transfer
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, rehearse


class Line:
    """A line to a person who picks up, or does not."""

    def __init__(self, *, reached: bool) -> None:
        self.reached = reached
        self.tried = 0

    async def connect(self) -> bool:
        self.tried += 1
        return self.reached


@pytest.mark.parametrize("state", State)
async def test_a_person_can_be_asked_for_in_every_state_and_the_call_goes_on_where_it_was(state: State) -> None:
    line = Line(reached=False)
    async with rehearse(person=line) as call:
        await call.reach(state)
        said = await call.say("let me talk to a person please")
        assert "I'll get you to a person" in said
        assert "I couldn't reach anyone just now" in said
        assert call.state is state
        assert call.call.transfer is None
        assert said.endswith("?") or state is State.CONFIRMING
    assert line.tried == 1


async def test_a_caller_who_is_connected_to_a_person_is_not_talked_to_any_more() -> None:
    line = Line(reached=True)
    async with rehearse(person=line) as call:
        await call.reach(State.CONFIRMING)
        await call.say("agent")
        assert call.call.transfer is Transfer.UNDER_WAY
        await call.say(YES)
        assert await call.payments() == []
    assert line.tried == 1


async def test_the_offer_of_a_person_is_taken_with_a_plain_yes() -> None:
    line = Line(reached=False)
    async with rehearse(person=line) as call:
        await call.reach(State.COLLECTING_LOAN)
        said = await call.say("flowers", "gardens", "trees")
        assert said.endswith("connect you with a person?")
        assert "couldn't reach anyone" in await call.say("yes")
    assert line.tried == 1


async def test_the_offer_of_a_person_is_declined_with_a_plain_no() -> None:
    line = Line(reached=False)
    async with rehearse(person=line) as call:
        await call.reach(State.COLLECTING_LOAN)
        await call.say("flowers", "gardens", "trees")
        assert "What's your loan number?" in await call.say("no")
    assert line.tried == 0


async def test_three_wrong_last_fours_lock_the_loan_in_this_call_and_the_next(tmp_path: Path) -> None:
    async with rehearse(tmp_path) as call:
        await call.say(PAY, LOAN, "1111", "2222")
        said = await call.say("3333")
        assert "Nothing was paid." in said
        assert said.endswith("connect you with a person?")
        assert call.call.locked
        for line in (
            LAST_FOUR,
            PAY,
            LOAN,
            "when is my payment due?",
            "pay $500 on loan 10005582",
            "7304",
            AMOUNT,
            METHOD,
            YES,
        ):
            said = await call.say(line)
            assert "1,850" not in said
            assert "2,412" not in said
        assert call.state is State.ADVISING
        assert "What else can I help you with?" in await call.say("what is escrow?")
    async with rehearse(tmp_path) as call:
        said = await call.say(PAY, LOAN, LAST_FOUR)
        assert "matches" not in said
        assert call.call.identity is None
        assert await call.payments() == []


async def test_a_locked_loan_does_not_lock_another_callers_loan(tmp_path: Path) -> None:
    async with rehearse(tmp_path) as call:
        await call.say(PAY, LOAN, "1111", "2222", "3333")
    async with rehearse(tmp_path) as call:
        assert "Thank you, that matches." in await call.say(PAY, "10005582", "7304")


async def test_an_unknown_loan_and_a_wrong_last_four_sound_the_same() -> None:
    said = []
    for loan in ("10004471", "10009999"):
        async with rehearse() as call:
            lines = [await call.say(line) for line in (PAY, loan, "1111", "2222", "3333")]
            said.append(" ".join(lines).replace("9 9 9 9", "4 4 7 1"))
    assert said[0] == said[1]


async def test_a_call_compares_no_more_than_five_last_fours_however_many_loans_are_tried() -> None:
    async with rehearse() as call:
        await call.say(PAY)
        for loan in ("10004471", "10005582", "10006693", "10009999"):
            await call.say(f"my loan number is {loan}", "1111", "2222")
        records = [record for record in await call.records() if record.get("trigger") == "identity_offered"]
        assert sum(1 for record in records if record.get("guards", {}).get("attempt_is_counted")) <= 5
        assert call.call.locked
