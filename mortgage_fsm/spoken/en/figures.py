"""The English words that stand for numbers, and those that only sound like one; data, read by hearing and masking alike."""

from __future__ import annotations

from typing import Final

UNITS: Final = {
    "zero": 0, "nought": 0, "naught": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "niner": 9,
}  # fmt: skip
TEENS: Final = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
SCALES: Final = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000, "k": 1_000}
SHORT_SCALE: Final = "k"
"""As in "two k": a thousand directly after a number in words, anywhere else a letter."""
OTHER_SCALES: Final = frozenset(
    {"billion", "trillion", "dozen", "hundreds", "thousands", "millions", "dozens", "twenties", "fifties"}
)
"""Number words that no value is ever made of; they are read as numbers so that they spoil what they touch."""
REPEATS: Final = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
OH: Final = frozenset({"oh", "o"})
"""Zero, or only an exclamation: a digit where it touches other digits, otherwise a word."""
DOLLARS: Final = frozenset({"dollar", "dollars", "buck", "bucks", "usd"})
CENTS: Final = frozenset({"cent", "cents", "penny", "pennies"})
HOMOPHONES: Final = frozenset({"for", "fore", "to", "too", "won", "ate", "tree", "tu", "wan", "nein", "sex", "sicks"})
"""Words a recogniser writes for digits. Never read as digits; beside a number they spoil it."""
LINKING_HOMOPHONES: Final = frozenset({"for", "to"})
"""Homophones that are also ordinary grammar ("change it to", "for loan number")."""
HESITATIONS: Final = frozenset(
    {"uh", "um", "er", "erm", "uhm", "umm", "uhh", "ah", "ahh", "eh", "hm", "hmm", "mm", "huh"}
)
SPOKEN_DASHES: Final = frozenset({"dash", "hyphen", "space"})
