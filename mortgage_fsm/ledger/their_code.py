"""Asks a servicer's own code, in a task of its own: nothing that it raises gets out, and it holds nobody up.

Code that is not ours may raise what ends an event loop, be cancelled by an accident of its own, or go on after it was
cancelled. Whoever asks is told in time, by a type and without a word of its text.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from mortgage_fsm.errors import MortgageFsmError

_Answer = TypeVar("_Answer")


class TheirError(MortgageFsmError):
    """What their code raised.

    `kind` is the name of its type; `is_error`: it was an `Exception`, and not one of those that are made to end things.
    """

    def __init__(self, kind: str, *, is_error: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_error = is_error


async def ask(within: timedelta | None, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """What their code answers to this; no `within`: whoever asks has a time limit of their own.

    Raises:
        TheirError: it raised something, or cannot be awaited.
        TimeoutError: it did not answer within this time. It is cancelled; whether it ends is its own affair.
    """
    asking = asyncio.ensure_future(_outcome(question))
    try:
        done, _ = await asyncio.wait({asking}, timeout=None if within is None else within.total_seconds())
    finally:
        asking.cancel()  # which does nothing where it is done
    if not done:
        raise TimeoutError
    answer, error = asking.result()
    if error is not None:
        raise error
    found: _Answer = answer
    return found


async def _outcome(question: Callable[[], Awaitable[Any]]) -> tuple[Any, TheirError | None]:
    try:
        return await question(), None
    except BaseException as error:  # noqa: BLE001 - whatever it is: in a task, SystemExit would end the event loop
        return None, TheirError(type(error).__name__, is_error=isinstance(error, Exception))
