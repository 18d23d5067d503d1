"""What only a voice line can do: words in a handoff, a barge-in, a yes that came too early, silence."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.machine import State
from tests.stories.phone_line import Line, pause_before_finding, phone_line

READ_BACK = "One payment of $1,200.00"
QUESTION = "Shall I submit it?"


class SlowDesk:
    """A ledger that takes as long to look something up as a test says, so that there is a gap for words to fall into."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._asked = asyncio.Event()
        self._may_answer = asyncio.Event()
        self._may_answer.set()

    async def look_up(self) -> None:
        self._asked.set()
        await asyncio.sleep(self.seconds)
        await self._may_answer.wait()

    async def meanwhile(self, line: Line, first: str, then: str) -> None:
        """Say something, and something else while the ledger is asked about it."""
        self._asked.clear()
        self._may_answer.clear()
        await line.recogniser.hear(first)
        await asyncio.wait_for(self._asked.wait(), 4)
        await line.recogniser.hear(then)
        await line.until(lambda: then in line.transcribed)
        self._may_answer.set()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowDesk:
    desk = SlowDesk()
    pause_before_finding(monkeypatch, desk.look_up)
    return desk


async def read_back_is_out(line: Line) -> None:
    await line.until(lambda: line.call.read_back is not None and line.call.read_back.finish is not None)


async def come_to_a_slow_question(line: Line) -> None:
    """Up to the question after the read-back's facts, which is spoken for long enough to be interrupted."""
    await line.come_to_the_method()
    line.voice.slowly = QUESTION
    await line.recogniser.hear("my bank account")
    await line.until(lambda: any(READ_BACK in said for said in line.spoken))


async def test_a_straight_call_on_the_line_pays_once(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await line.come_to_the_method()
        await line.tell("my bank account", QUESTION)
        await read_back_is_out(line)
        await line.tell("yes", "Your confirmation number is")
        assert await line.amounts() == [120000]


async def test_a_fact_said_while_the_call_is_handed_over_is_not_lost(tmp_path: Path, slow: SlowDesk) -> None:
    async with phone_line(tmp_path) as line:
        await line.tell("I'd like to make a payment", "loan number?")
        await line.tell("10004471", "last four digits")
        await slow.meanwhile(line, "2190", "$1,200")
        await line.until(lambda: line.state is State.METHOD)
        assert line.call.amount == 120000


async def test_a_yes_said_while_the_call_is_handed_over_to_the_read_back_pays_nothing(
    tmp_path: Path, slow: SlowDesk
) -> None:
    async with phone_line(tmp_path) as line:
        await line.come_to_the_method()
        await slow.meanwhile(line, "my bank account", "yes")
        await read_back_is_out(line)
        assert await line.payments() == []
        await line.tell("yes", "Your confirmation number is")
        assert await line.amounts() == [120000]


async def test_a_correction_said_in_the_gap_is_what_is_read_back(tmp_path: Path, slow: SlowDesk) -> None:
    async with phone_line(tmp_path) as line:
        await line.come_to_the_method()
        await slow.meanwhile(line, "my bank account", "make it $900")
        await line.until(lambda: any("One payment of $900.00" in said for said in line.spoken))
        await read_back_is_out(line)
        await line.tell("yes", "Your payment of $900.00")
        assert await line.amounts() == [90000]


@pytest.mark.slow
@pytest.mark.parametrize("gap", [0.0, 0.01, 0.02, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06])
@pytest.mark.parametrize("words", ["please", "make it $900"])
async def test_whenever_the_caller_goes_on_nothing_is_asked_twice(
    tmp_path: Path, slow: SlowDesk, gap: float, words: str
) -> None:
    slow.seconds = 0.04
    async with phone_line(tmp_path) as line:
        await line.come_to_the_method()
        await line.recogniser.hear("my bank account")
        await asyncio.sleep(gap)
        await line.recogniser.hear(words)
        await read_back_is_out(line)
        assert not any("catch" in said for said in line.spoken)
        # What is said during the facts of the read-back, which cannot be interrupted, is not heard.
        amount = line.call.amount
        await line.tell("yes", "Your confirmation number is")
        assert await line.amounts() == [amount]


async def test_an_interrupted_read_back_is_not_finished_and_the_next_yes_reads_back_again(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await come_to_a_slow_question(line)
        await line.recogniser.hear("hold on a second there")  # while the question is asked
        await line.until(lambda: "read_back_interrupted" in line.triggers() or "repeat_asked" in line.triggers())
        assert await line.payments() == []
        await read_back_is_out(line)
        assert sum(READ_BACK in said for said in line.spoken) == 2
        await line.tell("yes", "Your confirmation number is")
        assert await line.amounts() == [120000]


async def test_who_hangs_up_while_they_are_asked_leaves_a_log_that_ends_with_the_call(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await come_to_a_slow_question(line)
        await line.phone.close()  # what was cut short is reported only now
        records = await line.records()
        assert [each["type"] for each in records[-2:]] == ["decision", "call_ended"]
        assert check_chain(records) is None


async def test_a_yes_that_began_before_the_end_of_the_read_back_pays_nothing(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await come_to_a_slow_question(line)
        line.recogniser.begin()  # during the question ...
        await asyncio.sleep(0.3)
        line.recogniser.end("yes")  # ... and after it
        await line.quiet()
        await read_back_is_out(line)
        assert await line.payments() == []
        await line.tell("yes", "Your confirmation number is")
        assert await line.amounts() == [120000]


async def test_words_during_the_facts_of_the_read_back_do_not_cut_it_short(tmp_path: Path) -> None:
    async with phone_line(tmp_path) as line:
        await line.come_to_the_method()
        line.voice.slowly = "Here's what I have."
        await line.recogniser.hear("my bank account")
        await line.until(lambda: line.state is State.CONFIRMING)
        await asyncio.sleep(0.15)
        await line.recogniser.hear("yes yes")
        await read_back_is_out(line)
        assert any(said.startswith("Here's what I have.") and "due." in said for said in line.spoken)
        assert await line.payments() == []


async def test_silence_is_asked_about_then_a_person_is_offered_then_the_call_ends(tmp_path: Path) -> None:
    async with phone_line(tmp_path, away=0.15) as line:
        await asyncio.wait_for(line.phone.orchestrator.goodbye.wait(), 6)
        said = " ".join(line.spoken)
        assert said.index("Are you still there?") < said.index("connect you with a person?") < said.index("Goodbye.")


async def test_a_caller_who_speaks_after_a_silence_starts_the_ladder_anew(tmp_path: Path) -> None:
    async with phone_line(tmp_path, away=0.25) as line:
        await line.until(lambda: any("Are you still there?" in said for said in line.spoken))
        before = len(line.spoken)
        await line.tell("I'd like to make a payment", "loan number?")
        await line.until(lambda: any("Are you still there?" in said for said in line.spoken[before:]))
        assert not any("person" in said for said in line.spoken)


async def test_a_yes_to_are_you_still_there_submits_nothing_that_was_not_just_read_back(tmp_path: Path) -> None:
    async with phone_line(tmp_path, away=0.3) as line:
        await line.come_to_the_method()
        await line.tell("my bank account", QUESTION)
        await line.until(lambda: any("Are you still there?" in said for said in line.spoken))
        await line.recogniser.hear("yes")
        await line.until(lambda: sum(READ_BACK in said for said in line.spoken) >= 2)
        assert await line.payments() == []
