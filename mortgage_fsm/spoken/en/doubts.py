"""When nothing in a turn can be relied on: hedges, conditions, corrections, negations, and sentences that trail off."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from mortgage_fsm.heard import Intent
from mortgage_fsm.spoken.en.phrases import Kind
from mortgage_fsm.spoken.en.reading import Item
from mortgage_fsm.spoken.en.sentences import Sentence, Turn

VALUED: Final = frozenset({Kind.NUMBER, Kind.METHOD, Kind.WISH})
"""The kinds of item that carry a value."""
_UNRELIABLE: Final = frozenset({Kind.DOUBT, Kind.UNCLEAR})
_TAKES_BACK: Final = frozenset({Kind.CORRECTION, Kind.NO, Kind.WEAK_YES, Kind.NOT_KNOWN})
_BEFORE_AN_ANSWER: Final = frozenset(
    {Kind.FILLER, Kind.PAUSE, Kind.STOP, Kind.YES, Kind.WEAK_YES, Kind.NO, Kind.CORRECTION, Kind.THANKS}
)
_TAGS: Final = frozenset({"correct", "exactly"})
_FORBIDDING: Final = "do not"
_UNWANTED: Final = "i do not want to use"
_SUGGESTING: Final = frozenset({"how about", "what about", "are you sure", "correct me", "huh"})
_POINTING: Final = frozenset({"it", "that", "this"})
_REPLACING: Final = frozenset({Intent.CHANGE_LOAN, Intent.CHANGE_AMOUNT, Intent.CHANGE_METHOD})
_VOIDING: Final = frozenset({Intent.CANCEL, Intent.REPEAT, Intent.GOODBYE})


def is_doubtful(turn: Turn) -> bool:
    """Whether the turn as a whole gives no certain value, whatever its numbers say.

    A question that has no value in it ("what if the rate changes?") throws no doubt on the sentences beside it.
    """
    items = [item for sentence in turn.sentences if not _only_asks(sentence) for item in sentence.items]
    return (
        any(item.kind in _UNRELIABLE or item.meaning.value in _VOIDING for item in items)
        or _is_taken_back(items)
        or any(_puts_in_question(sentence) for sentence in turn.sentences)
        or any(_will_not_use(sentence) for sentence in turn.sentences)
        or any(_has_stray_words(sentence) for sentence in turn.sentences if not _only_asks(sentence))
        or turn.trails_off
    )


def _only_asks(sentence: Sentence) -> bool:
    """As in "What if the rate changes?": a whole question with no value in it, and none about the value beside it."""
    return _is_whole_question(sentence) and Kind.QUESTION_MARK in sentence.kinds and not sentence.kinds & VALUED


def _is_whole_question(sentence: Sentence) -> bool:
    return any(
        item.kind is Kind.FACT
        or (item.kind is Kind.ASK and item.text not in _SUGGESTING)
        or (item.kind is Kind.OPENING and sentence.starts_a_clause(at) and _POINTING.isdisjoint(item.text.split()))
        for at, item in enumerate(sentence.items)
    )


def _puts_in_question(sentence: Sentence) -> bool:
    """As in "Right?", "500?", "is that okay?": asked of the value that was said, in this sentence or another."""
    return Kind.QUESTION_MARK in sentence.kinds and not sentence.is_polite and not _is_whole_question(sentence)


def _is_taken_back(items: Sequence[Item]) -> bool:
    """As in "Five hundred, no": whatever takes back stands behind a value, or a "no" somewhere but at the start."""
    said = answering = False
    for item, following in zip_longest(items, items[1:]):
        if following is not None and _refuses(item, following):
            return True
        if item.kind in VALUED:
            said = True
        if item.kind is Kind.NO and answering:
            return True
        if said and (item.kind in _TAKES_BACK or item.text in _TAGS):
            return True
        answering = answering or item.kind not in _BEFORE_AN_ANSWER
    return False


def _refuses(item: Item, following: Item) -> bool:
    """As in "no autopay", "don't use my bank", "wrong loan 10004471": the value is what is not wanted."""
    if item.kind is Kind.NO:
        return following.kind in VALUED or _FORBIDDING in item.text
    return (
        item.meaning.value in _REPLACING
        and following.kind in VALUED
        and not {"wrong", "not"}.isdisjoint(item.text.split())
    )


def _will_not_use(sentence: Sentence) -> bool:
    """As in "I don't want to use my debit card": whatever is named beside it is what is not wanted."""
    return bool(sentence.kinds & VALUED) and any(item.text.startswith(_UNWANTED) for item in sentence.items)


def _has_stray_words(sentence: Sentence) -> bool:
    """As in "He will pay 500", "500 is it": talk about paying, or a question turned round."""
    return any(
        (item.kind is Kind.ACTION and not sentence.is_action(at) and " " not in item.text)
        or (item.kind is Kind.CUE and not (sentence.is_action(at) or sentence.continues_an_action(at)))
        or (item.kind is Kind.OPENING and " " in item.text and not sentence.starts_a_clause(at))
        for at, item in enumerate(sentence.items)
    )
