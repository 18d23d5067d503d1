"""The silence ladder: still there?, a person?, goodbye. LiveKit says when a caller has been silent; this counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from livekit.agents import UserStateChangedEvent

LAST = 3
"""The silence in a row after which the call is ended."""


class Silence:
    """Counts silences in a row.

    Args:
        speak: says the sentence for the n-th silence, from 1.
    """

    def __init__(self, speak: Callable[[int], Awaitable[Any]]) -> None:
        self._speak = speak
        self._times = 0
        self._speaking: set[asyncio.Task[None]] = set()
        self.goodbye = asyncio.Event()
        """Set when the last sentence was spoken."""

    def broken(self) -> None:
        """The caller spoke."""
        self._times = 0

    def changed(self, event: UserStateChangedEvent) -> None:
        """Handler of `user_state_changed`."""
        if event.new_state == "away":
            task = asyncio.ensure_future(self._next())
            self._speaking.add(task)
            task.add_done_callback(self._speaking.discard)

    async def _next(self) -> None:
        self._times += 1
        await self._speak(self._times)
        if self._times >= LAST:
            self.goodbye.set()
