"""The silence ladder: still there?, a person?, goodbye. LiveKit says when a caller has been silent; this counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import UserStateChangedEvent


class Silence:
    """Counts silences in a row.

    Args:
        speak: says the sentence for the n-th silence, from 1.
        counts: whether a silence counts now; someone who is being connected to a person waits, and is not away.
    """

    def __init__(self, speak: Callable[[int], Awaitable[Any]], counts: Callable[[], bool] = lambda: True) -> None:
        self._speak = speak
        self._counts = counts
        self._times = 0
        self._speaking: set[asyncio.Task[None]] = set()

    def broken(self) -> None:
        """The caller spoke."""
        self._times = 0

    def changed(self, event: UserStateChangedEvent) -> None:
        """Handler of `user_state_changed`."""
        if event.new_state == "away" and self._counts():
            task = asyncio.ensure_future(self._next())
            self._speaking.add(task)
            task.add_done_callback(self._speaking.discard)

    async def _next(self) -> None:
        self._times += 1
        await self._speak(self._times)
