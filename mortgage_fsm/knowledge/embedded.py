"""The keyless default: full text search in this process, over SQLite's FTS5.

FTS5 brings stemming, the index and BM25 with the standard library, through the module that the ledger's default
database needs as well; bm25s and tantivy measured no better and cost a wheel. Two things are ours. The no-answer rule:
BM25 adds up word by word, so each word is asked alone, which gives the score and the highest score that the question
could have had; too small a share of it, and nothing is found. And the order of what is near: "how can I pay you" has
one telling word, which half of the topics have too, so the little words decide.
"""

from __future__ import annotations

import math
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import Final

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.port import Answer, Status
from mortgage_fsm.knowledge.topics import Topic
from mortgage_fsm.knowledge.words import question, telling_words, words

# The figures below were chosen on the tuning half of tests/knowledge/questions.yaml.
_FLOOR: Final = 0.34
"""Nothing is found when the best topic has less than this share of the highest score."""
_LIKENESS: Final = 0.4
"""Weight of being put as callers put it, beside 1 for the share of the highest score."""
_CANDIDATES: Final = 40
"""So many of the best topics are put in order; the rest are far behind."""
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
        ways = [[words(way) for way in (topic.title, *topic.asked_as)] for topic in self._topics]
        self._ways = [[frozenset(way) for way in topic_ways] for topic_ways in ways]
        self._lock = threading.Lock()
        # One connection for all threads, used under the lock.
        self._index: sqlite3.Connection | None = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            self._index.execute(_SCHEMA)
        except sqlite3.OperationalError:
            self._index.close()
            raise ConfigurationError(
                "This Python's SQLite has no full text search (FTS5); use a Python whose SQLite has it."
            ) from None
        self._index.executemany(
            _INSERT,
            (
                (row, " ".join(title), " ; ".join(" ".join(way) for way in asked_as), " ".join(words(topic.text)))
                for row, (topic, (title, *asked_as)) in enumerate(zip(self._topics, ways, strict=True))
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
        asked = frozenset(words(query))
        near = _best_first((self._relevance(share, row, asked), row) for share, row in ranked[:_CANDIDATES])[:top]
        enough = near[0][0] * _BESIDE_BEST
        passages = tuple(self._topics[row].passage(round(score, 4)) for score, row in near if score >= enough)
        return Answer(Status.FOUND, self.name, passages)

    async def aclose(self) -> None:
        """Drop the index. Safe to call twice."""
        with self._lock:
            index, self._index = self._index, None
        if index is not None:
            index.close()

    def _relevance(self, share: float, row: int, asked: frozenset[str]) -> float:
        likeness = max(2 * len(asked & way) / (len(asked) + len(way)) for way in self._ways[row])
        return (share + _LIKENESS * likeness) / (1 + _LIKENESS)

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
        return _best_first((score / highest, row) for row, score in scores.items())

    def _rarity(self, matching: int) -> float:
        """FTS5's inverse document frequency. A word that no topic has counts as the rarest of all."""
        return max(_LEAST_RARITY, math.log((len(self._topics) - matching + 0.5) / (matching + 0.5)))


def _best_first(hits: Iterable[tuple[float, int]]) -> list[tuple[float, int]]:
    return sorted(hits, key=lambda hit: (-hit[0], hit[1]))
