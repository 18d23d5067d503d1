"""How long a caller waits for language models in one turn, however many of them are asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Patience:
    """The time that the models of one call have for a turn, all of them together.

    Args:
        seconds: for one turn.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._spent = 0.0

    def turn_begins(self) -> None:
        """Nothing is spent yet."""
        self._spent = 0.0

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Ask a model, in what is left of the turn's time.

        Raises:
            TimeoutError: there was none left, or it was not enough.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(max(0.0, self.seconds - self._spent)):
                yield
        finally:
            self._spent += clock() - began
