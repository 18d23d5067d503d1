"""Digit strings: a loan number or the last four of an SSN, read out in any of the ways people read digits out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mortgage_fsm.spoken.en.atoms import Atom, Sort
from mortgage_fsm.spoken.en.cardinals import cardinal
from mortgage_fsm.spoken.en.figures import OH


class Reading(NamedTuple):
    """Digits, and how they were said where that matters for what they may be."""

    text: str
    as_number: bool = False
    """Said as one number ("two thousand one hundred ninety", "2,190")."""
    in_pairs: bool = False
    """As in "twenty one" was read as 21; a caller may have meant 20 and 1, one digit more."""
    ends_in_ten: bool = False
    """As in "one twenty": a digit that is said next may belong to the twenty."""
    groups: tuple[int, ...] = ()
    """How many digits stand together: 3, 2 and 4 in "123-45-2190"."""


_DATE_SHAPES: Final = ((2, 2, 4), (4, 2, 2))
_LAST_MONTH: Final = 12
_LAST_DAY: Final = 31


def digit_string(pieces: Sequence[Sequence[Atom]]) -> Reading | None:
    """The one digit string that these pieces (stretches of atoms with pauses between them) spell, or None."""
    if len(pieces) == 1:
        number = _as_one_number(pieces[0])
        if number is not None:
            return number
    if pieces[0][0].text in OH and len(pieces[0]) > 1 and pieces[0][1].sort is Sort.PLAIN:
        return None  # "oh 219": zero, or only "oh"
    chunks: list[str] = []
    in_pairs = False
    for position, piece in enumerate(pieces):
        following = pieces[position + 1][0] if position + 1 < len(pieces) else None
        if piece[-1].sort is Sort.TEN and following is not None and _could_complete_a_ten(following):
            return None
        read = _chunks(piece)
        if read is None:
            return None
        chunks += read[0]
        in_pairs = in_pairs or read[1]
    ends_in_ten = pieces[-1][-1].sort is Sort.TEN
    groups = tuple(map(len, chunks))
    return None if _may_be_a_date(chunks) else Reading("".join(chunks), False, in_pairs, ends_in_ten, groups)


def _as_one_number(piece: Sequence[Atom]) -> Reading | None:
    if len(piece) == 1 and piece[0].sort is Sort.GROUPED:
        return Reading(piece[0].text.replace(",", ""), as_number=True)
    if any(atom.sort is Sort.SCALE for atom in piece):
        value = cardinal(piece)
        return None if value is None else Reading(str(value), as_number=True)
    return None


def _chunks(piece: Sequence[Atom]) -> tuple[list[str], bool] | None:
    chunks: list[str] = []
    in_pairs = False
    position = 0
    while position < len(piece):
        atom = piece[position]
        following = piece[position + 1] if position + 1 < len(piece) else None
        position += 1
        if atom.sort is Sort.UNIT:
            chunks.append(str(atom.value))
        elif atom.sort is Sort.TEEN:
            chunks.append(str(atom.value))
            in_pairs = True
        elif atom.sort is Sort.PLAIN:
            chunks.append(atom.text)
        elif atom.sort is Sort.LISTED:
            chunks += atom.text.replace(".", ",").split(",")
        elif atom.sort is Sort.TEN:
            in_pairs = True
            if following is not None and following.sort is Sort.UNIT and following.value:
                chunks.append(str(atom.value + following.value))
                position += 1
            elif following is not None and _could_complete_a_ten(following):
                return None
            else:
                chunks.append(str(atom.value))
        elif atom.sort is Sort.REPEAT and following is not None and _is_one_digit(following):
            chunks.append((following.text if following.sort is Sort.PLAIN else str(following.value)) * atom.value)
            position += 1
        else:
            return None
    return chunks, in_pairs


def _is_one_digit(atom: Atom) -> bool:
    return atom.sort is Sort.UNIT or (atom.sort is Sort.PLAIN and len(atom.text) == 1)


def _could_complete_a_ten(atom: Atom) -> bool:
    """After "twenty" and a pause, "one" may be the 1 of 21 or a digit of its own."""
    return (atom.sort is Sort.UNIT and atom.value > 0) or (atom.sort is Sort.PLAIN and len(atom.text) == 1)


def _may_be_a_date(chunks: Sequence[str]) -> bool:
    """12 25 1980 and 1980 12 25 are dates wherever a month and a day fit."""
    shape = tuple(len(chunk) for chunk in chunks)
    if shape not in _DATE_SHAPES:
        return False
    year, first, second = chunks if len(chunks[0]) > 2 else (chunks[2], chunks[0], chunks[1])
    small, large = sorted((int(first), int(second)))
    return year[:2] in ("19", "20") and 1 <= small <= _LAST_MONTH and 1 <= large <= _LAST_DAY
