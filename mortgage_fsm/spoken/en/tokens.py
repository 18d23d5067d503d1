"""Cuts a caller's turn into words, figures and marks; whatever else stands there is a token that nothing accounts for."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from typing import Final, NamedTuple

MAX_CHARACTERS: Final = 1_000
"""A longer turn is not a caller answering a question: nothing is heard from it."""


class Shape(IntEnum):
    """What a token looks like, before any meaning."""

    WORD = auto()
    FIGURE = auto()
    """Digits, with any commas and points between them: "1,450.25"."""
    BLEND = auto()
    """Letters and digits in one: "401k", "1st", "ab1234"."""
    MARK = auto()
    """One of , . ! ? ; : - / $ % # or an ellipsis."""
    STRANGE = auto()
    """Any other character."""


class Token(NamedTuple):
    """One token, lower case; `glued` when nothing stood between it and the one before."""

    shape: Shape
    text: str
    glued: bool = False


_CONTRACTIONS: Final = {
    "i'd": ("i", "would"), "i'm": ("i", "am"), "im": ("i", "am"), "i'll": ("i", "will"), "i've": ("i", "have"),
    "it's": ("it", "is"), "it'll": ("it", "will"), "that's": ("that", "is"), "thats": ("that", "is"),
    "that'll": ("that", "will"), "what's": ("what", "is"), "whats": ("what", "is"), "when's": ("when", "is"),
    "how's": ("how", "is"), "where's": ("where", "is"), "who's": ("who", "is"), "why's": ("why", "is"),
    "let's": ("let", "us"), "lets": ("let", "us"), "here's": ("here", "is"), "there's": ("there", "is"),
    "we'd": ("we", "would"), "we're": ("we", "are"), "we'll": ("we", "will"), "you're": ("you", "are"),
    "they're": ("they", "are"), "don't": ("do", "not"), "dont": ("do", "not"), "doesn't": ("does", "not"),
    "didn't": ("did", "not"), "didnt": ("did", "not"), "isn't": ("is", "not"), "isnt": ("is", "not"),
    "aren't": ("are", "not"), "wasn't": ("was", "not"), "weren't": ("were", "not"), "won't": ("will", "not"),
    "wouldn't": ("would", "not"), "can't": ("can", "not"), "cant": ("can", "not"), "cannot": ("can", "not"),
    "couldn't": ("could", "not"), "shouldn't": ("should", "not"), "haven't": ("have", "not"), "hasn't": ("has", "not"),
    "ain't": ("is", "not"), "wanna": ("want", "to"), "gonna": ("going", "to"), "gotta": ("have", "to"),
    "lemme": ("let", "me"), "gimme": ("give", "me"), "whatcha": ("what", "you"), "dunno": ("do", "not", "know"),
    "whatever's": ("whatever", "is"),
    "ma'am": ("maam",), "o'clock": ("oclock",), "y'all": ("you",), "c'mon": ("come", "on"),
}  # fmt: skip

_TOKEN: Final = re.compile(
    r"(?P<blend>[0-9]+(?:[.,][0-9]+)*[a-z]\w*|[a-z]+[0-9]\w*)"
    r"|(?P<word>[a-z]+(?:'[a-z]+)*)"
    r"|(?P<figure>[0-9]+(?:[.,][0-9]+)*)"
    r"|(?P<mark>\.{2,}|[,.!?;:$%#/-])"
    r"|(?P<gap>[ \t\r\n]+)"
    r"|(?P<strange>.)",
    re.DOTALL,
)
_SHAPES: Final = {
    "blend": Shape.BLEND,
    "word": Shape.WORD,
    "figure": Shape.FIGURE,
    "mark": Shape.MARK,
    "strange": Shape.STRANGE,
}
_LOOKALIKES: Final = {
    **{0xFF01 + i: chr(0x21 + i) for i in range(94)},  # full-width forms; other digits (superscripts, ...) stay strange
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc`\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u3000\u00a0\u202f\u2009"), " "),
    0x2026: "...",
}
_HYPHEN_IN_WORDS: Final = re.compile(r"(?<=[a-z])-(?=[a-z])")
_GLUED_HYPHEN: Final = re.compile(r"(?<![a-z0-9])(?:mm|m|mhm)[- ](?:hmm|hm)(?![a-z0-9])")


def tokens(text: str) -> tuple[Token, ...]:
    """The turn's tokens, or none at all for a turn longer than MAX_CHARACTERS."""
    if len(text) > MAX_CHARACTERS:
        return ()
    plain = text.translate(_LOOKALIKES).lower()
    plain = _HYPHEN_IN_WORDS.sub(" ", _GLUED_HYPHEN.sub("mhm", plain))
    found: list[Token] = []
    glued = False
    for match in _TOKEN.finditer(plain):
        kind = match.lastgroup
        if kind == "gap":
            glued = False
            continue
        word = match[0]
        shape = _SHAPES[kind or "strange"]
        if shape is Shape.WORD and word in _CONTRACTIONS:
            found.extend(Token(Shape.WORD, part) for part in _CONTRACTIONS[word])
        else:
            found.append(Token(shape, word, glued))
        glued = True
    return tuple(found)


def written_numbers(text: str) -> frozenset[str]:
    """The digits that were written as one unbroken number each: "10004471", not "1000 4471"."""
    return frozenset(
        token.text for token in tokens(text) if token.shape is Shape.FIGURE and not token.glued and token.text.isdigit()
    )
