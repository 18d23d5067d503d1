"""The figures in what was said, whoever wrote it down: "$50", "50 dollars" and "fifty dollars" are one and the same."""

from __future__ import annotations

import re
from typing import NamedTuple

from mortgage_fsm.spoken import amount, digits
from mortgage_fsm.spoken.en.figures import CENTS, DOLLARS, SCALES, TEENS, TENS, UNITS

_MONEY = DOLLARS | CENTS
_WORDS = {*UNITS, *TEENS, *TENS, *SCALES, *_MONEY, "and"}
_TOKEN = re.compile(r"\$?[0-9][0-9,.]*[0-9]|\$?[0-9]|[a-z]+|[^\w\s]")


class Figures(NamedTuple):
    """What a sentence names."""

    cents: frozenset[int]
    digits: frozenset[str]
    """Strings of four digits and more."""


def figures(text: str) -> Figures:
    """All amounts and strings of digits that our own hearing finds in a text, each of them read by itself."""
    runs = [run.strip().removeprefix("and ").removesuffix(" and") for run in _runs(text.lower())]
    money = {run for run in runs if "$" in run or "." in run or _MONEY & set(run.split())}
    strings = {digits(run) for run in runs if run not in money}
    return Figures(
        frozenset(each for run in money if isinstance(each := amount(run), int)),
        frozenset(each for each in strings if each is not None and len(each) >= 4),
    )


def _runs(text: str) -> list[str]:
    """Stretches of number words and numerals; a comma or a hyphen in one of them parts nothing."""
    runs = [""]
    for token in _TOKEN.findall(text.replace("'", "")):
        if token in _WORDS or token[-1].isdigit():
            runs[-1] += f"{token} "
        elif token not in ",-" and runs[-1]:
            runs.append("")
    return [run for run in runs if run.strip()]
