"""Amounts of money: integer cents out of one stretch of a turn, or None."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from mortgage_fsm.spoken.en.atoms import Atom, Sort
from mortgage_fsm.spoken.en.cardinals import cardinal

MAX_CENTS: Final = 100_000_000
"""A million dollars; no single mortgage payment by telephone is larger."""
_CENTS_IN_A_DOLLAR: Final = 100


def cents(atoms: Sequence[Atom]) -> int | None:
    """The amount these atoms say, from 1 to MAX_CENTS. None unless they are wholly one amount in US dollars."""
    signed = atoms[0].sort is Sort.DOLLAR_SIGN
    said = atoms[1:] if signed else atoms
    sorts = [atom.sort for atom in said]
    if sorts[-1:] == [Sort.CENTS]:
        total = _with_cents(said, sorts, signed=signed)
    else:
        named = sorts[-1:] == [Sort.DOLLARS]
        total = _dollars(said[:-1] if named else said)
    return total if total is not None and 0 < total <= MAX_CENTS else None


def _with_cents(said: Sequence[Atom], sorts: Sequence[Sort], *, signed: bool) -> int | None:
    """As in "fifty cents", "ten dollars and fifty cents", "$10 and 50 cents"."""
    if Sort.DOLLARS in sorts:
        cut = sorts.index(Sort.DOLLARS)
        whole, small = said[:cut], said[cut + 1 : -1]
    elif signed and Sort.AND in sorts:
        cut = sorts.index(Sort.AND)
        whole, small = said[:cut], said[cut:-1]
    elif signed:
        return None
    else:
        return _small(said[:-1])
    if small[:1] and small[0].sort is Sort.AND:
        small = small[1:]
    dollars, rest = _whole(whole), _small(small)
    return None if dollars is None or rest is None else dollars * _CENTS_IN_A_DOLLAR + rest


def _dollars(said: Sequence[Atom]) -> int | None:
    if len(said) == 1 and said[0].sort is Sort.DECIMAL:
        return int(said[0].text.replace(",", "").replace(".", ""))
    if len(said) == 1 and said[0].sort is Sort.SHORT_THOUSANDS:
        return said[0].value * _CENTS_IN_A_DOLLAR
    whole = _whole(said)
    return None if whole is None else whole * _CENTS_IN_A_DOLLAR


def _whole(said: Sequence[Atom]) -> int | None:
    """Whole dollars, at least 1, written or in words."""
    if len(said) == 1 and said[0].sort in (Sort.PLAIN, Sort.GROUPED):
        text = said[0].text.replace(",", "")
        return None if text.startswith("0") else int(text)
    return cardinal(said)


def _small(said: Sequence[Atom]) -> int | None:
    """Cents beside dollars or alone: 1 to 99, "05" included."""
    if len(said) == 1 and said[0].sort is Sort.PLAIN and len(said[0].text) <= 2:
        return int(said[0].text) or None
    value = cardinal(said)
    return value if value is not None and value < _CENTS_IN_A_DOLLAR else None
