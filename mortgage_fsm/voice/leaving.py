"""The end of a call from our side: goodbye is said to its end, and taken back if the caller has something to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from livekit.agents.voice import SpeechHandle


class Leaving:
    """Ends one call.

    Args:
        hang_up: decide, for a caller whose latest turn has this number, that the call is over; whether it is.
    """

    def __init__(self, hang_up: Callable[[int], Awaitable[bool]]) -> None:
        self._hang_up = hang_up
        self._going: asyncio.Task[None] | None = None
        self.goodbye = asyncio.Event()
        """Set when the call is over, or is a person's: nothing more is said."""

    def after(self, said: SpeechHandle, turn: int) -> None:
        """Hang up when this was said; not if the caller cuts it short, or says anything after the turn of this number."""
        self._going = asyncio.ensure_future(self._after(said, turn))

    async def _after(self, said: SpeechHandle, turn: int) -> None:
        await said
        if not said.interrupted and await self._hang_up(turn):
            self.goodbye.set()

    async def settled(self) -> None:
        """Wait for a goodbye that is being said, if one is."""
        if self._going is not None:
            await asyncio.shield(self._going)
