"""Counts guesses by caller and in all, so that trying many loans is stopped as well as trying one loan many times.

A guess at the last four is right once in ten thousand times, and three are taken for each loan: without a limit over
all loans, whoever tries enough of them comes in. Counted in hours; the window is the current one and those before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger.schema import guesses

WINDOW_HOURS = 24

IN_ALL = "all"
"""The scope of everyone."""

_ONE_MORE = text(
    "INSERT INTO guesses (scope, hour, made) VALUES (:scope, :hour, 1)"
    " ON CONFLICT (scope, hour) DO UPDATE SET made = guesses.made + 1"
)

_SCOPE = guesses.c.scope == bindparam("of_scope")
_MADE = select(func.sum(guesses.c.made)).where(_SCOPE, guesses.c.hour > bindparam("since"))
_FORGET = delete(guesses).where(guesses.c.hour <= bindparam("since"))
_ONE_LESS = (
    update(guesses)
    .where(_SCOPE, guesses.c.hour == bindparam("in_hour"), guesses.c.made > 0)
    .values(made=guesses.c.made - 1)
)
# Made once: to put a statement together costs as much as to run it.


class TooManyGuessesError(MortgageFsmError):
    """A limit over several loans is reached. Leave the transaction: nothing of it may stay counted.

    `scope` is the one whose limit it is.
    """

    def __init__(self, scope: str) -> None:
        super().__init__("Too many guesses.")
        self.scope = scope


def caller_scope(caller_ref: str) -> str:
    """The scope of one caller, by the keyed hash of their number."""
    return f"caller:{caller_ref}"


async def count_guess(connection: AsyncConnection, limits: Mapping[str, int], now: datetime) -> None:
    """Count one guess in each of these scopes, of which the last is `IN_ALL`.

    The row of a scope is locked by its own counting, so that of two processes the second sees what the first counted.
    Scopes are always counted in the same order: two processes never wait for each other.

    Raises:
        TooManyGuessesError: there is no room for one more.
    """
    hour = _hour(now)
    since = hour - WINDOW_HOURS
    for scope, limit in limits.items():
        await connection.execute(_ONE_MORE, {"scope": scope, "hour": hour})
        # What lies in the future counts: a clock put back gives no guesses back.
        made = await connection.scalar(_MADE, {"of_scope": scope, "since": since})
        if made is None or made > limit:
            raise TooManyGuessesError(scope)
    await connection.execute(_FORGET, {"since": since})


async def take_back(connection: AsyncConnection, limits: Mapping[str, int], counted_at: datetime) -> None:
    """It was no guess after all: the last four were right, or nothing was compared."""
    for scope in limits:
        await connection.execute(_ONE_LESS, {"of_scope": scope, "in_hour": _hour(counted_at)})


def _hour(moment: datetime) -> int:
    return int(moment.timestamp() // 3600)
