"""The keyed hash of the last four."""

from __future__ import annotations

import pytest

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.ledger.keyed import NOTHING_KEPT, checked_key, last_four_hash, matches

KEY = bytes(range(32))


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        checked_key(b"x" * 31)
    assert checked_key(KEY) == KEY


def test_the_hash_depends_on_key_loan_and_digits() -> None:
    kept = last_four_hash(KEY, "10004471", "2190")
    assert kept == last_four_hash(KEY, "10004471", "2190")
    others = {("x" * 32, "10004471", "2190"), ("", "10005582", "2190"), ("", "10004471", "2191")}
    assert kept not in {last_four_hash(key.encode() or KEY, loan, digits) for key, loan, digits in others}


def test_nothing_matches_where_nothing_is_kept() -> None:
    for text in ("2190", "----", "none", ""):
        assert not matches(KEY, "10004471", text, NOTHING_KEPT)
    assert len(NOTHING_KEPT) == len(last_four_hash(KEY, "10004471", "2190"))


def test_only_four_digits_can_match() -> None:
    for text in ("", "219", "21900", "2190\n", "two one nine oh", "\N{FULLWIDTH DIGIT TWO}190"):
        assert not matches(KEY, "10004471", text, last_four_hash(KEY, "10004471", text))
    assert matches(KEY, "10004471", "2190", last_four_hash(KEY, "10004471", "2190"))
