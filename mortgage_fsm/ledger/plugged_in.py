"""A servicer's own loan directory and gateway, behind a door: where one goes wrong, it is one that does not answer.

Code that is not ours may raise anything, with a loan in its text, hang, end the process, or answer with something else
than its port says. A dictionary must not pass for a match of the last four because it is not empty, nor somebody else's
loan for the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import structlog

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, LoanDirectory, PaymentGateway, PaymentRequest
from mortgage_fsm.ledger.their_code import TheirError, ask

log = structlog.get_logger("mortgage_fsm.plugged_in")

_Answer = TypeVar("_Answer")
_LOANS, _GATEWAY = "loans", "gateway"


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
        found = await _asked(_LOANS, self._within, (Loan, type(None)), lambda: self._inner.find(loan))
        if found is not None and found.number != loan:
            raise _no_answer(_LOANS, "AnotherLoan")
        return found

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        """As `LoanDirectory.identity_matches`."""
        return await _asked(_LOANS, self._within, (bool,), lambda: self._inner.identity_matches(loan, last_four))


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
        return await _asked(_GATEWAY, None, (Accepted, Declined), lambda: self._inner.submit(request))

    async def look_up(self, key: str) -> Accepted | Declined | None:
        """As `PaymentGateway.look_up`."""
        return await _asked(_GATEWAY, None, (Accepted, Declined, type(None)), lambda: self._inner.look_up(key))


async def _asked(
    component: str, within: timedelta | None, kinds: tuple[type, ...], question: Callable[[], Awaitable[_Answer]]
) -> _Answer:
    """The answer, if it comes in time and is of one of these kinds, and not of a kind made from one.

    Raises:
        UnavailableError: it is not.
    """
    try:
        answer = await ask(within, question)
    except (TheirError, TimeoutError) as error:
        wrong = error.kind if isinstance(error, TheirError) else "TimeoutError"
    else:
        if type(answer) in kinds:
            return answer
        wrong = type(answer).__name__
    raise _no_answer(component, wrong)


def _no_answer(component: str, wrong: str) -> UnavailableError:
    """Log what went wrong: the component and the type, and not a word of theirs."""
    log.error("plug_in_failed", component=component, error=wrong)
    return UnavailableError(f"The plug-in for the {component} does not answer.")
