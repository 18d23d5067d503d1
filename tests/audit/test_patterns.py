"""The forms a value may have."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.audit import patterns

TEXTS = [value for name, value in vars(patterns).items() if name.isupper()] + [patterns.identifier]


@given(st.one_of(st.text(), st.integers(), st.none(), st.binary(), st.booleans(), st.floats()))
def test_what_fits_a_form_is_short_ascii_text_without_blanks_or_quotes(value: object) -> None:
    for rule in TEXTS:
        if rule(value):
            assert isinstance(value, str)
            assert value.isascii()
            assert len(value) <= 64
            assert not set(value) & set(" \t\r\n\"'\\{}$%")


@pytest.mark.parametrize("said", ["10004471", "2190", "4111111111111111", "912-34-7391", "555-0100", "$1,850.00"])
def test_no_number_of_a_caller_fits_any_form_but_a_build_or_a_hash(said: str) -> None:
    assert not [rule for rule in TEXTS if rule is not patterns.BUILD and rule(said)]


@pytest.mark.parametrize("text", ["Advising", "state1", "two words", "", "x" * 41, "ünder", "advising\n"])
def test_an_identifier_is_small_letters_and_underscores(text: str) -> None:
    assert not patterns.identifier(text)
    assert patterns.identifier("amount_is_within_limits")


def test_an_integer_is_within_its_ends_and_no_bool() -> None:
    fits = patterns.integer(0, 3)
    assert [fits(each) for each in (0, 3, -1, 4, True, 1.0, "1", None)] == [True, True] + [False] * 6


def test_one_of_takes_members_and_their_values() -> None:
    class Colour(StrEnum):
        RED = "red"

    fits = patterns.one_of(Colour)
    assert [fits(each) for each in (Colour.RED, "red", "blue", None, ["red"])] == [True, True, False, False, False]


def test_exactly_is_of_the_same_type_too() -> None:
    fits = patterns.exactly(1)
    assert [fits(each) for each in (1, True, 1.0, 2)] == [True, False, False, False]
