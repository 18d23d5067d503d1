"""Money, digits and dates as a voice says them, made by code from exact values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from mortgage_fsm.voice.phrases import Phrases


def money(cents: int) -> str:
    """Integer US cents as "$1,850.00"."""
    return f"${cents // 100:,}.{cents % 100:02d}"


def spelled(digits: str) -> str:
    """Digits one by one, in groups of four: "1 0 0 0, 4 4 7 1"."""
    groups = (digits[start : start + 4] for start in range(0, len(digits), 4))
    return ", ".join(" ".join(group) for group in groups)


def telephone(number: str) -> str:
    """A telephone number in E.164 as it is said: "5 1 0, 5 5 5, 0 1 0 0"; without the country's code in North America."""
    digits = number.removeprefix("+1") if len(number) == len("+15105550100") else number.removeprefix("+")
    last = len(digits) - 4
    groups = [digits[start : min(start + 3, last)] for start in range(0, last, 3)] + [digits[last:]]
    return ", ".join(" ".join(group) for group in groups)


def day(value: date, phrases: Phrases) -> str:
    """A date without its year: "December 1st"."""
    suffixes = phrases.words("part", "ordinal_suffix")
    teen = 10 <= value.day % 100 < 20
    last = value.day % 10
    suffix = suffixes[last] if not teen and last < len(suffixes) else suffixes[0]
    return f"{phrases.words('part', 'months')[value.month - 1]} {value.day}{suffix}"


def either(options: Sequence[str], phrases: Phrases) -> str:
    """Options to choose from: "a", "a or b", "a, b, or c"."""
    if len(options) < 2:
        return "".join(options)
    comma = "," if len(options) > 2 else ""
    return f"{', '.join(options[:-1])}{comma} {phrases.say('part', 'or')} {options[-1]}"
