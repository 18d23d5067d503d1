"""The keyless default: full text search in this process, over SQLite's FTS5.

FTS5 brings stemming, the index and BM25 with the standard library, through the module that the ledger's default
database needs as well; bm25s and tantivy measured no better and cost a wheel. Only the no-answer rule is ours: BM25
adds up word by word, so each word is asked alone, which gives the score and the highest score the question could have
had. Their ratio, 0 to 1, is the relevance.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.port import Answer, Passage, Status
from mortgage_fsm.knowledge.topics import Topic
from mortgage_fsm.knowledge.words import question, telling_words, words

_FLOOR: Final = 0.34
"""Below this relevance nothing is found. Chosen on the tuning half of tests/knowledge/questions.yaml."""
_BESIDE_BEST: Final = 0.3
"""Passages under this share of the best one's relevance are left out: they would only distract."""
_MOST_WORDS: Final = 64
_BM25_CEILING: Final = 2.2
"""FTS5's k1 + 1: a word's BM25 approaches this times its rarity, and never reaches it."""
_LEAST_RARITY: Final = 1e-6
"""FTS5's own floor, for a word that stands in more than half of the topics."""

_SCHEMA: Final = "CREATE VIRTUAL TABLE topic USING fts5(title, asked_as, text, tokenize = 'porter unicode61')"
_INSERT: Final = "INSERT INTO topic (rowid, title, asked_as, text) VALUES (?, ?, ?, ?)"
# What a topic is called, and asked as, says more about it than what it goes on to mention.
_MATCHES: Final = "SELECT rowid, -bm25(topic, 3.0, 3.0, 1.0) FROM topic WHERE topic MATCH ?"


class EmbeddedKnowledge:
    """Searches the given topics. Ready once constructed; safe to use from several threads; always the same answers.

    Raises:
        ConfigurationError: this Python's SQLite was built without FTS5. (Those of python.org, Linux distributions,
            conda and uv all have it.)
    """

    name = "embedded"

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = tuple(sorted(topics, key=lambda topic: topic.id))
        self._lock = threading.Lock()
        # One connection for all threads, used under the lock.
        self._index: sqlite3.Connection | None = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            self._index.execute(_SCHEMA)
        except sqlite3.OperationalError:
            self._index.close()
            raise ConfigurationError(
                "This Python's SQLite has no full text search (FTS5); use a Python that has, or Moss."
            ) from None
        self._index.executemany(
            _INSERT,
            (
                (row, _indexed(topic.title), _indexed(*topic.asked_as), _indexed(topic.text))
                for row, topic in enumerate(self._topics)
            ),
        )

    def warm(self, budget_s: float) -> bool:  # noqa: ARG002 - the port's; nothing is left to do
        """Ready since construction."""
        return self._index is not None

    async def search(self, query: str, *, top: int = 4) -> Answer:
        """Answer on the event loop: a search takes well under a millisecond, a thread would take longer."""
        return self.look_up(query, top=top)

    def look_up(self, query: str, *, top: int = 4) -> Answer:
        """As `search`, for callers without an event loop."""
        try:
            with self._lock:
                if self._index is None:
                    return Answer(Status.UNAVAILABLE, self.name, reason="closed")
                ranked = self._ranked(self._index, query)
        except sqlite3.Error:
            return Answer(Status.UNAVAILABLE, self.name, reason="index_broken")
        if top < 1 or not ranked or ranked[0][0] < _FLOOR:
            return Answer(Status.NOT_FOUND, self.name)
        best = ranked[0][0]
        near = [(relevance, row) for relevance, row in ranked[:top] if relevance >= best * _BESIDE_BEST]
        return Answer(Status.FOUND, self.name, tuple(self._passage(row, relevance) for relevance, row in near))

    async def aclose(self) -> None:
        """Drop the index. Safe to call twice."""
        with self._lock:
            index, self._index = self._index, None
        if index is not None:
            index.close()

    def _passage(self, row: int, relevance: float) -> Passage:
        return self._topics[row].passage(round(relevance, 4))

    def _ranked(self, index: sqlite3.Connection, query: str) -> list[tuple[float, int]]:
        scores: defaultdict[int, float] = defaultdict(float)
        highest = 0.0
        for word in telling_words(question(query))[:_MOST_WORDS]:
            # A word of letters and digits in quotes is a plain term: no FTS5 query syntax can get in.
            with closing(index.execute(_MATCHES, (f'"{word}"',))) as matches:
                found: list[tuple[int, float]] = matches.fetchall()
            highest += _BM25_CEILING * self._rarity(len(found))
            for row, score in found:
                scores[row] += score
        return sorted(((score / highest, row) for row, score in scores.items()), key=lambda hit: (-hit[0], hit[1]))

    def _rarity(self, matching: int) -> float:
        """FTS5's inverse document frequency. A word that no topic has counts as the rarest of all."""
        return max(_LEAST_RARITY, math.log((len(self._topics) - matching + 0.5) / (matching + 0.5)))


def _indexed(*texts: str) -> str:
    return " ; ".join(" ".join(words(text)) for text in texts)
