"""Who is heard and who is not, and what becomes of a call whose caller is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from livekit import api, rtc

from tests.room.caller import Caller
from tests.room.conftest import StartWorker
from tests.room.evidence import ended, payments, records_when
from tests.room.house import House, new_room
from tests.room.payment import LOAN, agree, up_to_the_yes
from tests.room.server import faults
from tests.room.sound import Ear, pitch
from tests.room.voices import PITCH
from tests.room.worker_process import WorkerProcess

pytestmark = pytest.mark.slow


async def test_a_second_participant_is_never_heard_as_the_caller(house: House, worker: WorkerProcess) -> None:
    room = new_room()
    async with house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        async with house.caller(room, "somebody-else") as other:
            for words in ("yes", "make it $900", LOAN):
                await other.say(words)
                # When the caller has received it, the agent was sent it as well, and before what the caller says next.
                await caller.see_typed(words)
            await caller.say("could you repeat that?")
            await caller.hear("one payment of $50.00")
            await caller.hear("submit")
            assert await payments(worker) == []
        confirmation = await agree(caller)
        (payment,) = await payments(worker)
        assert (payment["amount_cents"], payment["confirmation"]) == (5000, confirmation)
    await records_when(worker, ended(1))


async def test_a_call_ends_with_its_caller_although_somebody_else_stays_and_pays_nothing(
    house: House, worker: WorkerProcess
) -> None:
    room = new_room()
    async with house.call(room) as caller, house.caller(room, "somebody-else") as other:
        await up_to_the_yes(caller, "$50")
        await caller.hang_up()
        (kept,) = (await records_when(worker, ended(1))).values()
        await other.say("yes")
        await other.gone()
    assert kept[-2]["trigger"] == "call_hung_up"
    assert await payments(worker) == []


async def hangs_up(house: House, caller: Caller, room: str) -> None:
    await caller.hang_up()


async def is_lost(house: House, caller: Caller, room: str) -> None:
    await faults.lose(house.own.participant(room, "caller"))


@pytest.mark.parametrize("goes", [hangs_up, is_lost])
async def test_a_caller_who_goes_in_the_middle_of_a_sentence_ends_the_call(
    house: House, start_worker: StartWorker, goes: Callable[[House, Caller, str], Awaitable[None]]
) -> None:
    worker = await start_worker(MORTGAGE_FSM_TTS="tests.room.voices:slow_voice")
    room = new_room()
    async with house.caller(room, kind="sip") as caller:
        ear = Ear(caller.room)
        try:
            await house.dispatch(room)
            await ear.hear_sound(frames=20)
            assert pitch(ear.loud) == pytest.approx(PITCH, abs=20)
            await goes(house, caller, room)
        finally:
            await ear.close()
        (kept,) = (await records_when(worker, ended(1))).values()
    assert [each["type"] for each in kept] == ["call_started", "decision", "call_ended"]
    assert kept[1]["trigger"] == "call_hung_up"


async def test_metadata_that_means_nothing_to_us_does_not_keep_a_call_from_being_answered(
    house: House, worker: WorkerProcess
) -> None:
    room = new_room()
    async with house.api() as client:
        await client.room.create_room(api.CreateRoomRequest(name=room, metadata='{"tenant": {"not": ["ours"'))
    for metadata in ("", "{not json \x00", "x" * 20_000):
        async with house.call(room if not metadata else None, metadata=metadata) as caller:
            await caller.greeted()
    await records_when(worker, ended(3))


@pytest.mark.parametrize("comes_back", ["where it was", "as if new"])
async def test_a_caller_whose_line_drops_for_a_moment_goes_on_with_the_payment(
    house: House, worker: WorkerProcess, comes_back: str
) -> None:
    server, room = house.own, new_room()
    server.rooms.resume_seconds = server.rooms.departure_seconds = 30
    server.faults.refuse_resume = comes_back == "as if new"
    async with house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        faults.drop_socket(server.participant(room, "caller"))
        await caller.back_again()
        assert caller.room.connection_state == rtc.ConnectionState.CONN_CONNECTED
        confirmation = await agree(caller)
        (payment,) = await payments(worker)
        assert payment["confirmation"] == confirmation
    await records_when(worker, ended(1))
