"""A process dies while a payment is being sent: the next one finds out what became of it, says so, and sends nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from mortgage_fsm import upkeep
from mortgage_fsm.ledger.intents import Status
from mortgage_fsm.ledger.ports import Accepted, Declined
from mortgage_fsm.ledger.times import utc_now
from mortgage_fsm.machine import Effect, Finding, State, Trigger
from mortgage_fsm.voice.desk import Answered
from mortgage_fsm.voice.phrases import phrases
from tests.stories.deaths import LIMIT, NewRoom, SilentGateway, dies_sending, says_yes
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, PAY

SORRY = "we were cut off for a moment"
A_PERSON = phrases().say("effect", Effect.TRANSFER)
CONFIRMATION = "MP-KT4WB7HN2R"


@pytest.mark.parametrize(
    ("becomes", "heard", "status", "state"),
    [
        (Accepted(CONFIRMATION), CONFIRMATION, "accepted", State.SUBMITTED),
        pytest.param(Declined("funds"), "didn't go through", "declined", State.VERIFYING, marks=pytest.mark.slow),
        pytest.param(None, "don't pay again", "unresolved", State.ADVISING, marks=pytest.mark.slow),
    ],
)
async def test_a_payment_that_was_being_sent_is_looked_up_first_told_and_never_sent_again(
    a_room: NewRoom, becomes: Any, heard: str, status: str, state: State
) -> None:
    gateway = SilentGateway(becomes)
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        await dies_sending(first, await says_yes(first, gateway))
        assert await room.payments() == [(120_000, "submitting")]
        second = await room.answered()
        (opening,) = second.spoken
        assert opening.index(SORRY) < opening.index(heard), opening
        assert second.call.state is state
        assert second.call.in_flight is None
        assert await room.payments() == [(120_000, status)]
        if status == "unresolved":
            assert "person" in await second.say(PAY, LAST_FOUR)
        assert len(gateway.sent) == 1
        await second.hangs_up()
        ((_, records),) = (await room.log()).items()
        sent = [each for each in records if each.get("gateway_status") == "submitting"]
        answers = [each for each in records if each.get("gateway_status") == status]
        assert len(sent) == len(answers) == 1
        assert sent[0]["payment_digest"] == answers[0]["payment_digest"]


@pytest.mark.slow
@pytest.mark.parametrize("becomes", [Accepted(CONFIRMATION), Declined("funds")])
async def test_what_is_found_out_only_after_the_call_went_on_is_told_in_it_once(a_room: NewRoom, becomes: Any) -> None:
    gateway = SilentGateway(None)
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        await dies_sending(first, await says_yes(first, gateway))
        second = await room.answered()
        assert "can't confirm yet" in second.spoken[0]
        gateway.becomes = becomes
        assert len((await room.ledger.reconciler.run()).resolved) == 1
        told = [await second.say(each) for each in ("what is escrow?", "what is escrow?")]
        went = "went through" if becomes == Accepted(CONFIRMATION) else "did not go through"
        assert [f"I have news on your earlier payment: it {went}" in each for each in told] == [True, False]
        assert second.call.outstanding == frozenset()
        await second.hangs_up()
        await room.log()
    assert len(gateway.sent) == 1


@pytest.mark.slow
async def test_what_reconcile_found_out_meanwhile_is_told_and_written_once(a_room: NewRoom) -> None:
    gateway = SilentGateway(Accepted(CONFIRMATION))
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        await dies_sending(first, await says_yes(first, gateway))
        assert len((await room.ledger.reconciler.run()).resolved) == 1
        second = await room.answered()
        assert CONFIRMATION in second.spoken[0]
        assert second.call.state is State.SUBMITTED
        await second.hangs_up()
        ((_, records),) = (await room.log()).items()
        assert [each["type"] for each in records if each.get("gateway_status") == "accepted"] == [
            "resolution",
            "decision",
        ]


@pytest.mark.slow
async def test_an_enrolment_that_was_written_is_told_with_its_reference(
    a_room: NewRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.say(PAY, LOAN, LAST_FOUR, AMOUNT, "automatic payments")
        monkeypatch.setattr(first.phone.orchestrator._desk, "send", _never)  # the process dies before it answers
        saying = asyncio.ensure_future(first.say("yes"))
        while not (written := await room.ledger.payments.listing()):  # noqa: ASYNC110 - a row of a database
            await asyncio.sleep(0.01)
        await dies_sending(first, saying)
        second = await room.answered()
        assert second.call.state is State.SUBMITTED
        assert str(written[0]["confirmation"]) in second.spoken[0]
        await second.hangs_up()
        await room.log()


async def _never(*_: Any) -> Any:
    await asyncio.Event().wait()


@pytest.mark.slow
async def test_who_had_asked_for_a_person_while_the_payment_was_sent_is_still_taken_to_one(a_room: NewRoom) -> None:
    gateway = SilentGateway(Accepted(CONFIRMATION))
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        saying = await says_yes(first, gateway)
        await first.phone.orchestrator._decide(Trigger.HUMAN_ASKED, "rules")
        await dies_sending(first, saying)
        second = await room.answered()
        assert CONFIRMATION in second.spoken[0]
        assert second.spoken[0].count(A_PERSON) == 1
        await second.until(lambda: second.call.transfer is None)
        ((_, records),) = (await room.log()).items()
        after = [each["trigger"] for each in records if "trigger" in each]
        resumed = after.index("call_resumed")
        assert after[resumed - 1 : resumed + 3] == [
            "payment_accepted",
            "call_resumed",
            "human_asked",
            "transfer_failed",
        ]


@pytest.mark.slow
async def test_who_lost_a_call_while_it_was_sending_does_not_write_the_answer_which_is_looked_up(
    a_room: NewRoom,
) -> None:
    gateway = SilentGateway(None)
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        saying = await says_yes(first, gateway)
        second = await room.answered()
        assert second.call.outstanding == {LOAN}
        answer = Answered(
            Trigger.PAYMENT_ACCEPTED, Finding(number=1, confirmation=CONFIRMATION), Status.ACCEPTED, gateway.sent[0].key
        )
        async with first.phone.orchestrator._lock:
            await first.phone.orchestrator._take_answer(answer)
        assert first.call.state is State.ADVISING
        assert first.call.outstanding == {LOAN}
        await dies_sending(first, saying)
        assert await room.payments() == [(120_000, "unresolved")]
        gateway.becomes = Accepted(CONFIRMATION)
        assert len((await room.ledger.reconciler.run()).resolved) == 1
        assert await room.payments() == [(120_000, "accepted")]
        await second.hangs_up()
        await room.log()


async def test_a_call_that_nobody_came_back_to_is_closed_and_what_it_sent_is_resolved(a_room: NewRoom) -> None:
    gateway = SilentGateway(Accepted(CONFIRMATION))
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        await dies_sending(first, await says_yes(first, gateway))
        assert await room.ledger.abandoned.run() == 0, "its caller may come back"
        room.ledger.abandoned._clock = lambda: utc_now() + LIMIT + timedelta(seconds=1)
        await upkeep.once(room.ledger)
        assert await room.payments() == [(120_000, "accepted")]
        ((_, records),) = (await room.log()).items()
        assert [each["type"] for each in records[-2:]] == ["resolution", "call_ended"]
        assert (records[-1]["state_to"], records[-1]["reason"]) == ("confirming", "abandoned")
        assert await room.ledger.snapshots.unseen_since(utc_now() + timedelta(days=1)) == []


@pytest.mark.slow
async def test_who_hung_up_is_not_gone_on_with_while_the_answer_is_waited_for(a_room: NewRoom) -> None:
    gateway = SilentGateway(None)
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        saying = await says_yes(first, gateway)
        await first.phone.orchestrator._decide(Trigger.CALL_HUNG_UP, "call")
        second = await room.answered()
        assert second.phone.id != first.phone.id
        assert not first.keeper.lost.is_set()
        await dies_sending(first, saying)
