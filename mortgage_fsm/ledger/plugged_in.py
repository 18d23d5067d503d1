"""A servicer's own loan directory and gateway, behind a door: where one goes wrong, it is one that does not answer.

Code that is not ours may raise anything, with a loan in its text, hang, end the process, or answer with something else
than its port says. A dictionary must not pass for a match of the last four because it is not empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, LoanDirectory, PaymentGateway, PaymentRequest

log = structlog.get_logger("mortgage_fsm.plugged_in")

_Answer = TypeVar("_Answer")


class PluggedInLoans:
    """A loan directory that was made by a factory.

    Args:
        inner: what the factory made.
        within: how long one answer may take.
    """

    def __init__(self, inner: LoanDirectory, within: timedelta) -> None:
        self._inner = inner
        self._within = within

    async def find(self, loan: str) -> Loan | None:
        """As `LoanDirectory.find`."""
        return await self._asked(lambda: self._inner.find(loan), Loan, type(None))

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        """As `LoanDirectory.identity_matches`."""
        return await self._asked(lambda: self._inner.identity_matches(loan, last_four), bool)

    async def _asked(self, question: Callable[[], Awaitable[_Answer]], *kinds: type) -> _Answer:
        return await _asked("loans", question, kinds, self._within)


class PluggedInGateway:
    """A payment gateway that was made by a factory. Whoever asks it has a time limit of their own."""

    def __init__(self, inner: PaymentGateway) -> None:
        self._inner = inner
        self.absent_after = inner.absent_after

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        """As `PaymentGateway.submit`.

        Raises:
            UnavailableError: there is no clear answer; the payment may have been made.
        """
        return await _asked("gateway", lambda: self._inner.submit(request), (Accepted, Declined))

    async def look_up(self, key: str) -> Accepted | Declined | None:
        """As `PaymentGateway.look_up`."""
        return await _asked("gateway", lambda: self._inner.look_up(key), (Accepted, Declined, type(None)))


async def _asked(
    component: str,
    question: Callable[[], Awaitable[_Answer]],
    kinds: tuple[type, ...],
    within: timedelta | None = None,
) -> _Answer:
    """The answer, if it is one of these kinds and comes in time.

    Raises:
        UnavailableError: it is not. The log names the component and the type, and not a word of theirs.
    """
    try:
        async with asyncio.timeout(None if within is None else within.total_seconds()):
            answer = await question()
        if isinstance(answer, kinds):
            return answer
        wrong = type(answer).__name__
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, its text may quote what was asked
        wrong = type(error).__name__
    log.error("plug_in_failed", component=component, error=wrong)
    raise UnavailableError(f"The plug-in for the {component} does not answer.")
