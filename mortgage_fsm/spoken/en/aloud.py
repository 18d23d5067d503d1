"""How a voice is to read figures out: money in words, numbers of accounts and confirmations character by character.

What a sentence says does not change by it, only how it is written: a voice that gets "$1,206.40" or "ending 6021" reads
it in its own way, and "sixty twenty-one" is not what stands on anybody's card.
"""

from __future__ import annotations

import re
from typing import Final

from mortgage_fsm.spoken.en.figures import TEENS, TENS, UNITS

_CENTS_IN_A_DOLLAR: Final = 100
_WORD_OF: Final = {value: word for words in (TENS, TEENS, UNITS) for word, value in reversed(words.items())}
_SCALES: Final = ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred"))
_DIGITS_OF_A_DOLLAR_AMOUNT: Final = 9
_GROUP: Final = 4
"""Characters that are read in one breath."""

_MONEY: Final = re.compile(
    r"(?<![\w$])\$(?P<dollars>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<cents>[0-9]{2}))?"
    r"(?![\w$]|[.,][0-9]| (?:hundred|thousand|million|billion|trillion)\b)"
)
_ENDING: Final = re.compile(r"\b(?P<before>ending (?:in )?)(?P<digits>[0-9]{2,4})(?![\w%/-]|[.,][0-9])")
_ONE_BY_ONE: Final = re.compile(r"(?<![\w.,$-])[0-9](?:,? [0-9]){2,}(?![\w%-]|[.,][0-9])")
_NUMBER: Final = re.compile(r"(?<![\w.,$/-])[0-9]{6,}(?![\w%/-]|[.,][0-9])")
_CODE: Final = re.compile(r"(?<![\w.,$/-])[A-Z0-9]+(?:-[A-Z0-9]+)*(?![\w%/]|[.,-]\w)")
_SWITCH: Final = re.compile(r"(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Z])")


def aloud(text: str) -> str:
    """The text with its figures as they are to be spoken; what is no amount, ending, number or code stays as it is."""
    text = _MONEY.sub(_money, text)
    text = _ENDING.sub(lambda found: found["before"] + _one_by_one(found["digits"]), text)
    text = _ONE_BY_ONE.sub(lambda found: _digits(found.group()), text)
    text = _NUMBER.sub(lambda found: _one_by_one(found.group()), text)
    return _CODE.sub(_code, text)


def _money(found: re.Match[str]) -> str:
    figures = found["dollars"].replace(",", "")
    if len(figures) > _DIGITS_OF_A_DOLLAR_AMOUNT:
        return found.group()
    dollars, cents = int(figures), int(found["cents"] or 0)
    parts = [_counted(dollars, "dollar")] if dollars or not cents else []
    return " and ".join([*parts, _counted(cents, "cent")] if cents else parts)


def _counted(count: int, unit: str) -> str:
    return f"{_cardinal(count)} {unit}{'' if count == 1 else 's'}"


def _cardinal(number: int) -> str:
    for scale, name in _SCALES:
        if number >= scale:
            over, rest = divmod(number, scale)
            return f"{_cardinal(over)} {name}" + (f" {_cardinal(rest)}" if rest else "")
    if number in _WORD_OF:
        return _WORD_OF[number]
    return f"{_WORD_OF[number - number % 10]} {_WORD_OF[number % 10]}"


def _code(found: re.Match[str]) -> str:
    """A confirmation number: one of its parts goes back and forth between letters and digits, which no word does."""
    parts = found.group().split("-")
    if not any(len(_SWITCH.findall(part)) > 1 for part in parts):
        return found.group()
    return ", ".join(_one_by_one(part) for part in parts)


def _one_by_one(characters: str) -> str:
    """In groups, with a pause between two."""
    groups = (characters[start : start + _GROUP] for start in range(0, len(characters), _GROUP))
    return ", ".join(_digits(" ".join(group)) for group in groups)


def _digits(spaced: str) -> str:
    return "".join(_WORD_OF[int(each)] if each.isdigit() else each for each in spaced)
