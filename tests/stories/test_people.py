"""The way to a person: from every state, and after a lock-out."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mortgage_fsm.heard import Reason
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.machine import State, Transfer, Trigger
from mortgage_fsm.voice.transfer import Briefing, Reached
from tests.stories.phone_line import phone_line
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, rehearse


class Line:
    """A line to a person who picks up, or does not."""

    def __init__(self, *, reached: bool) -> None:
        self.reached = reached
        self.tried = 0

    async def connect(self, briefing: Briefing) -> Reached:
        self.tried += 1
        return Reached.PERSON if self.reached else Reached.NOBODY


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


class Board:
    """A line that keeps what the person is told."""

    def __init__(self, reached: Reached = Reached.PERSON) -> None:
        self.reached = reached
        self.told: list[Briefing] = []

    async def connect(self, briefing: Briefing) -> Reached:
        self.told.append(briefing)
        return self.reached


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reached", Reached)
async def test_a_person_can_be_asked_for_in_every_state_whatever_comes_of_it(state: State, reached: Reached) -> None:
    board = Board(reached)
    async with rehearse(person=board) as call:
        await call.reach(state)
        stood = call.call
        said = await call.say("a person please")
        assert "I'll get you to a person" in said
        assert [(each.reason, each.state) for each in board.told] == [(Reason.ASKED, state)]
        assert call.state is state
        assert (call.call.loan, call.call.amount, call.call.method) == (stood.loan, stood.amount, stood.method)
        assert call.phone.orchestrator.goodbye.is_set() is (reached is Reached.PERSON)
        assert ("couldn't reach anyone" in said) is (reached is Reached.NOBODY)
        assert ("our team isn't in right now" in said) is (reached is Reached.CLOSED)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (("a person please",), Reason.ASKED),
        (("I didn't authorise this payment",), Reason.DISPUTE),
        (("someone stole my identity",), Reason.FRAUD),
        (("I lost my job, I can't pay", "can I talk to a person"), Reason.HARDSHIP),
        (("can I pay my mother's loan", "ok, a person please"), Reason.OTHER_LOAN),
        ((PAY, "10006693", "4418", "yes"), Reason.FLAGGED),
        ((PAY, LOAN, "1111", "2222", "3333", "yes"), Reason.LOCKED_OUT),
        ((PAY, LOAN, "1111", "2222", "3333", "this is fraud"), Reason.FRAUD),
    ],
)
async def test_the_reason_comes_from_the_callers_words_or_from_the_call(lines: tuple[str, ...], reason: Reason) -> None:
    board = Board()
    async with rehearse(person=board) as call:
        await call.say(*lines)
    assert [each.reason for each in board.told] == [reason]


async def test_who_cannot_pay_is_answered_and_not_sent_away() -> None:
    board = Board()
    async with rehearse(person=board) as call:
        assert await call.say("I lost my job, I can't pay")
        assert call.state is State.ADVISING
    assert board.told == []


async def test_a_briefing_holds_nothing_of_the_caller_or_the_loan() -> None:
    board = Board()
    async with rehearse(person=board) as call:
        await call.say("what is escrow?")
        await call.reach(State.CONFIRMING)
        await call.say("a person please")
    [told] = board.told
    assert told.topics == ("escrow-account",)
    written = repr(told)
    for secret in (LOAN, LAST_FOUR, "1200", "120000", "1,850", "6021", "checking"):
        assert secret not in written


async def test_nothing_is_said_to_a_caller_who_is_with_a_person() -> None:
    async with rehearse(person=Board()) as call:
        await call.reach(State.AMOUNT)
        await call.say("a person please")
        for line in ("$500", "hello", "a person please", "what is escrow?", "flowers"):
            assert await call.say(line) == ""
        assert call.state is State.AMOUNT


async def test_out_of_hours_a_callback_is_kept_with_the_loan_and_the_reason() -> None:
    async with rehearse(person=Board(Reached.CLOSED)) as call:
        await call.reach(State.VERIFYING)
        said = await call.say("this is fraud")
        assert "asked them to call you back at the number on file" in said
        assert said.endswith("?")
        await call.say("a person please")
        [kept] = await call.ledger.callbacks.waiting()
        assert kept["call"] == call.phone.id
        assert kept["reason"] == "fraud"
        assert kept["loan_ref"] == call.ledger.references.loan_ref(LOAN)


async def test_out_of_hours_no_callback_is_promised_where_nobody_knows_whom_to_call() -> None:
    async with rehearse(person=Board(Reached.CLOSED)) as call:
        said = await call.say("a person please")
        assert "call again during business hours" in said
        assert "call you back" not in said
        [kept] = await call.ledger.callbacks.waiting()
        assert kept["loan_ref"] is None


async def test_where_nobody_answers_no_callback_is_kept() -> None:
    async with rehearse(person=Board(Reached.NOBODY)) as call:
        await call.say("a person please")
        assert await call.ledger.callbacks.waiting() == []


async def test_the_attempt_and_its_failure_are_recorded_and_bear_no_number() -> None:
    async with rehearse(person=Board(Reached.NOBODY)) as call:
        await call.reach(State.AMOUNT)
        await call.say("a person please")
    assert [r["trigger"] for r in call.written if "trigger" in r][-3:-1] == ["human_asked", "transfer_failed"]


async def test_a_caller_on_the_line_hears_that_they_are_connected_before_the_line_is_gone(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    class Gone:
        async def connect(self, briefing: Briefing) -> Reached:
            heard.append(list(line.spoken))
            return Reached.PERSON

    async with phone_line(tmp_path, person=Gone()) as line:
        await line.tell(PAY, "loan number?")
        line.voice.slowly = "One moment"
        await line.recogniser.hear("a person please")
        await asyncio.wait_for(line.phone.orchestrator.goodbye.wait(), 4)
    assert heard[0][-1] == "One moment, I'll get you to a person."


async def test_who_asks_for_a_person_while_a_payment_is_sent_hears_its_number_first(tmp_path: Path) -> None:
    heard: list[list[str]] = []

    class Gone:
        async def connect(self, briefing: Briefing) -> Reached:
            heard.append(list(line.spoken))
            return Reached.PERSON

    async with phone_line(tmp_path, person=Gone()) as line:
        await line.come_to_the_method()
        await line.tell("my bank account", "Shall I submit it?")
        await line.until(lambda: line.call.read_back is not None and line.call.read_back.finish is not None)
        gateway, sent, may_answer = line.ledger.gateway, asyncio.Event(), asyncio.Event()
        submit = gateway.submit

        async def slowly(request: PaymentRequest) -> Accepted | Declined:
            sent.set()
            await may_answer.wait()
            return await submit(request)

        gateway.submit = slowly  # type: ignore[method-assign] # the port, slowed
        await line.recogniser.hear("yes")
        await asyncio.wait_for(sent.wait(), 4)
        await line.phone.orchestrator.fire(Trigger.HUMAN_ASKED, line.phone.session.current_agent, "rules")  # type: ignore[arg-type] # one of ours
        may_answer.set()
        await asyncio.wait_for(line.phone.orchestrator.goodbye.wait(), 6)
        assert await line.amounts() == [120000]
    assert any("Your confirmation number is" in said for said in heard[0])
