"""The keyed hash under which the last four of an SSN are kept; the digits themselves are kept nowhere."""

from __future__ import annotations

import hmac
import re
from typing import Final

from mortgage_fsm.errors import ConfigurationError

KEY_BYTES = 32
_LAST_FOUR = re.compile(r"[0-9]{4}")


def checked_key(key: bytes) -> bytes:
    """The key itself.

    Raises:
        ConfigurationError: it is shorter than 256 bits. Ten thousand guesses are few: the key is all that hides them.
    """
    if len(key) < KEY_BYTES:
        raise ConfigurationError("The identity key must have at least 32 bytes.")
    return key


def last_four_hash(key: bytes, loan: str, last_four: str) -> str:
    """HMAC-SHA256 over loan and last four, in hex: equal last fours of two loans have nothing in common."""
    return hmac.digest(key, f"last-four:v1:{loan}:{last_four}".encode(), "sha256").hex()


NOTHING_KEPT: Final = "-" * 64
"""In place of the hash for a loan that does not exist: as long as one, and equal to none."""


def matches(key: bytes, loan: str, last_four: str, kept: str) -> bool:
    """Compare in constant time. For a loan that does not exist `kept` is `NOTHING_KEPT`, and the same work is done."""
    same = hmac.compare_digest(last_four_hash(key, loan, last_four), kept)
    well_formed = _LAST_FOUR.fullmatch(last_four) is not None
    return same & well_formed
