"""Phrase tables and how they are matched: each phrase is written once, in words, with the meaning it accounts for.

A phrase is words; `a|b` is either word, a leading `~` makes the word optional, `+` joins words that stand or fall
together ("~with+me|handy"). Contractions are written out ("do not").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum, auto
from itertools import chain, product
from typing import NamedTuple

from mortgage_fsm.heard import Intent, LoanFact, Method, Reason, Wish


class Kind(IntEnum):
    """What a stretch of the turn is to the hearing rules."""

    FILLER = auto()
    """Says nothing and changes nothing: "um", "please"."""
    THANKS = auto()
    LINK = auto()
    """Grammar: accounted for, but never part of a plain yes: "my", "is", "for"."""
    YES = auto()
    WEAK_YES = auto()
    """A yes that "thanks" turns into a leave-taking: "okay"."""
    NO = auto()
    METHOD = auto()
    WISH = auto()
    INTENT = auto()
    ACTION = auto()
    """A wish to act that needs asking for or a sentence to itself: "pay", "make a payment"."""
    REQUEST = auto()
    """"I'd like to", "let me": makes an action of what follows."""
    MODAL = auto()
    """"Can I", "could you": polite before an action, a question before anything else."""
    CUE = auto()
    """What follows is an amount to pay: "make it"."""
    FACT = auto()
    ASK = auto()
    """Makes a question of its sentence wherever it stands: "what", "tell me about"."""
    OPENING = auto()
    """Makes a question of its sentence only at its beginning: "is it", "do you"."""
    LABEL = auto()
    NOT_KNOWN = auto()
    DOUBT = auto()
    """No value in the turn can be relied on: "about", "or", "if", "not"."""
    CORRECTION = auto()
    """Takes back what stands before it: "sorry", "wait"."""
    UNCLEAR = auto()
    """Looks like a yes or no and is neither: "I guess", "no problem"."""

    NUMBER = auto()
    PAUSE = auto()
    STOP = auto()
    QUESTION_MARK = auto()
    UNKNOWN = auto()
    """Accounted for by nothing."""


class Label(IntEnum):
    """The name a caller gives a number."""

    LOAN = auto()
    ACCOUNT = auto()
    """A loan where the loan is asked for; perhaps a bank account anywhere else."""
    LAST_FOUR = auto()
    SSN = auto()
    ENDING = auto()
    """As in "it ends in": of a number that has no other name here."""
    OTHER = auto()
    """Phone, card, routing, date ...: never one of our values."""


class Meaning(NamedTuple):
    """What a phrase means: its kind, and which one of that kind."""

    kind: Kind
    value: Intent | LoanFact | Method | Wish | Label | Reason | None = None


Table = Mapping[Meaning, Sequence[str]]


class Node:
    """A node of the phrase tree: where each next word leads, and what the words so far mean."""

    __slots__ = ("meaning", "then")

    def __init__(self) -> None:
        self.then: dict[str, Node] = {}
        self.meaning: Meaning | None = None


def _spellings(phrase: str) -> Iterable[list[str]]:
    choices: list[list[list[str]]] = []
    for part in phrase.split():
        words = [either.split("+") for either in part.removeprefix("~").split("|")]
        choices.append([*words, []] if part.startswith("~") else words)
    for chosen in product(*choices):
        yield list(chain.from_iterable(chosen))


def tree(*tables: Table) -> Node:
    """One tree of all phrases.

    Raises:
        ValueError: two tables give the same words different meanings; the tables are wrong.
    """
    root = Node()
    for table in tables:
        for meaning, phrases in table.items():
            for phrase in phrases:
                for words in _spellings(phrase):
                    _plant(root, words, meaning)
    return root


def _plant(root: Node, words: Sequence[str], meaning: Meaning) -> None:
    node = root
    for word in words:
        node = node.then.setdefault(word, Node())
    if node.meaning not in (None, meaning):
        raise ValueError(f"two meanings for: {' '.join(words)}")
    node.meaning = meaning


def longest(root: Node, words: Sequence[str], start: int) -> tuple[int, Meaning] | None:
    """The longest phrase that begins at `start`: where it ends, and its meaning."""
    node, found = root, None
    for position in range(start, len(words)):
        following = node.then.get(words[position])
        if following is None:
            break
        node = following
        if node.meaning is not None:
            found = (position + 1, node.meaning)
    return found
