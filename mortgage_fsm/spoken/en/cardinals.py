"""Whole numbers in words, by a grammar that has one reading for every phrase it takes; whatever else is said is None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mortgage_fsm.spoken.en.atoms import Atom, Sort

_TEN: Final = 10
_HUNDRED: Final = 100
_THOUSAND: Final = 1_000
_SCALES: Final = (1_000_000, _THOUSAND)
_ABOVE_ALL_SCALES: Final = 1_000_000_000
_LONGEST_WRITTEN_COUNT: Final = 3


class _Reader:
    """Walks a number's atoms once, from left to right."""

    def __init__(self, atoms: Sequence[Atom]) -> None:
        self._atoms = atoms
        self._at = 0

    def ended(self) -> bool:
        return self._at >= len(self._atoms)

    def took(self, sort: Sort, *values: int) -> bool:
        """Steps over the next atom if it is of this sort (and has one of these values)."""
        if self.ended() or self._atoms[self._at].sort is not sort:
            return False
        if values and self._atoms[self._at].value not in values:
            return False
        self._at += 1
        return True

    def last(self) -> Atom:
        return self._atoms[self._at - 1]

    def below_hundred(self) -> int:
        """As in "seven", "seventeen", "seventy seven"; 0 when none of these comes next."""
        if self.took(Sort.TEEN):
            return self.last().value
        if self.took(Sort.TEN):
            ten = self.last().value
            return ten + self.last().value if self.took(Sort.UNIT, *range(1, 10)) else ten
        return self.last().value if self.took(Sort.UNIT, *range(1, 10)) else 0

    def count(self) -> int:
        """What may stand before "hundred" or "thousand": words, "a", or up to three digits ("15 hundred")."""
        if self.took(Sort.ARTICLE):
            return 1
        if self.took(Sort.PLAIN):
            text = self.last().text
            return 0 if text.startswith("0") or len(text) > _LONGEST_WRITTEN_COUNT else int(text)
        return self.below_hundred()

    def group(self) -> int:
        """A number below 10,000 as "fourteen hundred and fifty", "four hundred", "a", "fifty"; 0 when it is none."""
        count = self.count()
        if not count or not self.took(Sort.SCALE, _HUNDRED):
            return count
        if count >= _HUNDRED or (count >= _TEN and count % _TEN == 0):
            return 0  # "twenty hundred" is nobody's two thousand
        joined = self.took(Sort.AND)
        rest = self.below_hundred()
        return 0 if joined and not rest else count * _HUNDRED + rest


def cardinal(atoms: Sequence[Atom]) -> int | None:
    """The number these atoms spell, at least 1. None unless the whole of them is one well-formed number."""
    reader = _Reader(atoms)
    total = 0
    above = _ABOVE_ALL_SCALES
    while not reader.ended():
        joined = total > 0 and reader.took(Sort.AND)
        value = reader.group()
        scale = next((step for step in _SCALES if reader.took(Sort.SCALE, step)), 1)
        if not value or scale >= above or (value >= _THOUSAND and above < _ABOVE_ALL_SCALES):
            return None  # no number, "two thousand three thousand", or "one thousand twelve hundred"
        if scale > 1 and value >= _THOUSAND:
            return None  # "twelve hundred thousand"
        if joined and (scale > 1 or value >= _HUNDRED):
            return None  # "a thousand and five hundred" may be two amounts
        total += value * scale
        above = scale
    return total or None
