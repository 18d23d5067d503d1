"""Finds the stretches of a turn that are numbers and cuts each into figures, before anything says what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

from mortgage_fsm.spoken.en.amount import cents
from mortgage_fsm.spoken.en.atoms import Atom, Sort
from mortgage_fsm.spoken.en.digits import Reading, digit_string
from mortgage_fsm.spoken.en.figures import HESITATIONS, HOMOPHONES, LINKING_HOMOPHONES, OH, SHORT_SCALE, SPOKEN_DASHES
from mortgage_fsm.spoken.en.tokens import Shape, Token


class Figure(NamedTuple):
    """One number as it was said, with every value it can certainly be. Both None: a number, and nothing sure about it."""

    digits: Reading | None
    cents: int | None
    is_money: bool
    """Said with dollars, cents or a dollar sign: never digits of a loan or an SSN."""


class Number(NamedTuple):
    """A stretch of the turn that is nothing but numbers and the pauses between them."""

    end: int
    figures: tuple[Figure, ...]


_PAUSES: Final = frozenset({",", "-", "."})
_SPOILERS: Final = frozenset({"%", "/", ":", "$"})
_MONEY: Final = frozenset({Sort.DOLLAR_SIGN, Sort.DOLLARS, Sort.CENTS, Sort.SHORT_THOUSANDS})
_NEVER_FIRST: Final = frozenset({Sort.NONE, Sort.AND, Sort.DOLLARS, Sort.CENTS})
_NEVER_SECOND: Final = frozenset({Sort.NONE, Sort.AND, Sort.DOLLARS, Sort.CENTS, Sort.DOLLAR_SIGN, Sort.ARTICLE})
_IN_WORDS: Final = frozenset({Sort.UNIT, Sort.TEEN, Sort.TEN, Sort.SCALE})
_OUT_OF_RANGE: Final = Atom(Sort.NONE, "")
_WORDS_OF_ONE_LETTER: Final = frozenset({"i", "a"})


def number_at(tokens: Sequence[Token], atoms: Sequence[Atom], start: int) -> Number | None:
    """The number that begins at `start`, or None where none begins."""
    if not _starts(atoms, start):
        return None
    pieces: list[list[Atom]] = [[atoms[start]]]
    gaps: list[str] = []
    spoiled = False
    end = position = start + 1
    while position < len(tokens):
        here = atoms[position]
        if position == end and _goes_on(atoms, position, pieces[-1]):
            if here.sort is Sort.DOLLAR_SIGN or pieces[-1][-1].sort is Sort.CENTS:
                pieces.append([])
                gaps.append("")
            pieces[-1].append(here)
            end = position + 1
        elif position > end and _starts(atoms, position):
            gaps.append(" ".join(token.text for token in tokens[end:position]))
            pieces.append([here])
            end = position + 1
        elif tokens[position].text in HOMOPHONES and _number_follows(tokens, atoms, position + 1):
            spoiled = True  # "four one for one": a digit was said here, and nobody knows which
        elif not _is_pause(tokens[position]):
            break
        position += 1
    figures = _figures(pieces, gaps)
    if spoiled or _is_spoiled(tokens, start, end):
        figures = [figure._replace(digits=None, cents=None) for figure in figures]
    return Number(end, tuple(figures))


def _at(atoms: Sequence[Atom], position: int) -> Atom:
    return atoms[position] if position < len(atoms) else _OUT_OF_RANGE


def _starts(atoms: Sequence[Atom], position: int) -> bool:
    """Whether a number begins here; "a", "double", "oh" and "$" are parts of one only before another part."""
    here, following = atoms[position], _at(atoms, position + 1)
    if here.sort is Sort.ARTICLE:
        return following.sort is Sort.SCALE
    if here.sort in (Sort.REPEAT, Sort.DOLLAR_SIGN):
        return following.sort not in _NEVER_SECOND or _starts_article(atoms, position + 1)
    if here.text == SHORT_SCALE:
        return False
    if here.text in OH:
        return following.sort not in _NEVER_SECOND
    return here.sort not in _NEVER_FIRST


def _starts_article(atoms: Sequence[Atom], position: int) -> bool:
    return _at(atoms, position).sort is Sort.ARTICLE and _at(atoms, position + 1).sort is Sort.SCALE


def _goes_on(atoms: Sequence[Atom], position: int, piece: Sequence[Atom]) -> bool:
    """Whether the token continues the number directly before it."""
    here = atoms[position]
    if here.sort is Sort.AND:
        joins = piece[-1].sort in (Sort.SCALE, Sort.DOLLARS) or piece[0].sort is Sort.DOLLAR_SIGN
        return joins and _at(atoms, position + 1).sort not in _NEVER_SECOND
    if here.sort in (Sort.ARTICLE, Sort.DOLLAR_SIGN, Sort.REPEAT):
        return _starts(atoms, position)
    if piece[-1].text == SHORT_SCALE:
        return here.sort is Sort.DOLLARS  # "two k five" may be two thousand five, or five hundred more
    if here.text == SHORT_SCALE:
        return piece[-1].sort in _IN_WORDS and all(atom.sort is not Sort.PLAIN for atom in piece)
    return here.sort is not Sort.NONE


def _is_pause(token: Token) -> bool:
    if token.shape is Shape.MARK:
        return token.text in _PAUSES or token.text.startswith("..")
    return token.text in HESITATIONS or token.text in SPOKEN_DASHES


def _number_follows(tokens: Sequence[Token], atoms: Sequence[Atom], position: int) -> bool:
    while position < len(tokens) and (_is_pause(tokens[position]) or tokens[position].text in HOMOPHONES):
        position += 1
    return position < len(tokens) and _starts(atoms, position)


def _is_spoiled(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether what touches the number makes it another one: a sign, a letter, a homophone, a strange character."""
    return (start > 0 and _is_spoiled_before(tokens, start)) or (end < len(tokens) and _is_spoiled_after(tokens, end))


