"""References."""

from __future__ import annotations

import re

import pytest

from mortgage_fsm.audit import patterns
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.errors import ConfigurationError

KEY = bytes(range(32))


@pytest.fixture
def references() -> References:
    return References(KEY, "k1")


def test_a_reference_is_stable_and_fits_the_schema(references: References) -> None:
    assert references.loan_ref("10004471") == References(KEY, "k2").loan_ref("10004471")
    assert patterns.REF(references.loan_ref("10004471"))


def test_another_key_gives_other_references(references: References) -> None:
    assert References(b"k" * 32, "k1").loan_ref("10004471") != references.loan_ref("10004471")


def test_references_of_different_things_differ_even_for_equal_text(references: References) -> None:
    made = [
        references.loan_ref("1"),
        references.words_ref("1", 1, "1"),
        references.payment_digest("1", "1", 1, "1", "1"),
    ]
    assert len(set(made)) == 3


def test_words_are_bound_to_their_call_and_turn(references: References) -> None:
    said = [("a", 1, "yes"), ("b", 1, "yes"), ("a", 2, "yes"), ("a", 1, "yes "), ("a", 11, "yes"), ("a1", 1, "yes")]
    assert len({references.words_ref(*each) for each in said}) == len(said)


def test_a_digest_is_equal_exactly_when_everything_is(references: References) -> None:
    facts = ("call", "10004471", 1850_00, "bank_transfer", "token")
    others = [(*facts[:place], other, *facts[place + 1 :]) for place, other in enumerate(("c", "1", 1, "m", "t"))]
    made = {references.payment_digest(*each) for each in [facts, *others]}  # type: ignore[arg-type] # mixed tuples
    assert len(made) == 6
    assert references.payment_digest(*facts) in made


def test_parts_cannot_run_into_each_other(references: References) -> None:
    one = references.payment_digest("c", "1", 0, "ab", "c")
    assert one != references.payment_digest("c", "1", 0, "a", "bc")
    assert references.payment_digest("c", "1", 0, "a:1", "b") != references.payment_digest("c", "1", 0, "a", "1:b")


def test_any_words_can_be_referred_to(references: References) -> None:
    assert re.fullmatch(r"[A-Z2-7]{26}", references.words_ref("c", 1, "\N{GRINNING FACE}\0" * 10_000))


@pytest.mark.parametrize(("key", "key_id"), [(b"x" * 31, "k1"), (b"", "k1"), (KEY, ""), (KEY, "Key 1")])
def test_a_short_key_or_a_bad_name_is_refused(key: bytes, key_id: str) -> None:
    with pytest.raises(ConfigurationError):
        References(key, key_id)
