"""A number that is said in pieces, one turn after the other: the digits said before are put in front of those said now.

Nothing is kept here. The digits stand in the turn that said them, so that any other turn forgets them. In doubt they are
dropped and asked for again: a number that is begun anew, or of which a part is said twice, adds up to another one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from mortgage_fsm.heard import Heard, Slot

_LAST_FOUR: Final = (4,)
_MAY_TOUCH: Final = 1
"""Digits that may be the same at the end of one piece and the beginning of the next: more of them were said twice."""


def added(heard: Heard, before: str, slot: Slot | None, loan_digits: Collection[int]) -> Heard:
    """What a turn says that comes after other digits; its `piece` is then all of them.

    Where numbers have several lengths, pieces make up a number of the longest alone: a shorter one may be the beginning
    of a longer one.

    Args:
        heard: what the turn says by itself.
        before: the digits.
        slot: what is waited for; pieces add up to a loan number or the last four, and nowhere else.
        loan_digits: the lengths that loan numbers have.
    """
    if slot not in (Slot.LOAN, Slot.LAST_FOUR):
        return replace(heard, piece=None)
    lengths = loan_digits if slot is Slot.LOAN else _LAST_FOUR
    if not before:
        return heard
    if heard.piece is None:
        return _whole_alone(heard, before, slot, lengths)
    number = before + heard.piece
    if _is_said_twice(before, heard.piece) or len(number) > max(lengths):
        return replace(heard, piece=None)
    if len(number) < max(lengths):
        return replace(heard, piece=number)
    if slot is Slot.LOAN:
        return replace(heard, piece=None, loan=number, complete=True)
    return replace(heard, piece=None, last_four=number, complete=True)


def _whole_alone(heard: Heard, before: str, slot: Slot, lengths: Collection[int]) -> Heard:
    """A number that is whole by itself was begun anew, unless it may be the rest of a longer one."""
    said = heard.loan if slot is Slot.LOAN else heard.last_four
    if said is not None and len(before) + len(said) in lengths:
        return replace(heard, loan=None, last_four=None, complete=False)
    return heard


def _is_said_twice(before: str, piece: str) -> bool:
    """Whether a piece may repeat what was said before it, from the beginning or from somewhere in it."""
    if before.startswith(piece) or piece.startswith(before) or before.endswith(piece):
        return True
    touching = range(_MAY_TOUCH + 1, min(len(before), len(piece)) + 1)
    return any(before.endswith(piece[:length]) for length in touching)
