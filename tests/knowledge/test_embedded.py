"""The index in this process: the same answers every time, from any thread, to anything at all."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.knowledge.topics import Topic


@pytest.fixture(scope="module")
def embedded(topics: tuple[Topic, ...]) -> EmbeddedKnowledge:
    return EmbeddedKnowledge(topics)


def test_every_topic_is_found_by_its_own_title_and_by_every_way_it_is_asked(
    embedded: EmbeddedKnowledge, topics: tuple[Topic, ...]
) -> None:
    lost = [
        (topic.id, asked)
        for topic in topics
        for asked in (topic.title, *topic.asked_as)
        if topic.id not in [passage.id for passage in embedded.look_up(asked).passages]
    ]
    assert lost == []


def test_relevance_lies_between_nothing_and_one_and_falls_along_the_passages(
    embedded: EmbeddedKnowledge, topics: tuple[Topic, ...]
) -> None:
    for topic in topics:
        scores = [passage.relevance or -1.0 for passage in embedded.look_up(topic.title).passages]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score < 1 for score in scores)


def test_answers_do_not_depend_on_the_order_of_the_topics(
    embedded: EmbeddedKnowledge, topics: tuple[Topic, ...]
) -> None:
    other = EmbeddedKnowledge(tuple(reversed(topics)))
    for topic in topics:
        assert other.look_up(topic.title) == embedded.look_up(topic.title)


def test_eight_threads_get_the_answers_that_one_gets(embedded: EmbeddedKnowledge, topics: tuple[Topic, ...]) -> None:
    asked = [topic.title for topic in topics] * 4
    alone = [embedded.look_up(query) for query in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(embedded.look_up, asked)) == alone


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_makes_a_search_raise(text: str) -> None:
    topic = Topic("escrow", "Escrow", ("what is escrow",), "12 CFR 1024.17", "2014-01-10", "Escrow pays your taxes.")
    answer = EmbeddedKnowledge([topic]).look_up(text)
    assert answer.status in {Status.FOUND, Status.NOT_FOUND}


def test_words_that_no_topic_has_make_a_question_less_relevant(embedded: EmbeddedKnowledge) -> None:
    plain = embedded.look_up("escrow refund").passages[0].relevance
    strange = embedded.look_up("escrow refund zebra").passages[0].relevance
    assert plain is not None
    assert strange is not None
    assert strange < plain
    assert embedded.look_up("escrow zebra giraffe hippo rhino").status is Status.NOT_FOUND


def test_no_topic_at_all_finds_nothing() -> None:
    assert EmbeddedKnowledge([]).look_up("escrow").status is Status.NOT_FOUND


def test_an_index_that_breaks_is_unavailable_and_no_traceback(topics: tuple[Topic, ...]) -> None:
    broken = EmbeddedKnowledge(topics)
    assert broken._index is not None
    broken._index.execute("DROP TABLE topic")
    answer = broken.look_up("escrow")
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, "index_broken")


def test_a_sqlite_without_full_text_search_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithoutFts5(sqlite3.Connection):
        def execute(self, sql: str, *rest: object) -> sqlite3.Cursor:
            raise sqlite3.OperationalError("no such module: fts5")

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **kw: connect(*args, factory=WithoutFts5, **kw))
    with pytest.raises(ConfigurationError, match="full text search"):
        EmbeddedKnowledge([])


def test_a_hundred_thousand_characters_are_turned_away_and_not_looked_up(embedded: EmbeddedKnowledge) -> None:
    asked: list[str] = []
    assert embedded._index is not None
    embedded._index.set_trace_callback(asked.append)
    assert embedded.look_up("escrow " * 15_000).status is Status.NOT_FOUND
    assert asked == []
    embedded.look_up("escrow")
    assert asked
