"""Sorts single tokens by the part they can play in a number."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from typing import Final, NamedTuple

from mortgage_fsm.spoken.en.figures import CENTS, DOLLARS, OTHER_SCALES, REPEATS, SCALES, TEENS, TENS, UNITS
from mortgage_fsm.spoken.en.tokens import Shape, Token


class Sort(IntEnum):
    """The part a token plays in a number."""

    NONE = auto()
    UNIT = auto()
    TEEN = auto()
    TEN = auto()
    SCALE = auto()
    PLAIN = auto()
    """Digits alone: "1450"."""
    GROUPED = auto()
    """Digits with thousands commas: "1,450"."""
    DECIMAL = auto()
    """Digits with exactly two decimals: "1,450.25"."""
    LISTED = auto()
    """Single digits with commas or points between: "1,0,0,0"."""
    SHORT_THOUSANDS = auto()
    """As in "2k", "1.5k"."""
    BROKEN = auto()
    """Looks like a number and is none that we read: "1,45", "5.06.1"."""
    REPEAT = auto()
    DOLLAR_SIGN = auto()
    DOLLARS = auto()
    CENTS = auto()
    AND = auto()
    ARTICLE = auto()


class Atom(NamedTuple):
    """One token as part of a number; `value` is what it counts (for SHORT_THOUSANDS, dollars)."""

    sort: Sort
    text: str
    value: int = 0


_WORDS: Final = {
    **{word: Atom(Sort.UNIT, word, value) for word, value in UNITS.items()},
    **{word: Atom(Sort.TEEN, word, value) for word, value in TEENS.items()},
    **{word: Atom(Sort.TEN, word, value) for word, value in TENS.items()},
    **{word: Atom(Sort.SCALE, word, value) for word, value in SCALES.items()},
    **{word: Atom(Sort.REPEAT, word, value) for word, value in REPEATS.items()},
    **{word: Atom(Sort.BROKEN, word) for word in OTHER_SCALES},
    **{word: Atom(Sort.DOLLARS, word) for word in DOLLARS},
    **{word: Atom(Sort.CENTS, word) for word in CENTS},
    **{word: Atom(Sort.ARTICLE, word, 1) for word in ("a", "an")},
    "and": Atom(Sort.AND, "and"),
    "$": Atom(Sort.DOLLAR_SIGN, "$"),
}
_NOTHING: Final = Atom(Sort.NONE, "")
_WRITTEN: Final = (
    (Sort.PLAIN, re.compile(r"[0-9]+")),
    (Sort.GROUPED, re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")),
    (Sort.DECIMAL, re.compile(r"(?:0|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]*)\.[0-9]{2}")),
    (Sort.LISTED, re.compile(r"[0-9](?:,[0-9]){2,}|[0-9](?:\.[0-9]){2,}")),
)
_SHORT: Final = re.compile(r"([1-9][0-9]{0,2})(?:\.([0-9]))?k")
_NOT_MONEY: Final = frozenset({"401k", "403k", "203k", "457k"})
"""Public names that only look like thousands."""


def atom(token: Token) -> Atom:
    """The token's part in a number; Sort.NONE when it has none."""
    if token.shape is Shape.FIGURE:
        for sort, pattern in _WRITTEN:
            if pattern.fullmatch(token.text):
                return Atom(sort, token.text)
        return Atom(Sort.BROKEN, token.text)
    if token.shape is Shape.BLEND:
        short = _SHORT.fullmatch(token.text)
        if short and token.text not in _NOT_MONEY:
            return Atom(Sort.SHORT_THOUSANDS, token.text, int(short[1]) * 1_000 + int(short[2] or 0) * 100)
        return _NOTHING
    return _WORDS.get(token.text, _NOTHING)