def _is_spoiled_before(tokens: Sequence[Token], start: int) -> bool:
    before = tokens[start - 1]
    if before.text == "-":
        return tokens[start].glued and (not before.glued or (start > 1 and tokens[start - 2].text in _SPOILERS))
    if before.text == ":":
        return tokens[start].glued  # "5:06", but not "loan number: 10004471"
    return before.text in _SPOILERS or before.text in HOMOPHONES - LINKING_HOMOPHONES or _is_foreign(before)


def _is_spoiled_after(tokens: Sequence[Token], end: int) -> bool:
    after = tokens[end]
    following = tokens[end + 1] if end + 1 < len(tokens) else None
    if after.text == "-":
        return after.glued and following is not None and following.glued
    if after.text in LINKING_HOMOPHONES:
        return following is None or following.shape is Shape.MARK
    return after.text in _SPOILERS or after.text in HOMOPHONES or after.text == "a" or _is_foreign(after)


def _is_foreign(token: Token) -> bool:
    """A letter or sign that may belong to the number: "10004471 B", "AB12 10004471"."""
    if token.shape is Shape.WORD:
        return len(token.text) == 1 and token.text not in _WORDS_OF_ONE_LETTER
    return token.shape in (Shape.BLEND, Shape.STRANGE)


def _figures(pieces: Sequence[Sequence[Atom]], gaps: Sequence[str]) -> list[Figure]:
    """Money stands for itself; the pieces of a digit string belong together, however long the caller paused."""
    figures: list[Figure] = []
    run: list[Sequence[Atom]] = []
    position = 0
    while position < len(pieces):
        piece = pieces[position]
        if any(atom.sort in _MONEY for atom in piece):
            if run:
                figures.append(_plain(run))
            run = []
            if position + 1 < len(pieces) and gaps[position] == "," and _lacks_only_cents(piece, pieces[position + 1]):
                piece = list(chain(piece, pieces[position + 1]))
                position += 1
            figures.append(Figure(None, cents(piece), is_money=True))
        else:
            run.append(piece)
        position += 1
    if run:
        figures.append(_plain(run))
    return figures


def _lacks_only_cents(piece: Sequence[Atom], following: Sequence[Atom]) -> bool:
    sorts = {atom.sort for atom in following}
    return piece[-1].sort is Sort.DOLLARS and Sort.CENTS in sorts and not sorts & {Sort.DOLLARS, Sort.DOLLAR_SIGN}


def _plain(run: Sequence[Sequence[Atom]]) -> Figure:
    return Figure(digit_string(run), cents(run[0]) if len(run) == 1 else None, is_money=False)
