"""What a caller hears, and what stands in the ledger, when the payment processor does not simply accept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.machine import State
from mortgage_fsm.voice import sending
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, rehearse

Answer = Accepted | Declined | Exception | None


@dataclass
class Processor:
    """Answers as it is told, in order: an answer, an error to raise, or None for no answer at all."""

    answers: list[Answer]
    requests: list[PaymentRequest] = field(default_factory=list)
    absent_after: timedelta = timedelta(seconds=30)

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if answer is None:
            await asyncio.sleep(60)
        if isinstance(answer, Accepted | Declined):
            return answer
        raise answer or AssertionError("the caller waited a whole minute")

    async def look_up(self, key: str) -> Accepted | Declined | None:
        raise AssertionError("nobody looks up during a call")


async def test_what_is_sent_is_what_was_read_back() -> None:
    processor = Processor([Accepted("AB123456")])
    async with rehearse(gateway=processor) as call:
        await call.reach(State.SUBMITTED)
        assert "AB123456" in call.spoken[-1]
    [sent] = processor.requests
    assert (sent.loan, sent.cents, sent.method, sent.instrument_token) == (
        LOAN, 120000, "bank_transfer", "demo-checking-6021",
    )  # fmt: skip


async def test_a_declined_payment_is_said_to_be_and_another_way_to_pay_is_offered() -> None:
    processor = Processor([Declined("insufficient_funds"), Accepted("AB123456")])
    async with rehearse(gateway=processor) as call:
        await call.reach(State.CONFIRMING)
        said = await call.say(YES)
        assert "that payment didn't go through, and nothing was taken" in said
        assert "Would you like to pay" in said
        assert call.state is State.METHOD
        assert [each["status"] for each in await call.payments()] == ["declined"]
        await call.say("my debit card")
        assert "AB123456" in await call.say(YES)
        assert await call.amounts() == [120000]
    assert len({request.key for request in processor.requests}) == 2


@pytest.mark.parametrize(
    "answer", [UnavailableError("no answer"), RuntimeError("10004471"), None], ids=["unavailable", "raises", "hangs"]
)
async def test_an_unresolved_payment_is_neither_a_success_nor_a_failure_and_blocks_the_next(answer: Answer) -> None:
    processor = Processor([answer])
    async with rehearse(gateway=processor, gateway_timeout=0.2) as call:
        await call.reach(State.CONFIRMING)
        said = await call.say(YES)
        assert "I can't confirm yet whether that payment went through. Please don't pay again for now." in said
        assert "submitted" not in said
        assert "is ." not in said
        assert call.state is State.ADVISING
        for line in (PAY, "$1,200", "pay $300 on loan 10004471 from my bank account", YES, "yes", "try again"):
            await call.say(line)
        assert [each["status"] for each in await call.payments()] == ["unresolved"]
        assert "person" in await call.say(PAY)
    assert len(processor.requests) == 1


@pytest.mark.parametrize("becomes", [Accepted("AB123456"), Declined("funds")])
@pytest.mark.parametrize("line", ["what is escrow?", pytest.param(PAY, marks=pytest.mark.slow)])
async def test_what_became_of_an_unresolved_payment_is_told_once_in_the_call(
    becomes: Accepted | Declined, line: str
) -> None:
    class Found(Processor):
        async def look_up(self, key: str) -> Accepted | Declined | None:
            return becomes

    processor = Found([RuntimeError("gone")])
    async with rehearse(gateway=processor) as call:
        call.ledger.reconciler._gateway = processor
        await call.reach(State.CONFIRMING)
        await call.say(YES)
        assert "news" not in await call.say("what is escrow?")
        assert len((await call.ledger.reconciler.run()).resolved) == 1
        said = await call.say(line)
        went = "it went through." if isinstance(becomes, Accepted) else "it did not go through, and nothing was taken."
        assert f"I have news on your earlier payment: {went}" in said
        assert ("Escrow is an account" in said) == ("escrow" in line)
        assert call.call.outstanding == frozenset()
        assert "news" not in await call.say("what is escrow?")
        await call.say(PAY)
        assert call.state is State.AMOUNT, "another payment can be made"
    told = [each for each in call.written if each.get("trigger") == "payment_resolved"]
    assert [each["outcome"] for each in told] == ["accepted"]


async def test_who_asks_for_a_person_is_not_kept_waiting_for_news(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: str) -> None:
        raise AssertionError("asked")

    async with rehearse(gateway=Processor([RuntimeError("gone")])) as call:
        await call.reach(State.CONFIRMING)
        await call.say(YES)
        monkeypatch.setattr(call.ledger.payments, "latest", never)
        assert "get you to a person" in await call.say("a person please")


async def test_a_caller_is_told_that_a_payment_is_being_sent_when_the_answer_takes_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sending.STILL_SENDING_SECONDS < 5
    monkeypatch.setattr(sending, "STILL_SENDING_SECONDS", 0.01)

    class Slow(Processor):
        async def submit(self, request: PaymentRequest) -> Accepted | Declined:
            await told.wait()
            return await super().submit(request)

    processor, told = Slow([Accepted("AB123456")]), asyncio.Event()
    async with rehearse(gateway=processor) as call:
        await call.reach(State.CONFIRMING)
        before = len(call.spoken)

        def added(_: object) -> None:
            if "being sent" in call.spoken[-1]:
                told.set()

        call.phone.session.on("conversation_item_added", added)
        await call.say(YES)
        waiting, done = call.spoken[before:]
        assert waiting == "One moment, your payment is being sent."
        assert "AB123456" in done
    assert len(processor.requests) == 1


async def test_an_unresolved_payment_blocks_its_loan_alone() -> None:
    processor = Processor([RuntimeError("gone"), Accepted("AB123456")])
    async with rehearse(gateway=processor) as call:
        await call.reach(State.CONFIRMING)
        await call.say(YES, "I want to pay $800 on loan 10005582", "7304", METHOD)
        assert "AB123456" in await call.say(YES)
    assert [request.loan for request in processor.requests] == [LOAN, "10005582"]


async def test_an_unresolved_payment_of_an_earlier_call_still_blocks_its_loan(tmp_path: Path) -> None:
    async with rehearse(tmp_path, gateway=Processor([RuntimeError("gone")])) as call:
        await call.reach(State.CONFIRMING)
        await call.say(YES)
    later = Processor([])
    async with rehearse(tmp_path, gateway=later) as call:
        said = await call.say(PAY, LOAN, LAST_FOUR)
        assert "person" in said
        await call.say(AMOUNT, METHOD, YES, "yes")
        assert call.state is State.ADVISING
    assert later.requests == []


async def test_a_caller_who_hangs_up_while_the_payment_is_sent_has_paid_once() -> None:
    @dataclass
    class Slow(Processor):
        begun: asyncio.Event = field(default_factory=asyncio.Event)

        async def submit(self, request: PaymentRequest) -> Accepted | Declined:
            self.begun.set()
            await asyncio.sleep(0.2)
            return await super().submit(request)

    processor = Slow([Accepted("AB123456")])
    async with rehearse(gateway=processor) as call:
        await call.reach(State.CONFIRMING)
        turn = asyncio.ensure_future(call.say(YES))
        await processor.begun.wait()
        await call.phone.close()
        turn.cancel()
        assert await call.amounts() == [120000]
    assert len(processor.requests) == 1
