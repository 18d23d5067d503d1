"""The gate before a model's words: nothing is spoken in advising that the passages found do not bear out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 700
"""Characters of an answer that a caller can bear to listen to; what is longer was not asked for."""

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_STATED = """
zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion half
quarter third fourth fifth sixth seventh eighth ninth tenth twice double triple percent january february march
april june july august september october november december monday tuesday wednesday thursday friday saturday
sunday tomorrow yesterday
"""
_NUMBER_WORDS = frozenset(_STATED.split())
"""Words that state a figure or a date. Left out as too common to mean one: one, once, first, second, may, today."""
_WORD = re.compile(r"[a-z]+")
_STEM = 5
"""Letters by which two forms of a word are taken for one; what is shorter says little."""
_MARKUP = re.compile(r"[<>{}\[\]*_#`|\\]|https?:|www\.")

_DONE = "submit|process|schedul|cancel|refund|waiv|approv|verif|confirm|transfer|receiv|tak|took|set up|book|post|charg"
_OURS = "payment|loan|mortgage|account|balance|identity|application|card|bank|escrow"
_STANDS = "is|was|has|have|had|will|went|are|were|got|of|stands"
_CALLER_IS = (
    "paid|verified|approved|confirmed|eligible|qualified|behind|current|late|past due|delinquent|enrolled|identified"
)
_CLAIMS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(i|we)('ve| have| had|'ll| will| can| just)? ({_DONE})\w*",
        rf"\byour ({_OURS})( \w+)? ({_STANDS})\b",
        rf"\byou('ve| have| are|'re| were)( \w+)? ({_CALLER_IS})\b",
        r"\b(you owe|you are due|confirmation number)\b",
        r"\bpayment (is|was|has been) (made|complete|successful|submitted)\b",
        r"\b(social security number|ssn|card number|cvv|account number|routing number)\b",
    )
)
"""Statements about this caller, this loan or a payment: never a model's to make."""


def passes(answer: str, passages: Iterable[str]) -> bool:
    """Whether an answer may be spoken: its figures and its matter stand in the passages, and it claims nothing more."""
    text = _plain(answer)
    if not text or len(answer) > LONGEST or _MARKUP.search(text):
        return False
    if any(claim.search(text) for claim in _CLAIMS):
        return False
    source = _plain(" ".join(passages))
    return _figures(text) <= _figures(source) and _words(text) <= _words(source) and _is_drawn_from(source, text)


def _is_drawn_from(source: str, text: str) -> bool:
    """Whether at least half of what an answer speaks of is spoken of in the passages: "I think so" is of no use."""
    said, found = _stems(text), set(_stems(source))
    return bool(said) and 2 * sum(stem in found for stem in said) >= len(said)


def _stems(text: str) -> list[str]:
    return [word[:_STEM] for word in _WORD.findall(text) if len(word) >= _STEM]


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return " ".join(folded.split())


def _figures(text: str) -> set[str]:
    return {figure.replace(",", "").rstrip(".") for figure in _FIGURE.findall(text)} | (
        {"%"} if "%" in text or "percent" in text else set()
    )


def _words(text: str) -> set[str]:
    words = set(_WORD.findall(text))
    return (words & _NUMBER_WORDS) - {"percent"}
