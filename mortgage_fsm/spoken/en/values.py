"""Which value each number of a turn is: certain by its name, or because nothing unknown stands around it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from mortgage_fsm.heard import Intent, Slot
from mortgage_fsm.spoken.en.digits import Reading
from mortgage_fsm.spoken.en.frames import stands_as_amount, stands_as_digits
from mortgage_fsm.spoken.en.naming import Name, name_at
from mortgage_fsm.spoken.en.numerals import Figure
from mortgage_fsm.spoken.en.phrases import Kind, Label
from mortgage_fsm.spoken.en.sentences import Sentence, Turn

_LAST_FOUR_DIGITS: Final = 4
_SSN_GROUPS: Final = (3, 2, 4)
_SSN_DIGITS: Final = sum(_SSN_GROUPS)
_CARD_DIGITS: Final = range(13, 20)
_AMOUNT_SLOTS: Final = (Slot.AMOUNT, Slot.ASSENT)
_LEAST_BARE_CENTS: Final = 1_000
"""A single digit without "dollars" is a piece of something else: "the right one", "press 5"."""
_PAYING: Final = (Kind.CUE, Kind.ACTION)
_BEFORE_AN_AMOUNT: Final = frozenset({Kind.FILLER, Kind.PAUSE, Kind.LINK})


@dataclass
class Values:
    """Every value the numbers of a turn may be; more than one of a kind means none."""

    loans: set[str] = field(default_factory=set)
    last_fours: set[str] = field(default_factory=set)
    amounts: set[int] = field(default_factory=set)
    is_left_over: bool = False
    """A number stands in the turn that is none of ours: nothing beside it is certain either."""
    is_card: bool = False


def values(turn: Turn, expecting: Slot | None, loan_digits: Collection[int], written: Collection[str] = ()) -> Values:
    """All that the turn's numbers say, doubts about the turn as a whole not yet counted.

    `written` holds the digits that stand in the text as one unbroken number each.
    """
    found = Values()
    foreign = any(_names_something_else(sentence) for sentence in turn.sentences)
    for sentence in turn.sentences:
        for position, item in enumerate(sentence.items):
            for at, figure in enumerate(item.figures):
                name = name_at(sentence.items, position) if at == 0 else _UNNAMED
                _sort(found, figure, _Place(sentence, position, name, expecting, foreign, written), loan_digits)
    return found


_UNNAMED: Final = Name(None, frozenset(), is_stated=False, after_unknown=False)


@dataclass(frozen=True)
class _Place:
    """Where a figure stands."""

    sentence: Sentence
    position: int
    name: Name
    expecting: Slot | None
    foreign: bool
    written: Collection[str]

    @property
    def is_clear(self) -> bool:
        """Nothing unknown in the sentence, and it is no question."""
        return Kind.UNKNOWN not in self.sentence.kinds and not self.sentence.is_asked

    @property
    def is_paid(self) -> bool:
        """As in "Pay ...", "make it ...": the words before it say that it is an amount."""
        items = self.sentence.items
        at = self.position - 1
        while at >= 0 and items[at].kind in _BEFORE_AN_AMOUNT:
            at -= 1
        if at < 0:
            return False
        return items[at].kind in _PAYING and (self.sentence.is_action(at) or self.sentence.continues_an_action(at))

    @property
    def is_paid_on(self) -> bool:
        """As in "make a payment on ..."."""
        return self.position > 0 and self.sentence.items[self.position - 1].text == "on" and self.is_paid

    @property
    def is_somebody_elses(self) -> bool:
        """As in "will you pay 500", "I have to pay 500": not what the caller offers to pay."""
        return any(
            (item.kind is Kind.MODAL and " you" in item.text) or (item.kind is Kind.REQUEST and "have to" in item.text)
            for item in self.sentence.items
        )

    @property
    def is_for_a_payment(self) -> bool:
        """As in "Make a payment on loan ... for 500"."""
        before = self.sentence.items[: self.position]
        asked = any(item.kind is Kind.ACTION and self.sentence.is_action(at) for at, item in enumerate(before))
        return asked and before[-1].text in ("for", "of", "amount")


def _sort(found: Values, figure: Figure, place: _Place, loan_digits: Collection[int]) -> None:
    digits = figure.digits.text if figure.digits else ""
    if len(digits) in _CARD_DIGITS:
        found.is_card = True
    if _is_loan(figure, place, loan_digits):
        found.loans.add(digits)
    elif _is_last_four(figure, place):
        found.last_fours.add(digits[-_LAST_FOUR_DIGITS:])
    elif figure.cents is not None and _is_amount(figure.cents, figure, place):
        found.amounts.add(figure.cents)
    else:
        found.is_left_over = True


def _is_loan(figure: Figure, place: _Place, loan_digits: Collection[int]) -> bool:
    said = figure.digits
    if said is None or len(said.text) not in loan_digits:
        return False
    if place.name.others - {Label.LOAN, Label.ACCOUNT} or (place.sentence.is_asked and place.name.is_stated):
        return False
    if place.name.label is Label.LOAN:
        return True
    if not place.is_clear:
        return False
    if place.is_paid_on and not (said.as_number or said.in_pairs):
        return True  # nobody makes a payment on an amount
    if place.expecting is Slot.LOAN:
        return not place.is_paid
    if place.expecting is Slot.LAST_FOUR and said.text in place.written:
        return not place.is_paid  # the caller may correct the loan number here, and this is no four digits
    if place.expecting is not None or place.is_paid or place.is_for_a_payment:
        return False  # eight digits may be four said twice, or an amount said twice
    return not (
        place.name.label is Label.ACCOUNT or said.as_number or said.in_pairs
    )  # a bank account; nine digits in pairs


def _is_last_four(figure: Figure, place: _Place) -> bool:
    said = figure.digits
    if (
        said is None
        or place.sentence.is_asked
        or not (len(said.text) == _LAST_FOUR_DIGITS or _is_whole_ssn(said, place))
    ):
        return False
    name = place.name
    if name.others - {Label.LAST_FOUR, Label.SSN, Label.ENDING} or name.after_unknown:
        return False
    if name.others == {Label.ENDING}:  # of what, only the question says
        return place.expecting is Slot.LAST_FOUR and place.is_clear and not place.foreign and not place.is_paid
    if name.label is not None:
        return Label.SSN in name.others or not place.foreign
    paid = place.is_paid or place.is_for_a_payment
    framed = stands_as_digits(place.sentence.items, place.position)
    return place.expecting is Slot.LAST_FOUR and place.is_clear and framed and not place.foreign and not paid


def _is_whole_ssn(said: Reading, place: _Place) -> bool:
    """Whether the caller gave all nine digits where four were asked for: the last four of them are the answer."""
    if len(said.text) != _SSN_DIGITS or said.as_number or said.in_pairs or place.expecting is not Slot.LAST_FOUR:
        return False
    return place.name.label is Label.SSN or said.groups == _SSN_GROUPS


def _is_amount(cents: int, figure: Figure, place: _Place) -> bool:
    name = place.name
    if not place.is_clear or name.is_stated or name.others - {Label.LOAN, Label.ACCOUNT}:
        return False
    if not stands_as_amount(place.sentence.items, place.position) or place.is_somebody_elses:
        return False
    if place.expecting is Slot.LAST_FOUR and not place.is_paid and _may_be_four_digits(cents):
        return False
    if figure.is_money:
        return True
    if cents < _LEAST_BARE_CENTS:
        return False
    if name.others:
        return False  # "loan 1500"
    return place.is_paid or place.is_for_a_payment or place.expecting in _AMOUNT_SLOTS


def _may_be_four_digits(cents: int) -> bool:
    """A recogniser writes "$21.90", or "$2,190", for twenty one ninety."""
    return len(str(cents)) == _LAST_FOUR_DIGITS or len(str(cents // 100)) == _LAST_FOUR_DIGITS


def _names_something_else(sentence: Sentence) -> bool:
    """Whether a card, a bank account or the like is spoken of, whose last four the caller may be giving."""
    return any(
        item.kind is Kind.METHOD or item.meaning.value is Label.OTHER or item.meaning.value is Intent.NOT_OFFERED
        for item in sentence.items
    )
