from __future__ import annotations

import asyncio

import pytest

from tests.room.house import House, new_room
from tests.room.sound import RATE, Ear, Microphone, pitch, tone

pytestmark = pytest.mark.slow


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
