"""Which words of a question count."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.knowledge.words import question, telling_words, words


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("how do i get rid of this p m i", ["rid", "pmi"]),
        ("P.M.I. removal", ["pmi", "removal"]),
        ("an f h a loan", ["fha", "loan"]),
        ("Form 1098", ["form", "1098"]),
        ("what's my escrow", ["escrow"]),
        ("What\N{RIGHT SINGLE QUOTATION MARK}s escrow?", ["escrow"]),
        ("escrow escrow ESCROW", ["escrow"]),
        ("caf\N{LATIN SMALL LETTER E WITH ACUTE} payment", ["cafe", "payment"]),
        ("can i go to a bank", ["bank"]),
    ],
)
def test_a_question_is_heard_by_its_telling_words(said: str, heard: list[str]) -> None:
    assert telling_words(said) == heard


def test_masked_values_do_not_count() -> None:
    assert telling_words("my loan is [8 digits] and [amount 1] late") == ["loan", "late"]
    assert question("pay [amount 1] early") == "pay early"


@pytest.mark.parametrize(
    "nothing", ["", "   ", "um so yeah", "[8 digits]", "\x00\x07", "\N{HOUSE BUILDING}", "?" * 500]
)
def test_a_query_about_nothing_is_no_question(nothing: str) -> None:
    assert question(nothing) == ""


def test_a_query_longer_than_anyone_speaks_is_no_question() -> None:
    assert question("escrow " * 285) != ""
    assert question("escrow " * 286) == ""


@given(st.text(max_size=300))
def test_words_are_plain_letters_and_digits_whatever_comes_in(text: str) -> None:
    assert all(word.isascii() and word.isalnum() for word in words(text))
    assert question(text).isprintable()
