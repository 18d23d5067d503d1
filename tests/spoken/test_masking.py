"""What a language model may see of a caller's words, and what it must not."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mortgage_fsm.spoken import masked
from mortgage_fsm.spoken.en.masking import TOO_LONG
from tests.spoken.renderings import CANARIES, DIGITS, WORDS, Kind, amounts, pair_words, renderings

FRAMES = ("{}", "my number is {}.", "um, it's {} okay", "{} is what I have", "(I said {}!)", "yes. {} - thanks")
_LEAK = re.compile(
    r"\b(?:" + "|".join(WORDS) + r"|oh|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand)\b|\d", re.IGNORECASE
)
_HIDDEN = re.compile(r"\[(?:\d+ digits?|many digits|amount \d+|id)\]")


def _leaks(text: str) -> list[str]:
    return _LEAK.findall(_HIDDEN.sub("", text))


@pytest.mark.parametrize(
    ("frame", "kind", "said"),
    [
        (frame, kind, said)
        for frame, kind in product(FRAMES, Kind)
        for said in renderings(kind, CANARIES[kind]).values()
    ],
)
def test_no_rendering_of_a_private_number_is_left(frame: str, kind: Kind, said: str) -> None:
    assert _leaks(masked(frame.format(said))) == []


def test_every_kind_has_at_least_fifteen_renderings() -> None:
    assert all(len(set(renderings(kind, CANARIES[kind]).values())) >= 15 for kind in Kind)


@given(st.text("0123456789", min_size=3, max_size=19), st.sampled_from(FRAMES))
@settings(deadline=None)
def test_no_digit_string_is_left_in_any_rendering(number: str, frame: str) -> None:
    for name, render in DIGITS.items():
        if render is pair_words and len(number) == 3:
            continue  # "twenty one" may be a count; it tells nobody 201
        once = masked(frame.format(render(number)))
        assert _leaks(once) == [], name
        assert masked(once) == once


@given(st.integers(100, 100_000_000))
@settings(deadline=None)
def test_no_amount_is_left_in_any_rendering(cents: int) -> None:
    for name, said in amounts(cents).items():
        assert [leak for leak in _leaks(masked(f"I want {said}, okay")) if cents >= 10_000] == [], name
        assert "$" not in masked(said)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("my loan is 10004471", "my loan is [8 digits]"),
        ("last four two one nine zero", "last four [4 digits]"),
        ("the last 4 of my social is 2190.", "the last 4 of my social is [4 digits]."),
        ("pay $1,450.25 or $600", "pay [amount 1] or [amount 2]"),
        ("$500 and $600", "[amount 1] and [amount 2]"),
        ("twelve hundred dollars", "[amount 1]"),
        ("2k please", "[amount 1] please"),
        ("4 one 1 double two", "[5 digits]"),
        ("twenty one ninety it is", "[4 digits] it is"),
        ("won too three for five", "[5 digits]"),
        ("mail ann.lee@example.com or AB1234567", "mail [email] or [id]"),
        ("in 2024", "in [4 digits]"),
        ("7" * 120, "[many digits]"),
        ("44", "[2 digits]"),
        ("uh, seven", "uh, [1 digit]"),
        ("four then seven", "[2 digits]"),
        ("one foo two bar three", "[1 digit] foo [1 digit] bar [1 digit]"),
        ("1098 is my last four", "[4 digits] is my last four"),
        ("20 doors", "20 doors"),
        ("⑳½", "[4 digits]"),
        ("naïve café \u200bzone", "naïve café zone"),
    ],
)
def test_numbers_are_replaced_by_what_kind_of_number_they_are(text: str, seen: str) -> None:
    assert masked(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        "where is my form 1098", "what is a 1098?", "send the 1099-INT", "the 1098 form", "80 percent",
        "80% loan to value", "3.5% down", "twenty percent down",
        "six point five percent", "thirty years", "a 30 year fixed", "30-year", "fifteen year", "360 months",
        "90 days late", "401k", "my 401(k)", "203k loan", "a 5/1 ARM", "on the 15th",
        "24/7", "I have one question", "about two loans", "in the year 2024", "tax year 2023",
        "the first of the month", "last four", "my last 4", "twenty five doors", "2 loans", "hello there",
        "[8 digits] and [amount 1]", "for the loan to me too", "oh no", "o brother", "", "what is escrow?",
    ],
)  # fmt: skip
def test_public_figures_and_small_counts_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "1 " * 50_000,
        "one " * 25_000,
        "a." * 50_000,
        "[" * 100_000,
        "$" * 100_000,
        "a@" * 50_000,
        "1 foo " * 3_300,
        "é1" * 50_000,
    ],
)
def test_a_text_that_is_no_turn_is_hidden_whole(text: str) -> None:
    assert masked(text) == TOO_LONG
    assert masked(TOO_LONG) == TOO_LONG


def test_masking_takes_time_linear_in_the_text() -> None:
    for piece in ("too ", "$", "one foo ", "uh ", "[", "a.", "a@", "1[", "- ", "my 1098 ", "seven percent "):
        once = masked(piece * (19_000 // len(piece)))
        assert masked(once) == once
