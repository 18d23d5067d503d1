"""Hides every number of the caller's from a language model; in doubt it hides, for a hidden word costs only a question.

It works on the text itself, with its own patterns, so that what hearing does not understand is hidden all the same.
Every pattern is possessive or bounded: none goes back over text it has passed, which keeps the time linear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import count
from typing import Final

from mortgage_fsm.spoken.en.figures import (
    CENTS,
    DOLLARS,
    HESITATIONS,
    HOMOPHONES,
    LINKING_HOMOPHONES,
    OTHER_SCALES,
    REPEATS,
    SCALES,
    SHORT_SCALE,
    SPOKEN_DASHES,
    TEENS,
    TENS,
    UNITS,
)


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


MAX_CHARACTERS: Final = 20_000
"""A text longer than this, before or after masking, is hidden whole: no turn and no prompt of ours is so long."""
TOO_LONG: Final = "[too long to show]"
_MANY: Final = 99
"""Above this the count of digits is not told; nobody's number is that long."""
_SHORT_TEXT: Final = 200
"""In a text longer than this a lone "seven" is never the whole answer."""
_SCALE_WORDS: Final = frozenset({*SCALES, *OTHER_SCALES}) - {SHORT_SCALE}
_DIGIT_WORDS: Final = frozenset({*UNITS, *TEENS, *TENS, *REPEATS})
_SOUNDS: Final = HOMOPHONES - LINKING_HOMOPHONES
_FILLERS: Final = (
    HESITATIONS
    | HOMOPHONES
    | SPOKEN_DASHES
    | {
        "then",
        "comma",
        "point",
        "dot",
        "so",
        "like",
        "is",
        "it",
        "its",
        "next",
        "by",
        "the",
        "well",
        "you",
        "know",
        "okay",
        "ok",
    }
)
_FROM: Final = r"(?<![a-z])"
_TO: Final = r"(?![a-z])"
_GAP: Final = r"[^a-z0-9\[\]@]*+"
_WRITTEN: Final = r"(?:\$\ ?+)?+[0-9]++(?:[.,][0-9]++)*+"
_SPELT: Final = rf"{_FROM}{_any(_DIGIT_WORDS | _SCALE_WORDS)}{_TO}"
_PART: Final = rf"(?:{_WRITTEN}|{_SPELT})"
_MONEY: Final = rf"{_FROM}{_any(DOLLARS | CENTS)}{_TO}"
_GLUE: Final = (
    rf"{_GAP}(?:(?:{_FROM}{_any(_FILLERS)}{_TO}|{_MONEY}|{_FROM}and{_TO}(?!\ ?\$)|{_FROM}[a-z]{_TO}){_GAP}){{0,6}}+"
)
_ONE_OR_TWO_WORDS: Final = rf"{_any(_DIGIT_WORDS)}(?:[ -]{_any(UNITS)})?+"
_SPAN: Final = r"(?:business\ )?(?:years?|yrs?|months?|days?|weeks?|hours?|minutes?)"
_AROUND: Final = frozenset(
    [
        "a",
        "account",
        "are",
        "be",
        "digits",
        "it",
        "just",
        "last",
        "loan",
        "mortgage",
        "my",
        "now",
        "number",
        "numbers",
        "of",
        "on",
        "only",
        "please",
        "right",
        "s",
        "security",
        "social",
        "ssn",
        "that",
        "then",
        "these",
        "they",
        "this",
        "those",
        "uh",
        "will",
        "would",
        "yeah",
        "yep",
        "yes",
        "and",
    ]
)
"""Words that say no more than that a number is told."""
_ONLY_FILLER: Final = re.compile(
    rf"{_GAP}(?:{_FROM}(?:(?:last|final)\ (?:four|4)|{_any(_FILLERS | _AROUND)}){_TO}{_GAP})*+", re.IGNORECASE
)

