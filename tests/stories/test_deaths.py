"""A call survives its process: the next one goes on where it was, on the same log, and pays once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from mortgage_fsm import upkeep
from mortgage_fsm.ledger.intents import Status
from mortgage_fsm.ledger.ports import Accepted, Declined
from mortgage_fsm.ledger.snapshots import LostError, Snapshot
from mortgage_fsm.ledger.times import utc_now
from mortgage_fsm.machine import Effect, Finding, State, Trigger
from mortgage_fsm.tenants import Limits, Tenant
from mortgage_fsm.voice.desk import Answered
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.taking_over import HeldElsewhereError, take_over
from tests.audit.test_words import compared
from tests.stories.deaths import LIMIT, Room, SilentGateway, a_room, dies_sending, says_yes
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY

SORRY = "we were cut off for a moment"
A_PERSON = phrases().say("effect", Effect.TRANSFER)
CONFIRMATION = "MP-KT4WB7HN2R"

LEFT = {
    State.ADVISING: [PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, "yes"],
    State.COLLECTING_LOAN: [LOAN, LAST_FOUR, AMOUNT, METHOD, "yes"],
    State.VERIFYING: [LAST_FOUR, AMOUNT, METHOD, "yes"],
    State.AMOUNT: [LAST_FOUR, AMOUNT, METHOD, "yes"],
    State.METHOD: [LAST_FOUR, METHOD, "yes"],
    State.CONFIRMING: [LAST_FOUR, "yes"],
    State.SUBMITTED: [],
}
"""What a caller still has to say after the call went on, by where it was left."""


QUICK = {State.AMOUNT, State.CONFIRMING}


@pytest.mark.parametrize(
    "state", [each if each in QUICK else pytest.param(each, marks=pytest.mark.slow) for each in State]
)
async def test_a_call_whose_process_dies_goes_on_where_it_was_and_pays_once(state: State) -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(state)
        before = first.call
        await first.dies()
        second = await room.answered()
        after = second.call
        assert (after.loan, after.amount, after.method) == (before.loan, before.amount, before.method)
        assert after.identity is None or after.identity.expired
        assert after.read_back is None
        proved = state in {State.AMOUNT, State.METHOD, State.CONFIRMING}
        assert after.state is (State.VERIFYING if proved else state)
        (opening,) = second.spoken
        assert SORRY in opening
        assert "Thank you for calling" not in opening
        if after.state is State.VERIFYING:
            assert "1 0 0 0, 4 4 7 1" in opening
        await second.say(*LEFT[state])
        assert second.call.state is State.SUBMITTED
        assert await room.payments() == [(120_000, "accepted")]
        await second.hangs_up()
        ((_, records),) = (await room.log()).items()
        assert [each["type"] for each in records].count("call_started") == 1
        assert [each["trigger"] for each in records if "trigger" in each].count("call_resumed") == 1
        assert records[-1]["reason"] == "hung_up"
        assert await room.ledger.snapshots.in_room(room.place().room_ref) is None


@pytest.mark.slow
async def test_a_call_survives_as_many_processes_as_it_takes() -> None:
    async with a_room() as room:
        for line in ([], *([each] for each in (PAY, LOAN))):
            held = await room.answered()
            await held.say(*line)
            await held.dies()
        for lines in ([LAST_FOUR, AMOUNT], [LAST_FOUR, METHOD], [LAST_FOUR, "yes"]):
            held = await room.answered()
            await held.say(*lines)
            if lines[-1] != "yes":
                await held.dies()
        assert await room.payments() == [(120_000, "accepted")]
        await held.hangs_up()
        assert len(await room.log()) == 1


@pytest.mark.parametrize(
    ("becomes", "heard", "status", "state"),
    [
        (Accepted(CONFIRMATION), CONFIRMATION, "accepted", State.SUBMITTED),
        pytest.param(Declined("funds"), "didn't go through", "declined", State.VERIFYING, marks=pytest.mark.slow),
        pytest.param(None, "don't pay again", "unresolved", State.ADVISING, marks=pytest.mark.slow),
    ],
)
async def test_a_payment_that_was_being_sent_is_looked_up_first_told_and_never_sent_again(
    becomes: Any, heard: str, status: str, state: State
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
async def test_what_reconcile_found_out_meanwhile_is_told_and_written_once() -> None:
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
async def test_an_enrolment_that_was_written_is_told_with_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
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
async def test_who_had_asked_for_a_person_while_the_payment_was_sent_is_still_taken_to_one() -> None:
    gateway = SilentGateway(Accepted(CONFIRMATION))
    async with a_room(gateway) as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        saying = await says_yes(first, gateway)
        await first.phone.orchestrator._decide(Trigger.HUMAN_ASKED, "rules")
        await dies_sending(first, saying)
        second = await room.answered()
        assert CONFIRMATION in second.spoken[0]
        ((_, records),) = (await room.log()).items()
        assert second.spoken[0].count(A_PERSON) == 1
        after = [each["trigger"] for each in records if "trigger" in each]
        resumed = after.index("call_resumed")
        assert after[resumed - 1 : resumed + 3] == [
            "payment_accepted",
            "call_resumed",
            "human_asked",
            "transfer_failed",
        ]


@pytest.mark.slow
async def test_attempts_to_prove_identity_count_on_over_processes() -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.say(PAY, LOAN, "1111")
        await first.dies()
        second = await room.answered()
        assert second.phone.orchestrator._desk.attempts == 1
        await second.say("2222", "3333")
        assert second.call.locked
        await second.dies()
        third = await room.answered()
        assert third.call.locked
        assert third.call.state is State.ADVISING


@pytest.mark.slow
async def test_a_recordings_words_hold_against_the_log_of_a_call_that_went_on() -> None:
    async with a_room() as room:
        lines = [PAY, LOAN, LAST_FOUR, AMOUNT]
        first = await room.answered()
        await first.say(*lines)
        await first.dies()
        second = await room.answered()
        await second.say(LAST_FOUR, METHOD, "yes")
        await second.hangs_up()
        ((call, records),) = (await room.log()).items()
        # The going on is a turn of its own, without words.
        said = dict(enumerate([*lines, None, LAST_FOUR, METHOD, "yes"], 1))
        words = {(call, number): each for number, each in said.items() if each is not None}
        assert compared(records, words).checked == len(words)


async def test_who_lost_a_call_to_another_process_can_neither_pay_nor_write_in_it_any_more() -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(State.CONFIRMING)
        second = await room.answered()
        written = len((await room.log())[first.phone.id])
        said = await first.say("yes")
        assert "submitted" not in said
        assert first.keeper.lost.is_set()
        assert first.call.state is not State.SUBMITTED
        with capture_logs() as logged:
            await first.hangs_up()
        assert "records_lost" not in [each["event"] for each in logged], "what is not written here is written elsewhere"
        assert await room.payments() == []
        assert len((await room.log())[first.phone.id]) == written
        await second.say(LAST_FOUR, "yes")
        assert await room.payments() == [(120_000, "accepted")]
        await second.hangs_up()
        assert [each["type"] for each in (await room.log())[first.phone.id]].count("call_ended") == 1


@pytest.mark.slow
async def test_who_lost_a_call_while_it_was_sending_does_not_write_the_answer_which_is_looked_up() -> None:
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


@pytest.mark.slow
async def test_a_call_that_is_alive_in_the_room_is_not_taken_over() -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.say(PAY)
        holder = (await _snapshot(room)).place.holder
        first.keeper.begin(0.05)
        with pytest.raises(HeldElsewhereError):
            await room.answered(there=[holder])
        await first.say(LOAN)
        assert first.call.state is State.VERIFYING


@pytest.mark.slow
async def test_a_process_that_hangs_in_the_room_is_not_waited_for_for_ever() -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(State.AMOUNT)
        holder = (await _snapshot(room)).place.holder
        await first.dies()
        second = await room.answered(there=[holder])
        assert second.phone.id == first.phone.id


async def _snapshot(room: Room) -> Snapshot:
    found = await room.ledger.snapshots.in_room(room.place().room_ref)
    assert found is not None
    return found


@pytest.mark.parametrize("other", [{"caller": "somebody else"}, {"room": "another room"}])
@pytest.mark.slow
async def test_another_caller_or_another_room_begins_anew(other: dict[str, Any]) -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(State.AMOUNT)
        await first.dies()
        second = await room.answered(**other)
        assert second.phone.id != first.phone.id
        assert second.call.loan is None
        assert SORRY not in second.spoken[0]


@pytest.mark.slow
async def test_on_other_terms_the_caller_begins_anew_and_the_old_log_ends() -> None:
    async with a_room() as room:
        oak = Tenant(id="oak", name="Oak")
        first = await room.answered(oak)
        await first.reach(State.METHOD)
        await first.dies()
        second = await room.answered(oak.model_copy(update={"limits": Limits(minimum=200)}))
        assert second.phone.id != first.phone.id
        assert second.call.state is State.ADVISING
        ended = (await room.log())[first.phone.id][-1]
        assert (ended["type"], ended["state_to"], ended["reason"]) == ("call_ended", "method", "interrupted")


@pytest.mark.slow
async def test_a_call_that_was_left_too_long_ago_is_not_gone_on_with() -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(State.METHOD)
        await first.dies()
        left = (await _snapshot(room)).seen_at
        late = lambda: left + LIMIT + timedelta(seconds=1)  # noqa: E731 - a clock
        assert await take_over(room.ledger, room.place(), _nobody, LIMIT, clock=late) is None
        assert (await room.log())[first.phone.id][-1]["reason"] == "interrupted"


def _nobody(_: str) -> bool:
    return False


async def test_a_call_that_nobody_came_back_to_is_closed_and_what_it_sent_is_resolved() -> None:
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
async def test_a_call_that_gave_a_sign_of_life_is_not_closed() -> None:
    async with a_room() as room:
        first = await room.answered()
        found = await _snapshot(room)
        await first.say(PAY)
        with pytest.raises(LostError):
            await room.ledger.abandoned.close(found, "abandoned")
        await first.say(LOAN)
        assert first.call.state is State.VERIFYING


@pytest.mark.slow
async def test_who_hung_up_is_not_gone_on_with_while_the_answer_is_waited_for() -> None:
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
