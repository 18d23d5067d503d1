"""The forms a value may have to stand in a record or a log: closed, ASCII, and none that could hold a caller's words.

A rule is a function from a value to whether it may stand. None of them says, or keeps, what it was given. Where a rule
can be written as the pattern of a value's canonical JSON, `json_form` has it: a whole line is then checked at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

Rule = Callable[[object], bool]

_forms: dict[Rule, str] = {}


def json_form(rule: Rule) -> str:
    """The regular expression of what a rule lets through, as it stands in canonical JSON.

    Raises:
        KeyError: the rule has none.
    """
    return _forms[rule]


def with_form(rule: Rule, form: str) -> Rule:
    """The rule itself, from now on with this form."""
    _forms[rule] = form
    return rule


@lru_cache(maxsize=1024)  # identifiers are names in our code: few, and met in every record
def _is_identifier(text: str) -> bool:
    return re.fullmatch(r"[a-z_]{1,40}", text) is not None


def identifier(value: object) -> bool:
    """Whether this is the name of a state, trigger, guard or reason: lower-case letters and underscores, at most 40."""
    return isinstance(value, str) and _is_identifier(value)


with_form(identifier, '"[a-z_]{1,40}"')


def text(pattern: str) -> Rule:
    """A rule for text that is wholly of this form."""
    fullmatch = re.compile(pattern).fullmatch

    def fits(value: object) -> bool:
        return isinstance(value, str) and fullmatch(value) is not None

    return with_form(fits, f'"(?:{pattern})"')


def integer(lowest: int, highest: int) -> Rule:
    """A rule for integers, both ends included. A bool is none."""

    def fits(value: object) -> bool:
        return type(value) is int and lowest <= value <= highest

    digits = len(str(highest))
    if (lowest, highest) == (0, 10**digits - 1):
        with_form(fits, f"(?:0|[1-9][0-9]{{0,{digits - 1}}})")
    return fits


def one_of(members: type[StrEnum]) -> Rule:
    """A rule for the values of an enumeration."""
    values = frozenset(each.value for each in members)

    def fits(value: object) -> bool:
        return isinstance(value, str) and value in values

    return with_form(fits, f'"(?:{"|".join(sorted(values))})"')


def exactly(value: object) -> Rule:
    """A rule for one value."""
    kind = type(value)

    def fits(other: object) -> bool:
        return type(other) is kind and other == value

    return with_form(fits, re.escape(json.dumps(value)))


REF = text(r"[A-Z2-7]{26}")
"""A keyed hash in base32, as `redaction.References` makes them."""

CALL = text(r"[0-9a-f]{32}")
"""A random call id of 128 bits. Never a room name or a SIP Call-ID: those can hold a telephone number."""

HASH = text(r"[0-9a-f]{64}")
TIME = text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
AGENT = text(r"[A-Z][A-Za-z]{1,39}")
NAME = text(r"[a-z][a-z0-9_-]{0,31}")
BUILD = text(r"[A-Za-z0-9][A-Za-z0-9.+_-]{0,39}")
CONFIRMATION = text(r"[A-Za-z]{2}[A-Za-z0-9_-]{4,62}")
HEARING = text(r"[a-z]{2}-[0-9]{1,3}(?::[a-z_]{1,40})?")
"""Language and version of `spoken`, and for a yes which kind: `en-1`, `en-1:plain_yes`."""
