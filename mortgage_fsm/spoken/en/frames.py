"""The little words that may stand around a bare number or a way to pay: "500 off" is no answer to "how much?"."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Final

from mortgage_fsm.heard import Intent
from mortgage_fsm.spoken.en.phrases import Kind, Label, Meaning
from mortgage_fsm.spoken.en.reading import Item

_SKIPPED: Final = frozenset({Kind.FILLER, Kind.PAUSE})
_LITTLE: Final = frozenset({Kind.LINK, Kind.OPENING})
_ANSWERING: Final = frozenset({Kind.YES, Kind.WEAK_YES, Kind.NO, Kind.THANKS, Kind.CORRECTION})
_PAYING: Final = frozenset({Kind.ACTION, Kind.CUE})
_BESIDE: Final = frozenset({Kind.METHOD, Kind.LABEL, Kind.NUMBER, Kind.NOT_KNOWN})
_GOING_ON: Final = frozenset({Kind.REQUEST, Kind.ACTION, Kind.CUE, Kind.METHOD, Kind.LABEL, Kind.NUMBER, Kind.INTENT})
_GREETING: Final = Meaning(Kind.INTENT, Intent.GREETING)

_IS: Final = ("it is", "that is", "it would be", "that would be", "it will be", "that will be", "it should be")
_SO: Final = ("so", "okay so", "all right so", "alright so", "yeah so", "yes so", "then")
_JUST: Final = ("just", "only")
_FIRST: Final = frozenset(
    {
        "",
        *_SO,
        *_JUST,
        *_IS,
        *(f"{so} {it}" for so, it in product(_SO, _IS)),
        *(f"{it} {just}" for it, just in product(_IS, _JUST)),
    }
)
"""What may stand before an answer in figures."""
_AMOUNT_FIRST: Final = frozenset(
    {
        "the amount is",
        "my amount is",
        "amount",
        "the amount",
        "for",
        "the total is",
        "the amount would be",
        "a",
        "make a",
    }
)
DIGITS_FIRST: Final = _FIRST | frozenset(
    {
        "the number is",
        "my number is",
        "the digits are",
        "the number are",
        "those are",
        "these are",
        "they are",
        "number",
    }
)
"""What may stand before digits that are read out."""
AND_THEN: Final = frozenset({"and", "and then", "then"})
"""What may stand before the next of them."""
_AFTER_PAYING: Final = frozenset(
    {
        "",
        "of",
        "just",
        "only",
        "for",
        "the amount of",
        "for the amount of",
        "amount of",
        "in the amount of",
        "for just",
        "of just",
        "a",
    }
)
_AFTER_ANOTHER_VALUE: Final = frozenset(
    {"", "and", "for", "of", "and it is", "and the amount is", "the amount is", "and for"}
)
_TO_A_LOAN: Final = frozenset(
    " ".join(filter(None, words))
    for words in product(("on", "toward", "towards", "to", "for", "against"), ("", "my", "the", "our", "this", "that"))
)
_FROM_A_METHOD: Final = frozenset(
    " ".join(filter(None, words))
    for words in product(
        ("", "and", "and use", "use"),
        ("from", "with", "by", "via", "using", "through", "on", "out of", ""),
        ("", "my", "the", "a", "our"),
    )
)
_LAST: Final = frozenset({"", "instead", "even", "flat", "then"})
_BEFORE_A_METHOD: Final = frozenset(
    {
        "my", "the", "a", "an", "our", "from", "with", "by", "via", "using", "through", "on", "out",
        "of", "use", "it", "is", "that", "would", "be", "will", "should", "and", "so", "then", "do",
    }
)  # fmt: skip

_FOR_A_METHOD: Final = frozenset({"for", "for my", "for the"})
"""What a recogniser makes of "from my", where nothing else is said and the question was how to pay."""
_STATING: Final = frozenset({"is", "are", "will", "would", "do", "does"})
_POSSESSIVE: Final = frozenset({"", "my", "the", "on my", "on the", "our"})


def stands_as_amount(items: Sequence[Item], position: int) -> bool:
    """Whether the bare figure there is framed as what the caller wants to pay."""
    before, stop = _little_words_before(items, position)
    after, following = _little_words_after(items, position)
    if after.startswith("payment") and before in ("a", "make a"):
        after = after.removeprefix("payment").strip()
    elif before in ("a", "make a"):
        return False
    return _begins_amount(before, stop) and _ends_amount(after, following)


def stands_as_digits(items: Sequence[Item], position: int) -> bool:
    """Whether the bare figure there is the whole of what is said."""
    before, stop = _little_words_before(items, position)
    after, following = _little_words_after(items, position)
    repeats = following is not None and following.kind is Kind.NUMBER and after in _FIRST  # "2190, that's 2190"
    begins = _is_beginning(stop) or (stop is not None and stop.kind is Kind.NUMBER)
    return begins and before in DIGITS_FIRST and (repeats or after in _LAST)


def stands_as_method(items: Sequence[Item], position: int, *, asked_for: bool) -> bool:
    """Whether the way to pay there is what the money is taken from. `asked_for`: the question was how to pay."""
    before, stop = _little_words_before(items, position)
    after, following = _little_words_after(items, position)
    said_of = after.partition(" ")[0] in _STATING or (following is None and after not in _LAST)
    counted = following is not None and following.kind is Kind.LABEL and after in _POSSESSIVE  # "checking my account"
    words = set(before.split())
    if asked_for and stop is None and following is None and before in _FOR_A_METHOD:
        return not said_of
    return words <= _BEFORE_A_METHOD and not words >= {"is", "on"} and not said_of and not counted


def _is_beginning(stop: Item | None) -> bool:
    return stop is None or stop.kind in _ANSWERING or stop.meaning == _GREETING


def _begins_amount(before: str, stop: Item | None) -> bool:
    if _is_beginning(stop):
        return before in _FIRST | _AMOUNT_FIRST
    if stop is not None and stop.kind in _PAYING:
        return before in _AFTER_PAYING
    if stop is not None and stop.kind is Kind.REQUEST:
        return before in ("make a", "do a")
    return stop is not None and stop.kind in _BESIDE and before in _AFTER_ANOTHER_VALUE


def _ends_amount(after: str, following: Item | None) -> bool:
    if following is None:
        return after in _LAST
    if following.kind is Kind.METHOD:
        return after in _FROM_A_METHOD
    if following.kind is Kind.LABEL and following.meaning.value in (Label.LOAN, Label.ACCOUNT) and after in _TO_A_LOAN:
        return True
    return after in _LAST or (after == "and" and following.kind in _GOING_ON)


def _little_words_before(items: Sequence[Item], position: int) -> tuple[str, Item | None]:
    words: list[str] = []
    for item in reversed(items[:position]):
        if item.kind in _LITTLE:
            words.append(item.text)
        elif item.kind not in _SKIPPED:
            return " ".join(reversed(words)), item
    return " ".join(reversed(words)), None


def _little_words_after(items: Sequence[Item], position: int) -> tuple[str, Item | None]:
    words: list[str] = []
    for item in items[position + 1 :]:
        if item.kind in _LITTLE:
            words.append(item.text)
        elif item.kind in (Kind.STOP, Kind.QUESTION_MARK):
            break
        elif item.kind not in _SKIPPED:
            return " ".join(words), item
    return " ".join(words), None
