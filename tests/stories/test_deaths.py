"""A call survives its process: the next one goes on where it was, on the same log, and pays once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from mortgage_fsm.ledger.snapshots import LostError, Snapshot
from mortgage_fsm.machine import Effect, State
from mortgage_fsm.tenants import Limits, Tenant
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.taking_over import HeldElsewhereError, take_over
from tests.audit.test_words import compared
from tests.stories.deaths import LIMIT, NewRoom, Room
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
async def test_a_call_whose_process_dies_goes_on_where_it_was_and_pays_once(a_room: NewRoom, state: State) -> None:
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
async def test_a_call_survives_as_many_processes_as_it_takes(a_room: NewRoom) -> None:
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


@pytest.mark.slow
async def test_attempts_to_prove_identity_count_on_over_processes(a_room: NewRoom) -> None:
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
async def test_a_recordings_words_hold_against_the_log_of_a_call_that_went_on(a_room: NewRoom) -> None:
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


async def test_who_lost_a_call_to_another_process_can_neither_pay_nor_write_in_it_any_more(a_room: NewRoom) -> None:
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
async def test_a_call_that_is_alive_in_the_room_is_not_taken_over(a_room: NewRoom) -> None:
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
async def test_a_process_that_hangs_in_the_room_is_not_waited_for_for_ever(a_room: NewRoom) -> None:
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
async def test_another_caller_or_another_room_begins_anew(a_room: NewRoom, other: dict[str, Any]) -> None:
    async with a_room() as room:
        first = await room.answered()
        await first.reach(State.AMOUNT)
        await first.dies()
        second = await room.answered(**other)
        assert second.phone.id != first.phone.id
        assert second.call.loan is None
        assert SORRY not in second.spoken[0]


@pytest.mark.slow
async def test_on_other_terms_the_caller_begins_anew_and_the_old_log_ends(a_room: NewRoom) -> None:
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
async def test_a_call_that_was_left_too_long_ago_is_not_gone_on_with(a_room: NewRoom) -> None:
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


@pytest.mark.slow
async def test_a_call_that_gave_a_sign_of_life_is_not_closed(a_room: NewRoom) -> None:
    async with a_room() as room:
        first = await room.answered()
        found = await _snapshot(room)
        await first.say(PAY)
        with pytest.raises(LostError):
            await room.ledger.abandoned.close(found, "abandoned")
        await first.say(LOAN)
        assert first.call.state is State.VERIFYING
