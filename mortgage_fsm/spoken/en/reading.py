"""Turns a caller's words into a list of meant stretches: phrases, numbers, pauses, and what nothing accounts for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from mortgage_fsm.spoken.en.assent import ASSENT
from mortgage_fsm.spoken.en.atoms import Atom, Sort, atom
from mortgage_fsm.spoken.en.grammar import GRAMMAR
from mortgage_fsm.spoken.en.intents import INTENTS
from mortgage_fsm.spoken.en.labels import LABELS
from mortgage_fsm.spoken.en.method import METHODS
from mortgage_fsm.spoken.en.not_offered import NOT_OFFERED
from mortgage_fsm.spoken.en.numerals import Figure, Number, number_at
from mortgage_fsm.spoken.en.own_loan import FACTS, WISHES
from mortgage_fsm.spoken.en.phrases import Kind, Meaning, longest, tree
from mortgage_fsm.spoken.en.tokens import Shape, Token, tokens

PHRASES: Final = tree(GRAMMAR, ASSENT, LABELS, METHODS, INTENTS, NOT_OFFERED, FACTS, WISHES)


class Item(NamedTuple):
    """A stretch of the turn and what it means; `figures` only where it is a number."""

    meaning: Meaning
    text: str
    figures: tuple[Figure, ...] = ()

    @property
    def kind(self) -> Kind:
        """The kind of the meaning."""
        return self.meaning.kind


_NUMBER: Final = Meaning(Kind.NUMBER)
_UNKNOWN: Final = Meaning(Kind.UNKNOWN)
_PAUSE: Final = Meaning(Kind.PAUSE)
_MARKS: Final = {
    "?": Meaning(Kind.QUESTION_MARK),
    ".": Meaning(Kind.STOP),
    "!": Meaning(Kind.STOP),
    ";": Meaning(Kind.STOP),
    **dict.fromkeys(",:-#", _PAUSE),
}
_PAUSED: Final = frozenset({Kind.PAUSE, Kind.STOP, Kind.FILLER})
_NUMERIC: Final = frozenset({Sort.UNIT, Sort.TEEN, Sort.TEN, Sort.SCALE, Sort.PLAIN, Sort.REPEAT})


def read(text: str) -> tuple[Item, ...]:
    """The turn as items, from left to right; nothing for a turn that is too long to be an answer."""
    found = tokens(text)
    atoms = [atom(token) for token in found]
    words = [token.text for token in found]
    items: list[Item] = []
    position = 0
    while position < len(found):
        number = number_at(found, atoms, position) if atoms[position].sort is not Sort.NONE else None
        phrase = longest(PHRASES, words, position)
        if phrase is not None and not _hides_a_number(phrase, number, items, atoms, position):
            end, meaning = phrase
            items.append(Item(meaning, " ".join(words[position:end])))
            position = end
        elif number is not None:
            items.append(Item(_NUMBER, "", number.figures))
            position = number.end
        else:
            items.append(Item(_mark(found[position]), words[position]))
            position += 1
    return tuple(items)


def _hides_a_number(
    phrase: tuple[int, Meaning], number: Number | None, before: Sequence[Item], atoms: Sequence[Atom], start: int
) -> bool:
    """Whether a phrase with a number word in it ("one more time") may be part of a number that is being read out."""
    end, meaning = phrase
    if number is not None and end <= number.end:
        return True
    if meaning.kind is Kind.LABEL and number is None:
        return False  # "last four": what follows is another number
    if not any(atom.sort in _NUMERIC for atom in atoms[start:end]):
        return False
    touched_before = next((item.kind for item in reversed(before) if item.kind not in _PAUSED), None) is Kind.NUMBER
    return touched_before or (end < len(atoms) and atoms[end].sort in _NUMERIC)


def _mark(token: Token) -> Meaning:
    if token.shape is Shape.MARK:
        return _PAUSE if token.text.startswith("..") else _MARKS.get(token.text, _UNKNOWN)
    return _UNKNOWN
