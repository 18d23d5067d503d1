"""A turn that is a piece of the number that is waited for: digits and nothing else, and too few of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from mortgage_fsm.heard import Slot
from mortgage_fsm.spoken.en.frames import AND_THEN, DIGITS_FIRST
from mortgage_fsm.spoken.en.phrases import Kind, Label
from mortgage_fsm.spoken.en.sentences import Turn

_SILENT: Final = frozenset({Kind.PAUSE, Kind.STOP, Kind.FILLER})
_AGREEING: Final = frozenset({Kind.YES, Kind.WEAK_YES})
_NAMES: Final = {
    Slot.LOAN: frozenset({Label.LOAN, Label.ACCOUNT}),
    Slot.LAST_FOUR: frozenset({Label.LAST_FOUR, Label.SSN}),
}
_AROUND_A_NAME: Final = frozenset(
    {"my", "the", "is", "are", "it is", "that is", "number", "of my", "so", "okay so", "on my"}
)


def piece(turn: Turn, expecting: Slot | None, loan_digits: Collection[int]) -> str | None:
    """The digits of a turn that may be a part of a loan number, or of the last four; None where it is anything else.

    What could be read in two ways once more is said ("one twenty", and then "one") is no piece.
    """
    names = _NAMES.get(expecting) if expecting is not None else None
    if names is None or turn.trails_off:
        return None
    said = [item for sentence in turn.sentences for item in sentence.items if item.kind not in _SILENT]
    if not said or len(said[-1].figures) != 1:
        return None
    before = said[1:-1] if said[0].kind in _AGREEING else said[:-1]
    words = [item.text for item in before if item.kind is not Kind.LABEL]
    if len(words) < len(before):
        labels = {item.meaning.value for item in before if item.kind is Kind.LABEL}
        framed = labels <= names and _AROUND_A_NAME.issuperset(words)
    else:
        framed = " ".join(words) in DIGITS_FIRST | AND_THEN
    digits = said[-1].figures[0].digits
    if not framed or digits is None or digits.as_number or digits.ends_in_ten:
        return None
    longest = max(loan_digits) if expecting is Slot.LOAN else 4
    return digits.text if len(digits.text) < longest else None
