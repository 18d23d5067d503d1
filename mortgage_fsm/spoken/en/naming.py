"""What a number in a sentence is called: the labels before it ("my loan number is"), or after it ("is my loan number")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mortgage_fsm.spoken.en.phrases import Kind, Label
from mortgage_fsm.spoken.en.reading import Item

_BETWEEN: Final = frozenset({Kind.FILLER, Kind.PAUSE, Kind.LINK, Kind.OPENING})
_STATED: Final = frozenset({"payment", "payments", "bill", "note", "house", "home"})
"""After "is", what these name is what somebody charges, not what the caller wants to pay."""

_MEASURES: Final = frozenset({"amount", "value", "total", "figure"})
"""Beside a label they make it another one: "the loan amount"."""
_ELSEWHERE: Final = frozenset({"of", "from", "by", "at", "in", "with"})
"""Between a label and a number they part them: "a loan of", "the loan from"."""


class Name(NamedTuple):
    """What stands around a number."""

    label: Label | None
    """The label nearest to it."""
    others: frozenset[Label]
    """Every label in the same breath: "last four of my card" names both."""
    is_stated: bool
    """As in "My bill is ...", "the loan is ...": a fact about it, not a wish."""
    after_unknown: bool
    """An unknown word stands directly before the name: "Morgan's last four"."""


def name_at(items: Sequence[Item], position: int) -> Name:
    """The name of the number at `position` in its sentence."""
    before = _labels_before(items, position)
    trailing = None if before.label else _label_after(items, position)
    if trailing is None:
        return before
    return Name(trailing, frozenset({trailing}), before.is_stated, before.after_unknown)


def _labels_before(items: Sequence[Item], position: int) -> Name:
    label: Label | None = None
    others: set[Label] = set()
    said_is = said_bill = is_measure = False
    at = position - 1
    while at >= 0 and items[at].kind in _BETWEEN | {Kind.LABEL}:
        item = items[at]
        if isinstance(item.meaning.value, Label):
            label = label or item.meaning.value
            others.add(item.meaning.value)
        is_measure = is_measure or item.text in _MEASURES or (label is None and item.text in _ELSEWHERE)
        said_is = said_is or item.kind is Kind.OPENING
        said_bill = said_bill or item.text.rpartition(" ")[2] in _STATED
        at -= 1
    if others and is_measure:
        label = Label.OTHER
        others.add(label)
    after_unknown = at >= 0 and items[at].kind is Kind.UNKNOWN
    return Name(label, frozenset(others), said_is and (said_bill or bool(others)), after_unknown)


def _label_after(items: Sequence[Item], position: int) -> Label | None:
    """The label behind it, unless that label belongs to the next number."""
    said_is = False
    for at in range(position + 1, len(items)):
        item = items[at]
        if isinstance(item.meaning.value, Label):
            if any(later.kind is Kind.NUMBER for later in items[at:]):
                return None
            is_place = item.meaning.value in (Label.LOAN, Label.ACCOUNT) and not said_is  # "500 on my loan"
            return None if is_place else item.meaning.value
        if item.kind not in _BETWEEN:
            return None
        said_is = said_is or item.kind is Kind.OPENING
    return None
