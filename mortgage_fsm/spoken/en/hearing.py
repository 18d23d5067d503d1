"""Puts together what one turn says. Every doubt ends here in None: asking again is always right, a wrong value never is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final, TypeVar

from mortgage_fsm.heard import Heard, Intent, Method, Slot, Wish
from mortgage_fsm.spoken.en import wants
from mortgage_fsm.spoken.en.assent import judged
from mortgage_fsm.spoken.en.doubts import VALUED, is_doubtful
from mortgage_fsm.spoken.en.frames import stands_as_method
from mortgage_fsm.spoken.en.phrases import Kind, Label
from mortgage_fsm.spoken.en.pieces import piece
from mortgage_fsm.spoken.en.reading import read
from mortgage_fsm.spoken.en.reasons import reason
from mortgage_fsm.spoken.en.sentences import Sentence, Turn, turn_of
from mortgage_fsm.spoken.en.tokens import written_numbers
from mortgage_fsm.spoken.en.values import Values, values

_SILENT: Final = frozenset({Kind.PAUSE, Kind.STOP})
_UNACCOUNTED: Final = frozenset({Kind.UNKNOWN, Kind.DOUBT, Kind.UNCLEAR, Kind.ASK, Kind.NOT_KNOWN})
_NOT_A_NO: Final = frozenset({Kind.UNKNOWN, Kind.DOUBT, Kind.UNCLEAR, Kind.ASK, Kind.QUESTION_MARK})
_PLAIN_LABELS: Final = frozenset({Label.LOAN, Label.ACCOUNT})
_THINKING: Final = frozenset({"hm", "hmm", "mm", "eh"})
_ENDINGS: Final = frozenset({Intent.CANCEL, Intent.GOODBYE})

_Value = TypeVar("_Value", str, int, Method)


def hear(text: str, expecting: Slot | None, loan_digits: Collection[int]) -> Heard:
    """See `mortgage_fsm.spoken.hear`."""
    turn = turn_of(read(text))
    if not turn.sentences:
        return Heard()
    alone = wants.said_alone(turn, expecting)
    if alone is not None:
        return Heard(intents=frozenset({alone}), complete=True)
    written = written_numbers(text) if expecting is Slot.LAST_FOUR else ()  # read there alone
    numbers = values(turn, expecting, loan_digits, written)
    intents = wants.intents(turn, expecting)
    if numbers.is_card:
        intents |= {Intent.NOT_OFFERED}
    if numbers.is_left_over and Intent.LOAN_FACT in intents:
        intents = intents - {Intent.LOAN_FACT} | {Intent.QUESTION}  # of which loan is not certain
    doubtful = numbers.is_left_over or is_doubtful(turn)
    not_offered = Intent.NOT_OFFERED in intents
    heard = Heard(
        loan=None if doubtful else _only(numbers.loans),
        last_four=None if doubtful else _only(numbers.last_fours),
        amount=None if doubtful or not_offered else _amount(numbers, wants.wish(turn, expecting)),
        method=None if doubtful or not_offered else _method(turn, expecting),
        assent=_assent(turn, doubtful=doubtful),
        loan_fact=None if numbers.is_left_over else wants.fact(turn),
        intents=intents,
        reason=reason(text),
    )
    if heard.method is Method.AUTOPAY and expecting is None:
        heard = replace(heard, intents=heard.intents | {Intent.PAY})  # "set up autopay" is what this line is for
    lost = not not_offered and (doubtful or _is_lost(turn, heard, numbers))
    if heard.loan is None and heard.last_four is None and heard.amount is None and not intents:
        heard = replace(heard, piece=piece(turn, expecting, loan_digits))
    return replace(heard, complete=_is_complete(turn, heard) and not (lost and turn.kinds & VALUED))


def digits(text: str) -> str | None:
    """See `mortgage_fsm.spoken.digits`."""
    turn = turn_of(read(text))
    figures = [figure for sentence in turn.sentences for item in sentence.items for figure in item.figures]
    kinds = turn.kinds
    asked = any(sentence.is_asked for sentence in turn.sentences)
    if len(figures) != 1 or asked or Kind.UNKNOWN in kinds or is_doubtful(turn):
        return None
    said = figures[0].digits
    return said.text if said else None


def _only(found: set[_Value]) -> _Value | None:
    return next(iter(found)) if len(found) == 1 else None


def _amount(numbers: Values, wish: Wish | None) -> int | Wish | None:
    """Either a figure or the wish for what is due; both together are two amounts."""
    if wish is not None:
        return None if numbers.amounts else wish
    return _only(numbers.amounts)


def _method(turn: Turn, expecting: Slot | None) -> Method | None:
    named: set[Method] = set()
    for sentence in turn.sentences:
        for at, item in enumerate(sentence.items):
            if isinstance(item.meaning.value, Method):
                if not stands_as_method(sentence.items, at, asked_for=expecting is Slot.METHOD):
                    return None
                if sentence.is_asked or Kind.UNKNOWN in sentence.kinds or _names_a_person_or_number(sentence):
                    return None
                named.add(item.meaning.value)
    return _only(named)


def _names_a_person_or_number(sentence: Sentence) -> bool:
    """As in "my wife's debit card", "bank routing number": not our way to pay, or not only that."""
    return any(item.kind is Kind.LABEL and item.meaning.value not in _PLAIN_LABELS for item in sentence.items)


def _assent(turn: Turn, *, doubtful: bool) -> bool | None:
    kinds = turn.kinds - _SILENT
    if Kind.NO in kinds and (kinds & _NOT_A_NO or (doubtful and kinds & VALUED)):
        return None  # "500, no, 600" takes back a value; it does not answer the question
    return judged(kinds, cut_off=turn.trails_off or _wavers(turn))


def _wavers(turn: Turn) -> bool:
    """As in "uh huh, hmm": who is still thinking after the yes has not said it."""
    said = [item for sentence in turn.sentences for item in sentence.items if item.kind not in _SILENT]
    return len(said) > 1 and said[-1].text in _THINKING


def _is_lost(turn: Turn, heard: Heard, numbers: Values) -> bool:
    """Whether something that looked like a value did not become one."""
    kinds = turn.kinds
    several = max(len(numbers.loans), len(numbers.last_fours), len(numbers.amounts)) > 1
    return (
        several
        or (Kind.METHOD in kinds and heard.method is None)
        or ((Kind.WISH in kinds or bool(numbers.amounts)) and heard.amount is None)
    )


def _is_complete(turn: Turn, heard: Heard) -> bool:
    """Whether every word is accounted for and the parts do not contradict each other."""
    kinds = turn.kinds
    excused = {Kind.NOT_KNOWN, Kind.UNCLEAR} if Intent.NO_LOAN_NUMBER in heard.intents else set()
    has_value = any(value is not None for value in (heard.loan, heard.last_four, heard.amount, heard.method))
    acts = has_value or Intent.PAY in heard.intents
    return (
        (has_value or heard.assent is not None or bool(heard.intents))
        and not kinds & (_UNACCOUNTED - excused)
        and Intent.QUESTION not in heard.intents
        and not (Kind.NO in kinds and kinds & {Kind.YES, Kind.WEAK_YES})
        and not (acts and heard.intents & _ENDINGS)
        and not turn.trails_off
        and all(_is_whole(sentence, heard) for sentence in turn.sentences)
    )


def _is_whole(sentence: Sentence, heard: Heard) -> bool:
    """Whether no request, action or name of a number is left hanging in the sentence."""
    for at, item in enumerate(sentence.items):
        if item.kind in (Kind.REQUEST, Kind.MODAL) and not sentence.leads_to_a_wish(at):
            return False
        if item.kind is Kind.ACTION and not sentence.is_action(at):
            return False
        named = item.kind is Kind.LABEL and item.meaning.value not in _PLAIN_LABELS
        if named and heard.last_four is None and Intent.NOT_OFFERED not in heard.intents:
            return False
    return True
