"""Callers who are gone in the middle of something, for a moment or for good."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.room.caller import Caller
from tests.room.conftest import Office, StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House, new_room
from tests.room.payment import agree, up_to_the_yes
from tests.room.server import faults
from tests.room.sound import Ear, pitch
from tests.room.voices import PITCH

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def hangs_up(house: House, caller: Caller, room: str) -> None:
    await caller.hang_up()


async def is_lost(house: House, caller: Caller, room: str) -> None:
    await faults.lose(house.own.participant(room, "caller"))


async def test_a_caller_who_goes_in_the_middle_of_a_sentence_ends_the_call(
    house: House, start_worker: StartWorker
) -> None:
    evidence = Evidence(await start_worker(MORTGAGE_FSM_TTS="tests.room.voices:slow_voice"))
    ways: list[Callable[[House, Caller, str], Awaitable[None]]] = [hangs_up]
    if house.server is not None:
        ways.append(is_lost)
    for goes in ways:
        await evidence.begin()
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
            (kept,) = await evidence.ended()
        assert [each["type"] for each in kept] == ["call_started", "decision", "call_ended"]
        assert kept[1]["trigger"] == "call_hung_up"


@pytest.mark.parametrize("comes_back", ["where it was", "as if new"])
async def test_a_caller_whose_line_drops_for_a_moment_goes_on_with_the_payment(office: Office, comes_back: str) -> None:
    server, room, evidence = office.house.own, new_room(), office.evidence
    server.rooms.resume_seconds = server.rooms.departure_seconds = 30
    server.faults.refuse_resume = comes_back == "as if new"
    async with office.house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        faults.drop_socket(server.participant(room, "caller"))
        await caller.back_again()
        confirmation = await agree(caller)
        (payment,) = await evidence.payments()
        assert payment["confirmation"] == confirmation
    await evidence.ended()


async def test_a_call_whose_server_is_gone_for_a_moment_goes_on_with_the_payment(office: Office) -> None:
    server, room = office.house.own, new_room()
    server.rooms.departure_seconds = 30
    registered = len(server.seen.of("register"))
    async with office.house.call(room) as caller:
        await up_to_the_yes(caller, "$51")
        await server.vanish()
        await server.start()
        await caller.back_again()
        await server.seen.until(lambda: len(server.seen.of("register")) > registered)
        await server.seen.until(lambda: server.has_agent(room))
        confirmation = await agree(caller)
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["confirmation"]) == (5100, confirmation)
    await office.evidence.ended()
