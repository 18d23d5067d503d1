"""The keys of our own log lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.keys import CONTEXT_KEYS, KEYS, event_name


@pytest.mark.slow
@given(st.text())
def test_no_sentence_fits_any_key(text: str) -> None:
    said = f"my number is {text}"
    assert not [key for key, rule in KEYS.items() if key != "exception" and rule(said)]


@pytest.mark.parametrize("number", ["10004471", "2190", "912-34-7391", "4111 1111 1111 1111", "+15550100"])
def test_no_number_of_a_caller_fits_a_key_as_text_unless_it_is_a_version(number: str) -> None:
    fitting = {key for key, rule in KEYS.items() if rule(number)}
    assert fitting <= {"build", "version", "exception"}


def test_a_bare_loan_number_fits_no_key_that_a_caller_could_fill() -> None:
    assert not {"loan", "loan_number", "text", "words", "message", "room", "participant", "user"} & set(KEYS)


@pytest.mark.parametrize("name", ["call_started", "handoff", "a"])
def test_an_event_is_words_of_small_letters(name: str) -> None:
    assert event_name(name)


@pytest.mark.parametrize("name", ["", "Call started", "loan_10004471", "x" * 61, "a__b", "_a", "a\n", 3, None])
def test_anything_else_is_no_event(name: object) -> None:
    assert not event_name(name)


def test_numbers_are_finite_and_not_negative() -> None:
    fits = KEYS["duration"]
    assert [fits(each) for each in (0, 0.25, -1, float("nan"), float("inf"), True, "1")] == [True, True] + [False] * 5


def test_an_audit_record_is_taken_only_sealed() -> None:
    assert KEYS["audit"](Sealed("a", 0, "t", "ts", None, "h", "{}"))
    assert not KEYS["audit"]({"words": "x"})


def test_context_keys_are_keys() -> None:
    assert set(KEYS) >= CONTEXT_KEYS
