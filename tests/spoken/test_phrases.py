"""The phrase tables: one meaning for each phrase, the longest phrase first."""

from __future__ import annotations

import pytest

from mortgage_fsm.spoken.en.phrases import Kind, Meaning, longest, tree

_YES, _NO = Meaning(Kind.YES), Meaning(Kind.NO)


def test_the_longest_phrase_wins() -> None:
    phrases = tree({_YES: ("go", "go ~right ahead"), _NO: ("go away",)})
    assert longest(phrases, ["go", "right", "ahead"], 0) == (3, _YES)
    assert longest(phrases, ["go", "ahead"], 0) == (2, _YES)
    assert longest(phrases, ["go", "right"], 0) == (1, _YES)
    assert longest(phrases, ["please", "go", "away"], 1) == (3, _NO)
    assert longest(phrases, ["please"], 0) is None


def test_words_joined_by_a_plus_stand_or_fall_together() -> None:
    phrases = tree({_YES: ("ready ~to+go|now",)})
    assert longest(phrases, ["ready", "to", "go"], 0) == (3, _YES)
    assert longest(phrases, ["ready", "to", "stay"], 0) == (1, _YES)


def test_a_phrase_with_two_meanings_is_refused() -> None:
    with pytest.raises(ValueError, match="two meanings for: go ahead"):
        tree({_YES: ("go ahead",)}, {_NO: ("go ahead",)})