_EMAIL: Final = re.compile(r"(?<![a-z0-9.+_-])[a-z0-9.+_-]++@[a-z0-9.-]++", re.IGNORECASE)
_FOUND: Final = re.compile(
    rf"""
    (?P<kept>
        \[(?:[0-9]{{1,2}}\ digits?|many\ digits|amount\ [0-9]{{1,5}}|id|email)\]
      | (?<![a-z0-9])(?=[filmtacy0-9] | {_ONE_OR_TWO_WORDS})(?:
            (?:form|irs|tax|my|the|a|your)\ 109[89](?![0-9])(?!{_GLUE}{_PART})
          | 109[89](?:-?(?:int|form|c|a|t))?\ (?:forms?|tax|statements?)\b
          | (?:last|final)\ (?:four|4){_TO}(?![0-9])
          | (?:the|tax|calendar)\ year\ (?:19|20)[0-9]{{2}}(?![0-9])(?!{_GLUE}{_PART})
          | [0-9]{{1,3}}(?:\.[0-9]{{1,3}})?+\ ?(?:%|per\ ?cent(?:age)?{_TO})
          | {_ONE_OR_TWO_WORDS}(?:\ point\ {_any(UNITS)})?+\ per\ ?cent(?:age)?{_TO}
          | [0-9]{{1,3}}[ -]?{_SPAN}{_TO}
          | {_ONE_OR_TWO_WORDS}[ -]{_SPAN}{_TO}
          | (?:401|403|203|457)\ ?\(?[kb]\)?{_TO}
          | (?:24/7(?![0-9])|[0-9]{{1,2}}/[0-9]{{1,2}}\ arms?{_TO})
          | [0-9]{{1,2}}(?:st|nd|rd|th){_TO}
        )
    )
  | (?=[a-z0-9$])(?:
        (?P<thousands>(?<![a-z0-9])\$?[0-9]{{1,3}}(?:\.[0-9])?+k{_TO}|{_FROM}{_ONE_OR_TWO_WORDS}\ {SHORT_SCALE}{_TO})
      | (?P<id>(?<![a-z0-9])(?:[a-z]++[0-9]|[0-9]++[a-z])[a-z0-9]*+)
      | (?P<run>
            (?:{_FROM}{_any(_SOUNDS)}{_TO}{_GAP}){{0,3}}+
            {_PART}(?:{_GLUE}{_PART})*+
            (?:{_GAP}{_MONEY})?+(?:{_GAP}{_FROM}{_any(_SOUNDS)}{_TO})*+
        )
    )
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_MONEY_WORDS: Final = DOLLARS | CENTS
_DECIMALS: Final = re.compile(r"\.[0-9]{2}$")
_PARTS: Final = re.compile(rf"{_WRITTEN}|{_FROM}[a-z]++", re.IGNORECASE | re.ASCII)
_LONE: Final = rf"(?<!last )(?<!final )(?:{_FROM}{_any(_DIGIT_WORDS)}{_TO}|(?<![a-z0-9.,/])[0-9]{{1,2}}(?![a-z0-9%/]))"
_MEMBER: Final = rf"(?:\[(?:[0-9]{{1,2}}|many) digits?\]|{_LONE})"
_SCATTERED: Final = re.compile(rf"{_MEMBER}(?:{_GAP}(?:{_FROM}[a-z']++{_GAP})?{_MEMBER})+", re.IGNORECASE | re.ASCII)
_LONE_PART: Final = re.compile(rf"(?P<hidden>\[[^\]]*+\])|{_LONE}", re.IGNORECASE | re.ASCII)
_SCATTERED_DIGITS: Final = 3


def masked(text: str) -> str:
    """See `mortgage_fsm.spoken.masked`."""
    hidden = _hidden(text) if len(text) <= MAX_CHARACTERS else TOO_LONG
    return hidden if len(hidden) <= MAX_CHARACTERS else TOO_LONG


def _hidden(text: str) -> str:
    plain = text if text.isascii() else text.translate({ord(sign): _ascii(sign) for sign in set(text) if sign > "\x7f"})
    if "@" in plain:
        plain = _EMAIL.sub("[email]", plain)
    numbering = count(1)
    return _SCATTERED.sub(_gathered, _FOUND.sub(lambda found: _mask(found, numbering), plain))


def _ascii(sign: str) -> str:
    """The sign with its digits and Latin letters in ASCII; invisible signs vanish, so that they cannot part a number."""
    if unicodedata.category(sign) in ("Cf", "Me") or "\ufe00" <= sign <= "\ufe0f":
        return ""
    digit = unicodedata.digit(sign, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", sign)
    if plain.isascii():
        return plain
    return (
        "".join(part if part.isascii() else "/" for part in plain)
        if any("0" <= part <= "9" for part in plain)
        else sign
    )


def _mask(found: re.Match[str], numbering: count[int]) -> str:
    said = found[0]
    if found.lastgroup == "kept":
        return said
    if found.lastgroup == "thousands":
        return f"[amount {next(numbering)}]"
    if found.lastgroup != "run":
        return f"[{found.lastgroup}]"
    parts = [part.lower() for part in _PARTS.findall(said)]
    if _is_amount(parts):
        return f"[amount {next(numbering)}]"
    if _is_small_count(parts) and not _stands_alone(found):
        return said
    return _told(_length(parts))


def _is_amount(parts: Iterable[str]) -> bool:
    return any(
        part in _SCALE_WORDS or part in _MONEY_WORDS or part[0] == "$" or _DECIMALS.search(part) for part in parts
    )


def _is_small_count(parts: list[str]) -> bool:
    """As in "one", "twenty five", "12": a count of something, not part of a secret."""
    if len(parts) == 1:
        return parts[0] in _DIGIT_WORDS or len(parts[0]) <= 2
    return len(parts) == 2 and parts[0] in TENS and UNITS.get(parts[1], 0) > 0


def _stands_alone(found: re.Match[str]) -> bool:
    """Whether the text is nothing but this number: then it is an answer, perhaps a piece of a longer number."""
    text = found.string
    return (
        len(text) <= _SHORT_TEXT
        and _ONLY_FILLER.fullmatch(text, 0, found.start()) is not None
        and _ONLY_FILLER.fullmatch(text, found.end()) is not None
    )


def _length(parts: Iterable[str]) -> int:
    """How many digits the parts stand for; sounds count as the digit they sound like."""
    total, repeats, after_ten = 0, 1, False
    for part in parts:
        if part in REPEATS:
            repeats = REPEATS[part]
            continue
        if part[0].isdigit():
            said = sum(sign.isdigit() for sign in part)
        elif part in TEENS or part in TENS:
            said = 2
        elif part in UNITS or part in HOMOPHONES:
            said = 0 if after_ten and UNITS.get(part, 0) > 0 else 1
        else:
            continue
        total += said * repeats
        repeats, after_ten = 1, part in TENS
    return total


def _told(length: int) -> str:
    if length > _MANY:
        return "[many digits]"
    return "[1 digit]" if length == 1 else f"[{length} digits]"


def _gathered(found: re.Match[str]) -> str:
    """Lone digits scattered between words, or beside a number already hidden, are read out one by one: hidden as well."""
    members = list(_LONE_PART.finditer(found[0]))
    if len(members) < _SCATTERED_DIGITS and not any(member.lastgroup for member in members):
        return found[0]
    return _LONE_PART.sub(lambda part: part[0] if part.lastgroup else _told(_length([part[0].lower()])), found[0])
