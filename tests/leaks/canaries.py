"""What must not come out: ten kinds of private facts, each in at least fifteen renderings, and sentences to say them in."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from tests.spoken.renderings import CANARIES, Kind, renderings

NAME: Final = "name"
_NAME = "Zephyrine Quillfeather"

SENTENCES: Final[Mapping[str, str]] = {
    Kind.LOAN: "so about that thing, the loan is {}",
    Kind.LAST_FOUR: "well my social ends in {}, if that is what you people want",
    Kind.SSN: "look, my whole social security number is {}, okay, whatever helps",
    Kind.CARD: "can I just read you my card, it's {}, never mind the rest",
    Kind.CVV: "and the code on the back of the card is {}, if it matters",
    Kind.ROUTING: "the routing number of my bank is {}, as far as I know",
    Kind.ACCOUNT: "my account number at the bank is {}, I suppose that helps",
    Kind.PHONE: "you can call me back at {} any time you like",
    Kind.AMOUNT: "I was thinking of {} or so, my wife would rather not",
    NAME: "this is {} by the way, hello",
}


def _names() -> dict[str, str]:
    first, last = _NAME.split()
    return {
        "whole": _NAME,
        "first": first,
        "last": last,
        "turned": f"{last}, {first}",
        "capitals": _NAME.upper(),
        "small": _NAME.lower(),
        "first, capitals": first.upper(),
        "last, capitals": last.upper(),
        "first, small": first.lower(),
        "last, small": last.lower(),
        "joined": f"{first}{last}",
        "hyphenated": f"{first}-{last}",
        "underscores": f"{first}_{last}",
        "spelt": " ".join(last.upper()),
        "spelt with full stops": ".".join(last.upper()),
        "spelt with hyphens": "-".join(first.upper()),
        "mail": f"{first}.{last}@mail.example".lower(),
    }


def said(kind: str) -> dict[str, str]:
    """Every rendering of the canary of this kind, by name: at least fifteen."""
    return _names() if kind == NAME else renderings(Kind(kind), CANARIES[Kind(kind)])


KINDS: Final = tuple(SENTENCES)

_MEANINGLESS: Final = (
    r"\d{4}-\d{2}-\d{2}T[\d:.]+Z?",  # moments
    r"\b[0-9a-f]{32,64}\b",  # random ids and hashes
    r"\b[A-Z2-7]{26}\b",  # keyed references
    r"\b[\w.]+\.py[:\"',\s]+\w*\D{0,9}\d+",  # lines of code
    r"\b\d+\.\d{5,}\b",  # durations in seconds
    r"\b[A-Za-z]+_[0-9a-f]{12}\b",  # LiveKit's own ids
)
"""Forms that hold digits by chance, and none of which a caller could fill."""
_STRIPPED: Final = re.compile("|".join(_MEANINGLESS))


def found(kind: str, text: str) -> Iterator[str]:
    """The names of the renderings of this kind's canary that stand in a text, escaped as JSON or HTML or not."""
    searched = _searched(text)
    for name, rendered in said(kind).items():
        wanted = rendered.casefold()
        # A short number inside a longer one, or inside a word, is another number.
        pattern = re.compile(rf"(?<![\w.]){re.escape(wanted)}(?!\w)")
        # First by the text alone: that is a hundred times as fast.
        if any(wanted in each and pattern.search(each) for each in searched):
            yield name


@lru_cache(maxsize=1)
def _searched(text: str) -> tuple[str, ...]:
    texts = {text, html.unescape(text), _unescaped(text)}
    return tuple(_STRIPPED.sub(" ", each).casefold() for each in texts)


def _unescaped(text: str) -> str:
    r"""The text with `\u0041`, `\n` and the like read, as far as it goes."""
    return re.sub(r"\\(?:u[0-9a-fA-F]{4}|[nrt\"\\/])", lambda match: str(json.loads(f'"{match[0]}"')), text)
