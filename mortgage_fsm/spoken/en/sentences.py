"""What kind of sentence was said: a question, a polite request, or a plain statement, and whether it trails off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from mortgage_fsm.heard import Intent
from mortgage_fsm.spoken.en.phrases import Kind, Meaning
from mortgage_fsm.spoken.en.reading import Item

_ENDS: Final = frozenset({Kind.STOP, Kind.QUESTION_MARK})
_SILENT: Final = frozenset({Kind.FILLER, Kind.PAUSE})
_BEFORE_A_CLAUSE: Final = frozenset({Kind.YES, Kind.WEAK_YES, Kind.NO, Kind.THANKS, Kind.CORRECTION})
_CONJUNCTIONS: Final = frozenset(
    {"and", "so", "but", "also", "then", "okay so", "alright so", "all right so", "yeah so", "yes so"}
)
_WANTING: Final = frozenset({"want to", "need to", "like to", "calling"})
_CAN_BE_ASKED_FOR: Final = frozenset(
    {Kind.ACTION, Kind.CUE, Kind.INTENT, Kind.METHOD, Kind.WISH, Kind.NUMBER, Kind.FACT}
)
_WITHIN_A_FACT: Final = frozenset(
    {
        Kind.FACT,
        Kind.FILLER,
        Kind.PAUSE,
        Kind.QUESTION_MARK,
        Kind.STOP,
        Kind.THANKS,
        Kind.YES,
        Kind.WEAK_YES,
        Kind.LINK,
        Kind.LABEL,
        Kind.NUMBER,
        Kind.REQUEST,
        Kind.MODAL,
        Kind.NO,
        Kind.CORRECTION,
    }
)
_MAKES_A_QUESTION: Final = frozenset({Kind.ASK, Kind.OPENING, Kind.MODAL, Kind.UNKNOWN, Kind.FACT, Kind.DOUBT})
_LEADS_ON: Final = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "your",
        "i",
        "we",
        "of",
        "on",
        "in",
        "at",
        "by",
        "from",
        "with",
        "via",
        "using",
        "through",
        "for",
        "to",
        "into",
        "as",
        "and",
        "so",
        "but",
        "is",
        "are",
        "or",
        "would",
        "will",
        "be",
        "do",
    ]
)
_GOES_BEFORE_A_CUE: Final = frozenset({Kind.ACTION, Kind.METHOD, Kind.LABEL, Kind.NUMBER, Kind.CUE})
_GREETING: Final = Meaning(Kind.INTENT, Intent.GREETING)


@dataclass(frozen=True)
class Sentence:
    """The items up to and with one full stop or question mark."""

    items: tuple[Item, ...]

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """Every kind that stands in it."""
        return frozenset(item.kind for item in self.items)

    def starts_a_clause(self, position: int) -> bool:
        """Whether nothing but "yes", "so", "hello" ... stands before the item in its clause."""
        before = self._neighbour(range(position - 1, -1, -1), _SILENT)
        return (
            before is None
            or before.kind in _BEFORE_A_CLAUSE
            or before.meaning == _GREETING
            or (before.kind is Kind.LINK and before.text in _CONJUNCTIONS)
        )

    def is_action(self, position: int) -> bool:
        """Whether the action there is what the caller asks for ("let me pay"), not talk about it ("he will pay")."""
        before = self._neighbour(range(position - 1, -1, -1), _SILENT)
        asked_for = before is not None and (
            before.kind in (Kind.REQUEST, Kind.MODAL) or (before.kind is Kind.LINK and before.text in _WANTING)
        )
        return asked_for or self.starts_a_clause(position)

    def continues_an_action(self, position: int) -> bool:
        """Whether it goes on with what was asked for: "make a payment in the amount of"."""
        before = self._neighbour(range(position - 1, -1, -1), _SILENT)
        return before is not None and before.kind in _GOES_BEFORE_A_CUE

    def leads_to_a_wish(self, position: int) -> bool:
        """Whether the request or "can I" there is followed by something that can be asked for."""
        after = self._neighbour(range(position + 1, len(self.items)), _SILENT | {Kind.LINK, Kind.LABEL})
        return after is not None and after.kind in _CAN_BE_ASKED_FOR

    @cached_property
    def is_polite(self) -> bool:
        """As in "Can I make a payment": a question in form only."""
        return any(item.kind is Kind.MODAL and self.leads_to_a_wish(at) for at, item in enumerate(self.items))

    @cached_property
    def fact(self) -> Item | None:
        """The one loan fact it asks for, if that is all it asks."""
        facts = [item for item in self.items if item.kind is Kind.FACT]
        alone = all(item.kind in _WITHIN_A_FACT or item.meaning == _GREETING for item in self.items)
        return facts[0] if alone and len({item.meaning for item in facts}) == 1 else None

    @cached_property
    def is_asked(self) -> bool:
        """Whether it is a question: no value in it is given, it is only asked about."""
        if Kind.ASK in self.kinds or Kind.FACT in self.kinds:
            return True
        openings = any(item.kind is Kind.OPENING and self.starts_a_clause(at) for at, item in enumerate(self.items))
        idle_modals = any(
            item.kind is Kind.MODAL and not self.leads_to_a_wish(at) for at, item in enumerate(self.items)
        )
        return openings or idle_modals or (Kind.QUESTION_MARK in self.kinds and not self.is_polite)

    @cached_property
    def is_question(self) -> bool:
        """Whether it asks for an answer of ours, beyond the loan facts ("yes?" does not)."""
        return self.is_asked and self.fact is None and bool(self.kinds & _MAKES_A_QUESTION)

    @cached_property
    def trails_off(self) -> bool:
        """As in "Five hundred and", "yes, but": more was about to come."""
        spoken = [item for item in self.items if item.kind not in _ENDS]
        if not spoken:
            return False
        last = spoken[-1]
        return last.kind in (Kind.PAUSE, Kind.CUE) or last.text in _LEADS_ON

    def _neighbour(self, positions: range, skipped: frozenset[Kind]) -> Item | None:
        return next((self.items[at] for at in positions if self.items[at].kind not in skipped), None)


@dataclass(frozen=True)
class Turn:
    """All sentences of one caller turn."""

    sentences: tuple[Sentence, ...]

    @cached_property
    def kinds(self) -> frozenset[Kind]:
        """Every kind of item in the turn."""
        return frozenset[Kind]().union(*(sentence.kinds for sentence in self.sentences))

    @property
    def trails_off(self) -> bool:
        """Whether its last sentence does."""
        return bool(self.sentences) and self.sentences[-1].trails_off


def turn_of(items: Sequence[Item]) -> Turn:
    """The turn cut at its full stops and question marks."""
    return Turn(tuple(_sentences(items)))


def _sentences(items: Sequence[Item]) -> Iterator[Sentence]:
    start = 0
    for end in range(1, len(items)):
        cuts = items[end - 1].kind in _ENDS and items[end].kind not in _ENDS
        # In "500. ?" the question mark is asked of 500.
        if cuts and any(item.kind not in _ENDS | _SILENT for item in items[end:]):
            yield Sentence(tuple(items[start:end]))
            start = end
    if items:
        yield Sentence(tuple(items[start:]))
