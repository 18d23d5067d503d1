"""What our room server promises to the real SDK; on a real server the same tests say whether that is so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from livekit import api, rtc

from tests.room.caller import Caller
from tests.room.house import House, new_room
from tests.room.server import faults
from tests.room.server.seen import PATIENCE
from tests.room.sound import RATE, Ear, Microphone, pitch, tone

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_typed_words_reach_everybody_else_in_the_room(house: House) -> None:
    room = new_room()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        await one.say("hello")
        await two.see_typed("hello")
        assert two.chat == [("one", "hello")]
        assert one.chat == []


async def test_a_tone_arrives_at_the_pitch_it_was_sent(house: House) -> None:
    room = new_room()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        ear, microphone = Ear(two.room), Microphone(one.room)
        try:
            await microphone.open()
            await asyncio.gather(microphone.speak(tone(600, 2.0)), ear.hear_sound(frames=120))
            loud = ear.loud[-RATE:]
        finally:
            await microphone.close()
            await ear.close()
        assert pitch(loud) == pytest.approx(600, abs=5)


async def test_digits_of_the_keypad_arrive_in_order_and_with_who_pressed_them(house: House) -> None:
    room, pressed, five = new_room(), [], asyncio.Event()

    def arrived(event: rtc.SipDTMF) -> None:
        assert event.participant is not None
        pressed.append((event.participant.identity, event.digit))
        if len(pressed) == 5:
            five.set()

    async with house.caller(room, "phone", kind="sip") as phone, house.caller(room, "other") as other:
        other.room.on("sip_dtmf_received", arrived)
        for code, digit in enumerate("2190#"):
            await phone.room.local_participant.publish_dtmf(code=code, digit=digit)
        await asyncio.wait_for(five.wait(), PATIENCE)
    assert pressed == [("phone", digit) for digit in "2190#"]


async def test_attributes_are_told_to_the_others(house: House) -> None:
    room, told = new_room(), asyncio.Event()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        two.room.on("participant_attributes_changed", lambda changed, who: told.set())
        await one.room.local_participant.set_attributes({"state": "here"})
        await asyncio.wait_for(told.wait(), PATIENCE)
        assert two.room.remote_participants["one"].attributes["state"] == "here"


async def test_a_caller_with_a_wrong_secret_is_not_let_in(house: House) -> None:
    stranger = House(house.url, house.key, "another-secret-of-enough-characters", house.server).caller(new_room())
    with pytest.raises(rtc.ConnectError, match="401"):
        await stranger.connect()


async def test_the_server_api_shows_a_room_and_empties_it(house: House) -> None:
    room = new_room()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two, house.api() as client:
        there = await client.room.list_participants(api.ListParticipantsRequest(room=room))
        assert {each.identity for each in there.participants} == {"one", "two"}
        await client.room.remove_participant(api.RoomParticipantIdentity(room=room, identity="one"))
        await one.gone()
        await client.room.delete_room(api.DeleteRoomRequest(room=room))
        await two.gone()
        with pytest.raises(api.TwirpError) as missing:
            await client.room.remove_participant(api.RoomParticipantIdentity(room=room, identity="one"))
        assert missing.value.code == "not_found"


async def test_a_transfer_can_fail_and_one_that_does_not_takes_the_caller_away(house: House) -> None:
    server, room = house.own, new_room()
    wanted = api.TransferSIPParticipantRequest(
        participant_identity="phone", room_name=room, transfer_to="tel:+15550100"
    )
    async with house.caller(room, "phone", kind="sip") as phone, house.api() as client:
        server.faults.api["TransferSIPParticipant"] = ("unavailable", 503)
        with pytest.raises(api.TwirpError) as refused:
            await client.sip.transfer_sip_participant(wanted)
        assert refused.value.code == "unavailable"
        assert "phone" in server.rooms[room].participants
        server.faults.api.clear()
        await client.sip.transfer_sip_participant(wanted)
        await phone.gone()


async def test_words_come_late_when_the_line_is_slow(house: House) -> None:
    server, room = house.own, new_room()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        await one.say("quick")
        await two.see_typed("quick")
        server.faults.data_delay = server.faults.signal_delay = 0.3
        began = time.monotonic()
        await one.say("slow")
        await two.see_typed("slow")
        assert time.monotonic() - began >= 0.3


async def test_packets_that_may_be_lost_are_lost_and_the_others_are_not(house: House) -> None:
    server, room, came = house.own, new_room(), []
    server.faults.lossy_share = 1.0
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        two.room.on("data_received", lambda packet: came.append(packet.data))
        sender = one.room.local_participant
        await sender.publish_data(b"may be lost", reliable=False)
        await server.seen.until(lambda: server.seen.of("data", "one"))
        await one.say("the rest")
        await two.see_typed("the rest")
    assert came == []


async def removed(house: House, caller: Caller, room: str) -> None:
    await faults.remove(house.own.participant(room, "one"))


async def lost(house: House, caller: Caller, room: str) -> None:
    await faults.lose(house.own.participant(room, "one"))


async def hung_up(house: House, caller: Caller, room: str) -> None:
    await caller.hang_up()


@pytest.mark.parametrize(
    ("goes", "reason"),
    [
        (hung_up, rtc.DisconnectReason.CLIENT_INITIATED),
        (removed, rtc.DisconnectReason.PARTICIPANT_REMOVED),
        (lost, rtc.DisconnectReason.SIGNAL_CLOSE),
    ],
)
async def test_the_others_are_told_why_somebody_is_gone(
    house: House, goes: Callable[[House, Caller, str], Awaitable[None]], reason: int
) -> None:
    room, left = new_room(), asyncio.get_running_loop().create_future()
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        two.room.on("participant_disconnected", lambda who: left.set_result(who.disconnect_reason))
        await goes(house, one, room)
        assert await asyncio.wait_for(left, PATIENCE) == reason


async def test_somebody_who_is_asked_to_reconnect_does_and_has_not_hung_up(house: House) -> None:
    server, room, left = house.own, new_room(), []
    async with house.caller(room, "one") as one, house.caller(room, "two") as two:
        two.room.on("participant_disconnected", lambda who: left.append(who.disconnect_reason))
        await faults.ask_to_reconnect(server.participant(room, "one"))
        await one.back_again()
        await one.say("back")
        await two.see_typed("back")
    assert rtc.DisconnectReason.CLIENT_INITIATED not in left
