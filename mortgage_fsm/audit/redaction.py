"""References: keyed hashes that stand for a value where the value itself must never be."""

from __future__ import annotations

import base64
import hmac

from mortgage_fsm.audit import patterns
from mortgage_fsm.errors import ConfigurationError

KEY_BYTES = 32
_LENGTH = 26  # 130 bits
_BYTES = 20  # these are in the first 17, and base32 takes five at a time


class References:
    """Makes references with one key. Unkeyed hashes of numbers this short can be reversed in minutes; these cannot.

    There is none for the last four of an SSN: of ten thousand values, equality alone tells too much.

    Args:
        key: at least 32 bytes; whoever has it can find a call by its loan number.
        key_id: its name, on every record.

    Raises:
        ConfigurationError: the key is too short, or its name has another form than `k1` or `2026-a`.
    """

    def __init__(self, key: bytes, key_id: str) -> None:
        if len(key) < KEY_BYTES:
            raise ConfigurationError("The key for references must have at least 32 bytes.")
        if not patterns.NAME(key_id):
            raise ConfigurationError("The name of the key for references must begin with a letter, in lower case.")
        self._key = key
        self.key_id = key_id

    def loan_ref(self, loan: str) -> str:
        """Stands for a loan number (digits only), in logs, records, lists and the counting of attempts."""
        return self._reference("loan:v1", loan)

    def caller_ref(self, number: str) -> str:
        """Stands for the telephone number that a caller calls from, in the counting of guesses."""
        return self._reference("caller:v1", number)

    def room_ref(self, room: str, caller: str) -> str:
        """Stands for a room and the caller in it, where the call that is going on there is looked for."""
        return self._reference("room:v1", room, caller)

    def words_ref(self, call: str, turn: int, words: str) -> str:
        """Stands for a caller's words in one turn: whoever holds the recording can check it, nobody can read it.

        Where the answer to the turn before was cut off, its words may stand in front of them, and a space between.
        """
        return self._reference("words:v1", call, str(turn), words)

    def payment_digest(self, call: str, loan: str, amount: int | str, method: str, instrument_token: str) -> str:
        """Stands for what is read back, confirmed and submitted: equal exactly when all of it is.

        `amount` is in US cents, or the name of a wish.
        """
        return self._reference("payment:v1", call, loan, str(amount), method, instrument_token)

    def _reference(self, *parts: str) -> str:
        # Each part with its length before it: no two lists of parts give the same bytes.
        message = b"".join([b"%d:%s" % (len(each), each) for each in [part.encode() for part in parts]])
        return base64.b32encode(hmac.digest(self._key, message, "sha256")[:_BYTES])[:_LENGTH].decode("ascii")
