"""The words of a recording, held against the log: real calls, heard again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from livekit.agents import ConversationItemAddedEvent, llm

from mortgage_fsm.audit.chain import canonical
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.audit.replaying import DiffersError, Replay
from mortgage_fsm.audit.words import Hear, Words, read_words
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, State
from mortgage_fsm.settings import DEVELOPMENT_KEY
from mortgage_fsm.spoken import VERSION
from mortgage_fsm.voice.turns import hears
from tests.stories.rehearsal import WAY, rehearse

KEY = References(DEVELOPMENT_KEY.encode(), "k1")
HEAR = hears("en", frozenset({8}))

SCRIPTS: dict[str, tuple[str, ...]] = {
    "pays, asks, changes the amount": (
        *WAY[State.CONFIRMING], "flowers", "no", "make it nine hundred dollars", "what is escrow?", "yes", "yes", "goodbye",
    ),
    "says much at once": ("I'd like to pay $500 on loan 10004471 from my bank account", "2190", "yes", "a person please"),
    "is locked out": ("pay", "10004471", "1111", "2222", "3333", "pay"),
    "asks what is due": ("when is my payment due?", "10004471", "2190", "thanks"),
    "says the number in pieces": ("pay", "1000", "4471", "21", "90", "$1,200", "my bank account", "cancel"),
}  # fmt: skip


async def held(script: tuple[str, ...]) -> tuple[list[dict[str, Any]], dict[tuple[str, int], str]]:
    """The records of a call, and the words as a recording would have them."""
    async with rehearse() as call:
        await call.say(*script)
    return call.written, {(call.phone.id, number): words for number, words in enumerate(script, 1)}


def compared(
    records: list[dict[str, Any]],
    said: dict[tuple[str, int], str],
    references: References = KEY,
    hear: Hear = HEAR,
    version: str = VERSION,
) -> Words:
    words, replay = Words(said, references, lambda _: hear, version), Replay()
    for record in records:
        step = replay.take(canonical(record).encode())
        assert step is not None
        words.take(step)
    words.finish_all()
    return words


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
async def test_the_words_that_were_said_are_heard_the_same_again(script: tuple[str, ...]) -> None:
    records, said = await held(script)
    turns = {record["turn"] for record in records if "words_ref" in record}
    said = {(call, turn): words for (call, turn), words in said.items() if turn in turns}
    assert compared(records, said).checked == len(said) >= 3


CUT_OFF: dict[str, tuple[str, ...]] = {
    "heard together": ("pay", "10004471", "2190", "$1,200", "-my bank", "-account", "please", "cancel"),
    "a piece of a number": ("pay", "-1000", "4471", "2190", "cancel"),
    "two pieces of it": ("pay", "-1000", "-44", "71", "2190", "cancel"),
    "two pieces and politeness": ("pay", "1000", "-4471", "thanks", "2190", "cancel"),
    "a piece said twice": ("pay", "-1000", "1000", "10004471", "2190", "cancel"),
    "heard alone": ("pay", "10004471", "2190", "$1,200", "-what", "my bank account", "cancel"),
    "the last words": ("pay", "10004471", "2190", "-um", "-well"),
    "after a silence": ("pay", "1000", "...", "4471", "10004471", "2190", "cancel"),
}
"""With a hyphen: the caller goes on before the answer. Dots: a silence, in which the whole is asked for again."""


@pytest.mark.parametrize("script", CUT_OFF.values(), ids=CUT_OFF)
async def test_words_of_turns_that_were_not_answered_are_heard_as_they_were(script: tuple[str, ...]) -> None:
    spoken = [line.removeprefix("-") for line in script if line != "..."]
    async with rehearse() as call:
        for line in script:
            if line.startswith("-"):
                item = llm.ChatMessage(role="user", content=[line[1:]])
                call.phone.orchestrator._turns.said(ConversationItemAddedEvent(item=item))
            elif line == "...":
                await call.phone.orchestrator._silent(1)
            else:
                await call.say(line)
    said = {(call.phone.id, turn): words for turn, words in enumerate(spoken, 1)}
    turns = {record["turn"] for record in call.written if "words_ref" in record}
    assert len(turns) < len(said) or "..." in script
    assert compared(call.written, said).checked == len(turns)
    with pytest.raises(DiffersError):
        compared(call.written, said | {(call.phone.id, max(turns)): "other words"})
    with pytest.raises(DiffersError, match="no call or turn"):
        compared(call.written, said | {(call.phone.id, len(spoken) + 2): "um"})


async def test_other_words_other_keys_and_other_rules_are_found() -> None:
    records, said = await held(WAY[State.SUBMITTED])
    assert compared(records, said).checked == 6
    for key in said:
        with pytest.raises(DiffersError, match="not of these words"):
            compared(records, said | {key: "other words"})
    with pytest.raises(ConfigurationError, match="another key"):
        compared(records, said, References(DEVELOPMENT_KEY.encode(), "k2"))
    with pytest.raises(DiffersError, match="not of these words"):
        compared(records, said, References(b"x" * 32, "k1"))
    with pytest.raises(ConfigurationError, match="version"):
        compared(records, said, version="en-0")
    with pytest.raises(DiffersError, match="no call or turn"):
        compared(records, said | {("f" * 32, 1): "yes"})


CHANGES: dict[str, dict[str, Any]] = {
    "no loan": {"loan": None},
    "another loan": {"loan": "10005582"},
    "no last four": {"last_four": None},
    "no amount": {"amount": None},
    "no method": {"method": None},
    "no yes": {"assent": None},
}


async def test_rules_that_hear_something_else_in_the_same_words_are_found() -> None:
    records, said = await held(WAY[State.SUBMITTED])
    for change in CHANGES.values():
        with pytest.raises(DiffersError):
            compared(records, said, hear=_otherwise(change))


def _otherwise(change: dict[str, Any]) -> Hear:
    [name] = change

    def hear(words: str, call: Call, before: str) -> Heard:
        heard = HEAR(words, call, before)
        return replace(heard, **change) if getattr(heard, name) is not None else heard

    return hear


def test_a_file_of_words_is_read_and_what_is_none_is_named_by_its_line() -> None:
    good = json.dumps({"call": "a" * 32, "turn": 3, "words": "yes"})
    assert read_words(f"{good}\n".encode()) == {("a" * 32, 3): "yes"}
    for bad in ("[]", "{}", "yes", '{"call":"a","turn":"x","words":"10004471"}'):
        with pytest.raises(ConfigurationError, match="line 2") as caught:
            read_words(f"{good}\n{bad}\n".encode())
        assert "10004471" not in str(caught.value)
