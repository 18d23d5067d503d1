"""How well the shipped topics are found, on questions written before them; one half of each list is held out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.knowledge.topics import Topic, load

HALVES = {"tuning half": 0, "held-out half": 1}
halves = pytest.mark.parametrize("half", HALVES.values(), ids=HALVES.keys())


@pytest.fixture(scope="module")
def embedded(topics: tuple[Topic, ...]) -> EmbeddedKnowledge:
    return EmbeddedKnowledge(topics)


def recall(embedded: EmbeddedKnowledge, asked: dict[str, list[str]], half: int, top: int = 4) -> float:
    """The share of questions for which one of the right topics is among the first `top` passages."""
    chosen = list(asked.items())[half::2]
    hits = [
        question
        for question, right in chosen
        if {passage.id for passage in embedded.look_up(question, top=top).passages} & set(right)
    ]
    return len(hits) / len(chosen)


def rejected(embedded: EmbeddedKnowledge, asked: list[str], half: int) -> float:
    chosen = asked[half::2]
    return sum(embedded.look_up(question).status is Status.NOT_FOUND for question in chosen) / len(chosen)


def test_the_test_set_is_as_large_as_promised_and_names_only_topics_there_are(
    questions: dict[str, Any], topics: tuple[Topic, ...]
) -> None:
    assert len(questions["written"]) >= 120
    assert len(questions["spoken"]) >= 80
    assert len(questions["off_topic"]) >= 50
    wanted = {id_ for kind in ("written", "spoken") for right in questions[kind].values() for id_ in right}
    assert wanted <= {topic.id for topic in topics}


@halves
def test_a_written_question_is_answered_among_four_passages(
    embedded: EmbeddedKnowledge, questions: dict[str, Any], half: int
) -> None:
    assert recall(embedded, questions["written"], half) >= 0.95


@halves
def test_what_callers_say_is_answered_among_four_passages(
    embedded: EmbeddedKnowledge, questions: dict[str, Any], half: int
) -> None:
    assert recall(embedded, questions["spoken"], half) >= 0.70


@halves
def test_nothing_is_found_off_the_topic(embedded: EmbeddedKnowledge, questions: dict[str, Any], half: int) -> None:
    assert rejected(embedded, questions["off_topic"], half) >= 0.90


@pytest.mark.benchmark
def test_figures(
    embedded: EmbeddedKnowledge, questions: dict[str, Any], kb_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loads, builds, queries = [], [], []
    for _ in range(20):
        began = time.perf_counter()
        topics = load(kb_folder)
        read = time.perf_counter()
        EmbeddedKnowledge(topics)
        loads.append(1e3 * (read - began))
        builds.append(1e3 * (time.perf_counter() - read))
    for question in [*questions["written"], *questions["spoken"], *questions["off_topic"]] * 10:
        began = time.perf_counter()
        embedded.look_up(question)
        queries.append(1e3 * (time.perf_counter() - began))
    queries.sort()
    p50, p99 = queries[len(queries) // 2], queries[len(queries) * 99 // 100]
    lines = [
        f"{len(topics)} topics: read {sorted(loads)[10]:.1f} ms, index {sorted(builds)[10]:.1f} ms (medians)",
        f"{len(queries)} searches: p50 {p50:.3f} ms, p99 {p99:.3f} ms",
    ]
    for name, half in HALVES.items():
        for kind in ("written", "spoken"):
            at = [f"@{top} {recall(embedded, questions[kind], half, top):.3f}" for top in (1, 4)]
            lines.append(f"{name}: {kind} recall {' '.join(at)}")
        lines.append(f"{name}: off-topic rejected {rejected(embedded, questions['off_topic'], half):.3f}")
    with capsys.disabled():
        print("", *lines, sep="\n")
    assert p99 < 50
