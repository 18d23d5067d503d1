"""What holds for every knowledge base, whichever one is behind the port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.knowledge.fallback import FallbackKnowledge
from mortgage_fsm.knowledge.moss import Hit, MossKnowledge
from mortgage_fsm.knowledge.port import KnowledgeBase, Status
from mortgage_fsm.knowledge.topics import Topic
from mortgage_fsm.knowledge.words import question

QUESTION = "What is an escrow shortage?"
HOSTILE = {
    "empty": "",
    "blank": " \t\n ",
    "control characters": "\x00\x01\x07\x1b[31m\x7f",
    "long": "escrow shortage " * 6_250,
    "one long word": "a" * 100_000,
    "emoji": "\N{HOUSE BUILDING}\N{PILE OF POO}" * 20,
    "full text syntax": '" OR * NEAR( : ^ AND NOT - + {} ()',
    "only fillers": "um so what about it then",
    "masked": "[8 digits] [amount 1] [4 digits]",
    "lone surrogate": "\ud800\udfff",
    "format string": "{0.__class__} %s %n",
    "other letters": "\N{CYRILLIC SMALL LETTER DE}\N{CYRILLIC SMALL LETTER A}",
}


@pytest.fixture(params=["embedded", "moss", "fallback", "fallback of a dead first"])
async def knowledge(
    request: pytest.FixtureRequest,
    topics: tuple[Topic, ...],
    fake_moss: Callable[..., object],
    moss_of: Callable[..., MossKnowledge],
) -> AsyncIterator[KnowledgeBase]:
    script: dict[str, list[Hit]] = {question(text): [] for text in HOSTILE.values()}
    made: dict[str, Callable[[], KnowledgeBase]] = {
        "embedded": lambda: EmbeddedKnowledge(topics),
        "moss": lambda: moss_of(fake_moss(script), query_timeout_s=10.0),
        "fallback": lambda: FallbackKnowledge(
            moss_of(fake_moss(script), query_timeout_s=10.0), EmbeddedKnowledge(topics)
        ),
        "fallback of a dead first": lambda: FallbackKnowledge(
            moss_of(fake_moss(load_as="NETWORK")), EmbeddedKnowledge(topics)
        ),
    }
    base = made[request.param]()
    assert base.warm(2.0) is True
    yield base
    await base.aclose()


async def test_a_question_with_a_topic_is_found_and_its_text_is_that_of_the_file(
    knowledge: KnowledgeBase, topics: tuple[Topic, ...]
) -> None:
    answer = await knowledge.search(QUESTION)
    topic = next(topic for topic in topics if topic.id == "escrow-shortage")
    assert answer.status is Status.FOUND
    best = answer.passages[0]
    assert (best.id, best.title, best.text) == (topic.id, topic.title, topic.text)
    assert (best.source, best.effective) == (topic.source, topic.effective)


async def test_at_most_as_many_passages_as_asked_for_come_back(knowledge: KnowledgeBase) -> None:
    assert len((await knowledge.search(QUESTION, top=1)).passages) == 1
    assert len((await knowledge.search(QUESTION)).passages) <= 4
    assert (await knowledge.search(QUESTION, top=0)).status is Status.NOT_FOUND


async def test_a_question_without_a_topic_is_not_found_and_has_no_passage(knowledge: KnowledgeBase) -> None:
    answer = await knowledge.search("who won the football game")
    assert (answer.status, answer.passages) == (Status.NOT_FOUND, ())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_query_is_not_found_and_never_raises(knowledge: KnowledgeBase, text: str) -> None:
    assert (await knowledge.search(text)).status is Status.NOT_FOUND


async def test_a_masked_number_changes_nothing(knowledge: KnowledgeBase) -> None:
    plain = await knowledge.search(QUESTION)
    masked = await knowledge.search(f"[8 digits] {QUESTION}")
    assert masked == plain


async def test_many_questions_at_once_are_all_answered(knowledge: KnowledgeBase) -> None:
    answers = await asyncio.gather(*(knowledge.search(QUESTION) for _ in range(20)))
    assert {answer.status for answer in answers} == {Status.FOUND}


async def test_warming_twice_is_the_same_as_once(knowledge: KnowledgeBase) -> None:
    assert knowledge.warm(0.5) is True
    assert (await knowledge.search(QUESTION)).status is Status.FOUND


async def test_a_closed_one_is_unavailable_with_a_reason_and_can_be_closed_again(knowledge: KnowledgeBase) -> None:
    await knowledge.aclose()
    await knowledge.aclose()
    answer = await knowledge.search(QUESTION)
    assert answer.status is Status.UNAVAILABLE
    assert answer.passages == ()
    assert answer.reason
