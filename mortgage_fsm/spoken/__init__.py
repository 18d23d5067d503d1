"""What a caller's words say, and how figures are read out to one: pure, in one language per folder.

A value is None wherever it is not certain: asking again is always right, a wrong value never is. No number-words
library is used: they turn whatever number they find into figures, while what decides here is whether the words around
it leave any doubt ("five hundred, no, six").
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from types import MappingProxyType
from typing import Final, NamedTuple

from mortgage_fsm.heard import Heard, Method, Slot, Wish
from mortgage_fsm.spoken import en


class Language(NamedTuple):
    """What the folder of a language gives; the functions are documented below."""

    version: str
    hear: Callable[[str, Slot | None, Collection[int]], Heard]
    digits: Callable[[str], str | None]
    masked: Callable[[str], str]
    aloud: Callable[[str], str]


VERSION: Final = en.VERSION
"""Short id of the hearing rules; it stands in every audit record, so that a replay knows which rules heard the words."""

LANGUAGES: Final = MappingProxyType({"en": Language(en.VERSION, en.hear, en.digits, en.masked, en.aloud)})
"""Another language is one more folder with these five."""


def hear(
    text: str, expecting: Slot | None = None, *, loan_digits: Collection[int] = (8,), language: str = "en"
) -> Heard:
    """All that one caller turn says for certain.

    Args:
        text: the caller's words as a recogniser or a keyboard wrote them; over 1,000 characters nothing is heard.
        expecting: what the call is waiting for; it settles what a bare number means.
        loan_digits: the lengths that loan numbers have.
        language: a key of LANGUAGES.

    Raises:
        KeyError: no such language.
    """
    return LANGUAGES[language].hear(text, expecting, loan_digits)


def digits(text: str, *, language: str = "en") -> str | None:
    """The one digit string in the text, of any length, or None."""
    return LANGUAGES[language].digits(text)


def amount(text: str, *, language: str = "en") -> int | Wish | None:
    """The answer to "how much?": integer US cents from 1 to 100,000,000, the wish for the amount due, or None."""
    return hear(text, Slot.AMOUNT, language=language).amount


def assent(text: str, *, language: str = "en") -> bool | None:
    """The answer to "is that right?": True for a plain yes and nothing else, False for a plain no, otherwise None."""
    return hear(text, Slot.ASSENT, language=language).assent


def method(text: str, *, language: str = "en") -> Method | None:
    """The answer to "how would you like to pay?": exactly one of our ways, or None."""
    return hear(text, Slot.METHOD, language=language).method


def masked(text: str, *, language: str = "en") -> str:
    """The text as a language model may see it: every number of the caller's replaced by what kind of number it is.

    `masked(masked(x)) == masked(x)`. Figures that everybody knows stay ("form 1098", "80 percent", "30 years"), and
    so do small counts ("one question"). Names and other words are not masked. Takes time linear in the text.
    """
    return LANGUAGES[language].masked(text)


def aloud(text: str, *, language: str = "en") -> str:
    """A sentence of ours as a voice is to get it: amounts in words, account endings and confirmation numbers one by one.

    "$1,206.40" becomes "one thousand two hundred six dollars and forty cents", "ending 6021" becomes "ending six zero
    two one". Everything else stays as it is, and so does all of it where it is shown or kept.
    """
    return LANGUAGES[language].aloud(text)
