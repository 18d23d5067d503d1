"""Gives a service that keeps failing a rest, so that a caller is told at once instead of after a time-out."""

from __future__ import annotations

import time
from collections.abc import Callable


class Breaker:
    """Closed after a success; open after several failures in a row; then one trial at a time.

    Args:
        failures: in a row, after which nothing is asked any more.
        rest: seconds before the next trial.
    """

    def __init__(
        self, *, failures: int = 5, rest: float = 20.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._rest = rest
        self._monotonic = monotonic
        self._failed = 0
        self._next_trial = 0.0

    def allows(self) -> bool:
        """Whether the service may be asked now. Once open, whoever is allowed to is the trial; the others wait."""
        if self._failed < self._limit:
            return True
        now = self._monotonic()
        if now < self._next_trial:
            return False
        self._next_trial = now + self._rest
        return True

    def succeeded(self) -> None:
        """The service answered."""
        self._failed = 0

    def failed(self) -> None:
        """The service did not answer, or not to the point."""
        self._failed += 1
        self._next_trial = self._monotonic() + self._rest
