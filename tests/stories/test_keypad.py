"""Digits typed on a telephone: taken like words, shown to nobody, and never more than what was typed."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from livekit import rtc

from mortgage_fsm.machine import State
from mortgage_fsm.voice.keypad import Keypad
from tests.stories.phone_line import Line, phone_line
from tests.stories.rehearsal import PAY, Rehearsal, ScriptedModel, calls, rehearse

LOAN, LAST_FOUR = "10004471", "2190"
READ_BACK = "One payment of $1,234.00"
QUESTION = "Shall I submit it?"
CALLER = "sip_caller"
STANDARD = frozenset(logging.makeLogRecord({}).__dict__)
"""What every log record has: times, lines, processes."""


class Phone:
    """A telephone in a room: its keys arrive as LiveKit tells of them."""

    def __init__(self, call: Rehearsal, timeout: float = 0.5) -> None:
        self.room = rtc.EventEmitter[Any]()
        self.keypad = Keypad(call.phone.orchestrator, call.phone.session, loan_digits={8}, timeout=timeout)
        self.keypad.listen(self.room, CALLER)  # type: ignore[arg-type] # it listens, and asks nothing else of a room

    def press(self, keys: str, identity: str | None = CALLER) -> None:
        by = None if identity is None else SimpleNamespace(identity=identity)
        for key in keys:
            self.room.emit("sip_dtmf_received", rtc.SipDTMF(code=0, digit=key, participant=by))  # type: ignore[arg-type] # what is read of it


@asynccontextmanager
async def keys_on(folder: Path, patience: float = 0.5, **options: Any) -> AsyncIterator[tuple[Line, Phone]]:
    async with phone_line(folder, keypad=True, **options) as line:
        yield line, Phone(line, patience)


async def settled(line: Line) -> None:
    await line.until(lambda: line.call.read_back is not None and line.call.read_back.finish is not None)


async def come_to(line: Line, phone: Phone, state: State) -> None:
    """All but the method by keys."""
    await line.tell(PAY, "loan number?")
    if state is State.COLLECTING_LOAN:
        return
    phone.press(LOAN)
    await line.heard("last four digits")
    if state is State.VERIFYING:
        return
    phone.press(LAST_FOUR)
    await line.heard("How much would you like to pay?")
    if state is State.AMOUNT:
        return
    phone.press("1234#00")
    await line.heard("Would you like to pay")
    if state is State.METHOD:
        return
    await line.tell("my bank account", QUESTION)
    await settled(line)


async def test_a_call_by_keys_pays_what_was_typed_once(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        phone.press("1")
        await line.heard("Your confirmation number is")
        assert await line.amounts() == [123400]


async def test_typed_digits_reach_no_log_transcript_chat_context_or_record(tmp_path: Path) -> None:
    lines: list[str] = []

    class Everything(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            # What a driver logs at this level of what it is given to store is withheld where a program sets up its logs.
            if record.name not in {"aiosqlite", "sqlalchemy"}:
                extras = {key: value for key, value in record.__dict__.items() if key not in STANDARD}
                lines.append(f"{record.name} {record.getMessage()} {extras}")

    everything, root = Everything(logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    try:
        async with keys_on(tmp_path) as (line, phone):
            transcribed: list[str] = []
            line.phone.session.on("user_input_transcribed", lambda event: transcribed.append(event.transcript))
            await come_to(line, phone, State.CONFIRMING)
            phone.press("1")
            await line.heard("Your confirmation number is")
            said = [
                i.text_content for i in line.phone.session.history.items if i.type == "message" and i.role == "user"
            ]
            assert said == list(dict.fromkeys(transcribed)) == [PAY, "my bank account"]
            history = json.dumps(line.phone.session.history.to_dict(exclude_timestamp=True))
            records = json.dumps(await line.records())
    finally:
        root.removeHandler(everything)
        root.setLevel(level)
    assert any(entry["event"] == "keypad_entry" for entry in line.logged)
    for text in (history, records, repr(line.logged), *lines):
        for secret in (LOAN, LAST_FOUR, "1234#", "123400"):
            # By itself: four digits are found somewhere in many a hash and many a time.
            assert not re.search(rf"(?<![\w.]){secret}(?!\w)", text), text.split()[0]


async def test_typed_digits_reach_no_model() -> None:
    model = ScriptedModel(lambda _: calls("repeat_asked"))
    async with rehearse(model=model) as call:
        phone = Phone(call)
        await call.say(PAY)
        for keys, question in ((LOAN, "last four"), (LAST_FOUR, "How much"), ("1234#00", "Would you like to pay")):
            before = len(call.spoken)
            phone.press(keys)
            for _ in range(400):
                await asyncio.sleep(0.005)
                if any(question in said for said in call.spoken[before:]):
                    break
            assert any(question in said for said in call.spoken[before:])
            await call.phone.session.wait_for_idle()
            await call.say("hmm well what would the usual thing be here then")
    assert model.requests
    for request in model.requests:
        callers = [text for role, text in request.messages if role == "user"]
        assert not any(digit in text for text in callers for digit in "0123456789")
        assert LAST_FOUR not in request.text


async def test_a_typed_turn_is_recorded_as_the_keypads_and_without_a_reference_to_its_digits(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        phone.press("1")
        await line.heard("Your confirmation number is")
        records = [r for r in await line.records() if r.get("heard_by") == "keypad"]
    assert [r["trigger"] for r in records] == [
        "loan_offered",
        "identity_offered",
        "amount_offered",
        "payment_confirmed",
    ]
    assert not any("words_ref" in r for r in records)
    assert [r["turn"] for r in records] == [2, 3, 4, 6]


async def test_two_at_the_read_back_changes_and_pays_nothing(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        phone.press("2")
        await line.heard("What should I change")
        assert await line.payments() == []


@pytest.mark.parametrize("key", ["0", "3", "9"])
async def test_another_key_at_the_read_back_pays_nothing_and_reads_back_again(tmp_path: Path, key: str) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        before = len(line.spoken)
        phone.press(key)
        await line.until(lambda: any(READ_BACK in said for said in line.spoken[before:]))
        assert await line.payments() == []
        await settled(line)
        phone.press("1")
        await line.heard("Your confirmation number is")


async def test_one_pressed_while_the_facts_are_read_pays_nothing_and_does_not_cut_them_short(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.METHOD)
        line.voice.slowly = "Here's what I have."
        await line.recogniser.hear("my bank account")
        await line.until(lambda: line.state is State.CONFIRMING)
        await asyncio.sleep(0.15)
        speech = line.phone.session.current_speech
        assert speech is not None
        assert not speech.allow_interruptions
        phone.press("1")
        await settled(line)
        assert any(READ_BACK in said and "due." in said for said in line.spoken)
        assert await line.payments() == []
        phone.press("1")
        await line.heard("Your confirmation number is")
        assert await line.amounts() == [123400]


async def test_one_pressed_into_the_question_pays_nothing_and_reads_back_again(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.METHOD)
        line.voice.slowly = QUESTION
        await line.recogniser.hear("my bank account")
        await line.until(lambda: any(READ_BACK in said for said in line.spoken))
        await asyncio.sleep(0.05)
        assert line.call.read_back is not None
        assert line.call.read_back.finish is None
        phone.press("1")
        line.voice.slowly = ""
        await line.until(lambda: sum(READ_BACK in said for said in line.spoken) == 2)
        assert await line.payments() == []
        await settled(line)
        phone.press("1")
        await line.heard("Your confirmation number is")
        assert await line.amounts() == [123400]


async def test_who_pressed_too_early_is_asked_again_and_may_go_on_pressing(tmp_path: Path) -> None:
    async with keys_on(tmp_path, patience=600) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        phone.keypad._lost = time.time()  # as by a key that fell into the handoff
        before = len(line.spoken)
        phone.press("1")
        await line.until(lambda: any(QUESTION in said for said in line.spoken[before:]))
        assert await line.payments() == []
        await settled(line)
        phone.press("1")
        await line.heard("confirmation number")
        assert await line.amounts() == [123400]


async def test_one_and_a_spoken_yes_at_once_pay_once(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.CONFIRMING)
        phone.press("1")
        await line.recogniser.hear("yes")
        phone.press("1")
        await line.until(lambda: line.state is State.SUBMITTED)
        await line.quiet()  # a yes may have cut off the number, which is told again to who asks
        await line.tell("repeat that", "The number is MP-")
        assert await line.amounts() == [123400]


async def test_words_beside_keys_do_not_become_a_part_of_the_entry(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        phone.press("1000")
        await line.recogniser.hear("10005582")
        await line.until(lambda: line.state is State.VERIFYING)
        await line.heard("I have loan 1 0 0 0, 5 5 8 2")
        phone.press("4471")  # the rest of a number whose beginning is gone: no last four
        await line.heard("Sorry, I didn't catch that. What are the last four digits")
        assert "identity_offered" not in line.triggers()
        assert "(identity_offered)" not in line.triggers()


async def test_who_types_a_whole_ssn_is_asked_again_at_the_cost_of_one_attempt_at_most(tmp_path: Path) -> None:
    async with keys_on(tmp_path, patience=0.3) as (line, phone):
        await come_to(line, phone, State.VERIFYING)
        for key in "912342190":
            phone.press(key)
            await asyncio.sleep(0.06)
        await line.heard("Sorry, I didn't catch that")
        assert line.triggers().count("identity_offered") == 1


async def test_a_star_clears_what_was_typed(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        phone.press("9999*10004471")
        await line.heard("I have loan 1 0 0 0, 4 4 7 1")


async def test_what_is_not_gone_on_with_is_forgotten_and_asked_for_again(tmp_path: Path) -> None:
    async with keys_on(tmp_path, patience=0.15) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        phone.press("1000")
        await line.heard("Sorry, I didn't catch that. What's your loan number?")
        phone.press("4471")
        await asyncio.sleep(0.3)
        assert line.call.loan is None
        phone.press(LOAN)
        await line.heard("I have loan 1 0 0 0, 4 4 7 1")


async def test_a_pound_after_an_entry_that_ended_by_itself_says_nothing(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        phone.press(f"{LOAN}#")
        await line.heard("last four digits")
        phone.press("#")
        phone.press(f"{LAST_FOUR}#")
        await line.heard("How much would you like to pay?")
        assert not any("Sorry" in said for said in line.spoken)


async def test_keys_of_anybody_else_in_the_room_are_not_the_callers(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        phone.press(LOAN, identity="somebody else")
        phone.press(LOAN, identity=None)
        await asyncio.sleep(0.2)
        assert line.call.loan is None


async def test_the_caller_is_not_listened_to_while_typing_and_is_afterwards(tmp_path: Path) -> None:
    async with keys_on(tmp_path, patience=0.3) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        hears = line.phone.session.input
        for keys, after in (("1000", False), ("*", True), ("1", False), ("0004471", True)):
            phone.press(keys)
            assert hears.audio_enabled is after
        await line.heard("last four digits")
        phone.press("21")
        assert not hears.audio_enabled
        await line.until(lambda: hears.audio_enabled)  # forgotten after the time-out
        await line.tell(LAST_FOUR, "How much would you like to pay?")


@pytest.mark.parametrize("state", [State.ADVISING, State.METHOD])
async def test_keys_mean_nothing_where_no_digits_are_waited_for(tmp_path: Path, state: State) -> None:
    async with keys_on(tmp_path) as (line, phone):
        if state is State.METHOD:
            await come_to(line, phone, state)
        await line.quiet()
        before, stood = len(line.spoken), line.call
        phone.press("12#*0")
        await asyncio.sleep(0.2)
        assert line.phone.session.input.audio_enabled
        assert (line.spoken[before:], line.call) == ([], stood)


async def test_the_keypad_is_offered_after_the_first_miss_on_a_telephone_and_nowhere_else(tmp_path: Path) -> None:
    async with keys_on(tmp_path) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        await line.tell("flowers", "type it on your keypad")
        assert not any("keypad" in said for said in line.spoken[:-1])
    async with rehearse() as call:
        await call.say(PAY)
        for _ in range(3):
            assert "keypad" not in await call.say("flowers")


async def test_who_types_is_not_silent(tmp_path: Path) -> None:
    async with keys_on(tmp_path, away=0.3) as (line, phone):
        await come_to(line, phone, State.COLLECTING_LOAN)
        await line.heard("Are you still there?")
        phone.press(LOAN)
        await line.heard("last four digits")
        before = len(line.spoken)
        await line.until(lambda: len(line.spoken) > before)
        assert "Are you still there?" in line.spoken[before]  # the ladder began anew, and did not go on
