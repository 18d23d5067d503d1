"""Topic files: what is read, what is refused, and that the shipped ones are fit to be spoken."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.topics import Topic, check, load, version

GETTING_A_LOAN = {
    "application-documents", "appraisal", "closing-costs", "credit-score", "debt-to-income", "discount-points",
    "down-payment", "government-loans", "loan-eligibility", "loan-types", "pre-approval", "rate-lock",
}  # fmt: skip


def test_the_shipped_topics_have_no_problem(kb_folder: Path) -> None:
    assert check(kb_folder) == []


def test_there_are_at_least_sixty_servicing_topics_and_ten_about_getting_a_loan(topics: tuple[Topic, ...]) -> None:
    ids = {topic.id for topic in topics}
    assert ids >= GETTING_A_LOAN
    assert len(GETTING_A_LOAN) >= 10
    assert len(ids - GETTING_A_LOAN) >= 60


def test_no_topic_claims_anything_about_the_callers_own_loan_or_that_something_was_done(
    topics: tuple[Topic, ...],
) -> None:
    claims = re.compile(
        r"\b(your (balance|payment|rate|shortage|payoff) is \d|(has|have) been (paid|filed|posted|approved|cancell?ed)"
        r"|we (received|filed|approved|waived) your|I (have )?(filed|paid|noted|approved|cancell?ed))\b",
        re.IGNORECASE,
    )
    assert claims.search("your complaint has been filed")
    assert [topic.id for topic in topics if claims.search(topic.text)] == []


def test_a_complaint_and_an_error_must_be_written_and_the_passages_say_so(topics: tuple[Topic, ...]) -> None:
    texts = {topic.id: topic.text for topic in topics}
    assert "not a written complaint" in texts["complaints"]
    assert "it has to be in writing" in texts["notice-of-error"]


def test_no_topic_sends_a_caller_to_a_web_address_or_reads_out_a_telephone_number(topics: tuple[Topic, ...]) -> None:
    pattern = re.compile(r"www|https?|\.(gov|com|org)\b|\d{3}[- ]\d{4}", re.IGNORECASE)
    assert [t.id for t in topics if pattern.search(" ".join((t.text, t.source, *t.asked_as)))] == []


def test_a_topic_is_read_as_it_is_written(write_topic: Callable[..., Path]) -> None:
    (topic,) = load(write_topic("late", text="One line\nand another.  \n\nA third."))
    assert topic.id == "late"
    assert topic.text == "One line and another. A third."
    assert topic.effective == "2014-01-10"
    assert topic.asked_as == ("what is late", "tell me about late", "explain late")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": None}, "the field 'title' is missing"),
        ({"source": "' '"}, "the field 'source' is missing"),
        ({"effective": None}, "the field 'effective' is missing"),
        ({"effective": "soon"}, "the field 'effective' is missing"),
        ({"effective": "2014-01-10 10:00:00"}, "the field 'effective' is missing"),
        ({"asked_as": "[]"}, "the field 'asked_as' is missing, empty"),
        ({"asked_as": "[one, '']"}, "the field 'asked_as' is missing, empty"),
        ({"asked_as": "how"}, "the field 'asked_as' is missing, empty"),
        ({"author": "someone"}, "'author' is not a field"),
        ({"text": ""}, "it has no text"),
        ({"title": "[unclosed"}, "not YAML"),
        ({"file": "other.md"}, "not the name of the file"),
    ],
)
def test_a_file_that_is_no_topic_is_refused_and_named(
    write_topic: Callable[..., Path], changes: dict[str, str], problem: str
) -> None:
    folder = write_topic(**changes)
    assert any(problem in found and ".md: " in found for found in check(folder))
    with pytest.raises(ConfigurationError):
        load(folder)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"text": "Too short."}, "characters, not 200 to 480"),
        ({"text": "Far too long. " * 60}, "characters, not 200 to 480"),
        ({"text": "It costs 5% of the payment. " * 10}, "cannot be spoken: '%'"),
        ({"text": "Use *this* one [here]. " * 12}, "cannot be spoken: '*' '[' ']'"),
        ({"text": "It is about twenty \N{EURO SIGN} more or less. " * 8}, "cannot be spoken"),
        ({"text": "Your PMI and your ARM are here. " * 8}, "stumbles on: ARM, PMI"),
        ({"text": "For example, e.g. this one here. " * 8}, "stumbles on"),
        ({"text": "This is a sentence without an end and it goes on " * 5}, "full sentence"),
        ({"asked_as": "[one, two]"}, "asked in 2 ways"),
        ({"title": "Hi"}, "the title has 2 characters"),
        ({"id_": "Not_An_Id"}, "lower-case words"),
    ],
)
def test_a_topic_that_a_voice_cannot_say_is_named(
    write_topic: Callable[..., Path], changes: dict[str, str], problem: str
) -> None:
    folder = write_topic(**changes)
    assert any(problem in found for found in check(folder)), check(folder)
    assert load(folder)


def test_all_problems_are_reported_at_once(write_topic: Callable[..., Path]) -> None:
    write_topic("first", title=None, source=None)
    write_topic("second", effective=None)
    folder = write_topic("third", text="Short.")
    assert [problem.partition(":")[0] for problem in check(folder)] == ["first.md"] * 2 + ["second.md", "third.md"]


def test_two_files_with_one_id_are_named(write_topic: Callable[..., Path]) -> None:
    write_topic("twin")
    folder = write_topic("twin", file="other.md")
    assert any("'twin' is used twice" in problem for problem in check(folder))


def test_one_phrasing_for_two_topics_is_named(write_topic: Callable[..., Path]) -> None:
    write_topic("first", asked_as="[the same, one, two]")
    folder = write_topic("second", asked_as="[The same, three, four]")
    assert check(folder) == ["second.md: 'The same' is also asked of first."]


def test_a_missing_or_empty_folder_or_one_of_bytes_is_a_problem_and_no_traceback(tmp_path: Path) -> None:
    assert check(tmp_path / "nowhere") == ["The knowledge folder 'nowhere' does not exist."]
    assert "holds no topic" in check(tmp_path)[0]
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "plain.md").write_text("No front matter.\n", encoding="utf-8")
    (tmp_path / "scalar.md").write_text("---\njust words\n---\nText.\n", encoding="utf-8")
    assert len(check(tmp_path)) == 3


def test_the_version_changes_with_any_word_and_not_with_the_order(topics: tuple[Topic, ...]) -> None:
    assert version(topics) == version(reversed(topics))
    first, *rest = topics
    assert version([replace(first, text=first.text + " More."), *rest]) != version(topics)
    assert version([replace(first, source="Elsewhere"), *rest]) != version(topics)
