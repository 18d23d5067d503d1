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


async def test_words_that_were_heard_with_those_of_a_turn_that_was_not_answered_are_heard_so_again() -> None:
    script = {1: "pay", 2: "10004471", 3: "2190", 4: "$1,200", 5: "my bank", 6: "account", 7: "please", 8: "cancel"}
    async with rehearse() as call:
        for turn, words in script.items():
            if turn in {5, 6}:  # the caller goes on before the answer
                said_by_them = llm.ChatMessage(role="user", content=[words])
                call.phone.orchestrator._turns.said(ConversationItemAddedEvent(item=said_by_them))
            else:
                await call.say(words)
    said = {(call.phone.id, turn): words for turn, words in script.items()}
    assert "method_offered" in [record.get("trigger") for record in call.written if record.get("turn") == 7]
    assert compared(call.written, said).checked == 8
    for turn in (5, 6, 7):
        with pytest.raises(DiffersError, match="words_ref of turn 7"):
            compared(call.written, said | {(call.phone.id, turn): "other words"})


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
