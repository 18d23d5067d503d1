"""Every way in which callers and recognisers write the same private number; leak tests look for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    LOAN = "loan"
    LAST_FOUR = "last four"
    SSN = "full SSN"
    CARD = "card"
    CVV = "CVV"
    ROUTING = "routing"
    ACCOUNT = "account"
    PHONE = "phone"
    AMOUNT = "amount"


CANARIES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.LOAN: "10004471",
        Kind.LAST_FOUR: "2190",
        Kind.SSN: "912345678",
        Kind.CARD: "4111111111111111",
        Kind.CVV: "737",
        Kind.ROUTING: "021000021",
        Kind.ACCOUNT: "000123456789",
        Kind.PHONE: "5550142368",
        Kind.AMOUNT: "145025",
    }
)
"""One synthetic number of each kind; the amount in cents."""

WORDS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SOUNDS: Final = {"1": "won", "2": "too", "4": "for", "8": "ate"}


def words(digits: str) -> str:
    return " ".join(WORDS[int(digit)] for digit in digits)


def oh_words(digits: str) -> str:
    return words(digits).replace("zero", "oh")


def pair_words(digits: str) -> str:
    """ "twenty one ninety"; an odd digit at the end stands alone."""
    return " ".join(_pair(digits[start : start + 2]) for start in range(0, len(digits), 2))


def _pair(pair: str) -> str:
    if len(pair) == 1 or pair[0] == "0":
        return oh_words(pair)
    return below_hundred(int(pair))


def below_hundred(value: int) -> str:
    if value < 10:
        return WORDS[value]
    if value < 20:
        return _TEENS[value - 10]
    return _TENS[value // 10] + (f" {WORDS[value % 10]}" if value % 10 else "")


def multiples(digits: str) -> str:
    """ "one triple zero double four seven one"."""
    said: list[str] = []
    start = 0
    while start < len(digits):
        run = 1
        while run < 3 and start + run < len(digits) and digits[start + run] == digits[start]:
            run += 1
        word = WORDS[int(digits[start])]
        said.append({1: word, 2: f"double {word}", 3: f"triple {word}"}[run])
        start += run
    return " ".join(said)


def chunks(digits: str, size: int, between: str) -> str:
    return between.join(digits[start : start + size] for start in range(0, len(digits), size))


def mixed(digits: str) -> str:
    return " ".join(digit if at % 2 else WORDS[int(digit)] for at, digit in enumerate(digits))


def sounds(digits: str) -> str:
    """Homophones inside, plain words at both ends."""
    inner = [_SOUNDS.get(digit, WORDS[int(digit)]) for digit in digits]
    inner[0], inner[-1] = WORDS[int(digits[0])], WORDS[int(digits[-1])]
    return " ".join(inner)


PLAIN: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "written": str,
        "spaced": " ".join,
        "hyphenated": "-".join,
        "commas": ", ".join,
        "full stops": lambda digits: ". ".join(digits) + ".",
        "words": words,
        "words and oh": oh_words,
        "in fours": lambda digits: chunks(digits, 4, " "),
        "fillers": lambda digits: " uh ".join(WORDS[int(digit)] for digit in digits),
        "pauses": lambda digits: " ... ".join(WORDS[int(digit)] for digit in digits),
        "multiples": multiples,
        "mixed": mixed,
    }
)
"""The ways that are read back exactly, when the number is asked for (an "oh" that could be an exclamation apart)."""

DIGITS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        **PLAIN,
        "in twos": lambda digits: chunks(digits, 2, " "),
        "in threes, hyphenated": lambda digits: chunks(digits, 3, "-"),
        "in pairs of words": pair_words,
        "capitals": lambda digits: words(digits).upper(),
        "hyphenated words": lambda digits: words(digits).replace(" ", "-"),
        "commas, no spaces": ",".join,
        "thousands commas": lambda digits: f"{int(digits):,}" if digits[0] != "0" else ",".join(digits),
        "full width": lambda digits: digits.translate({48 + at: chr(0xFF10 + at) for at in range(10)}),
        "Arabic-Indic": lambda digits: digits.translate({48 + at: chr(0x0660 + at) for at in range(10)}),
        "mathematical": lambda digits: digits.translate({48 + at: chr(0x1D7CE + at) for at in range(10)}),
        "zero-width spaces": "\u200b".join,
        "keycaps": lambda digits: "".join(f"{digit}\ufe0f\u20e3" for digit in digits),
        "underscores": "_".join,
        "slashes": "/".join,
        "sounds": sounds,
        "many fillers": lambda digits: " um like uh you know ".join(WORDS[int(digit)] for digit in digits),
        "lines": "\n".join,
        "brackets": lambda digits: "".join(f"({digit})" for digit in digits),
    }
)


def whole(value: int) -> str:
    """ "one thousand four hundred fifty"."""
    said = []
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if value >= size:
            said += [whole(value // size), name]
            value %= size
    return " ".join([*said, below_hundred(value)] if value or not said else said)


def hundreds(dollars: int) -> str | None:
    """ "fourteen hundred fifty", where people say it so."""
    if 1_100 <= dollars < 10_000 and dollars // 100 % 10:
        rest = f" {below_hundred(dollars % 100)}" if dollars % 100 else ""
        return f"{below_hundred(dollars // 100)} hundred{rest}"
    return None


def amounts(cents: int) -> dict[str, str]:
    """Every common way to say an amount; each reads back as itself where an amount is asked for."""
    dollars, rest = divmod(cents, 100)
    written = f"{dollars}.{rest:02}" if rest else str(dollars)
    grouped = f"{dollars:,}.{rest:02}" if rest else f"{dollars:,}"
    found = {
        "sign": f"${written}",
        "sign and commas": f"${grouped}",
        "sign and space": f"$ {grouped}",
        "sign and cents": f"${dollars:,}.{rest:02}",
        "filler": f"uh ${grouped} please",
        "full width": grouped.translate({0x21 + at: chr(0xFF01 + at) for at in range(94)}),
    }
    if dollars < 10:
        del found["full width"]  # a bare single digit is not taken for an amount
    else:
        found |= {"written": written, "commas": grouped, "make it": f"make it {grouped}"}
    if dollars:
        found |= {
            "dollars": f"{grouped} dollars",
            "bucks": f"{written} bucks",
            "let's do": f"let's do ${grouped}",
            "written cents": f"{dollars} dollars and {rest} cents" if rest else f"{dollars} dollars even",
        }
        ending = f" and {below_hundred(rest)} cents" if rest else ""
        spelt = f"{whole(dollars)} dollar{'s' * (dollars > 1)}{ending}"
        found |= {
            "words": spelt,
            "capitals": spelt.upper(),
            "hyphenated words": spelt.replace("ty ", "ty-")
            .replace("-hundred", " hundred")
            .replace("-thousand", " thousand")
            .replace("-dollar", " dollar")
            .replace("-cents", " cents"),
            "words, no and": spelt.replace(" and ", " "),
        }
        styled = hundreds(dollars)
        if styled:
            found["hundreds"] = f"{styled} dollars{ending}"
    else:
        found["words"] = f"{below_hundred(rest)} cents"
    return found


def renderings(kind: Kind, number: str) -> dict[str, str]:
    """At least 15 named renderings of a number; an AMOUNT is given in cents."""
    if kind is Kind.AMOUNT:
        return amounts(int(number))
    return {name: render(number) for name, render in DIGITS.items()}
