"""Two knowledge bases as one: the first when it answers in time, else the second, and the answer says which."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from mortgage_fsm.knowledge.port import Answer, KnowledgeBase, Status

_TIMEOUT_S: Final = 0.3
_FAILURES: Final = 3
"""This many in a row, and the first is left alone for a while."""
_SKIP_S: Final = 30.0


class FallbackKnowledge:
    """`first` may fail, hang or be away; `second` is expected always to answer. `clock` gives seconds, monotonic."""

    def __init__(
        self,
        first: KnowledgeBase,
        second: KnowledgeBase,
        *,
        clock: Callable[[], float] = time.monotonic,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self.first = first
        self.second = second
        self._clock = clock
        self._timeout_s = timeout_s
        self._failures = 0
        self._skip_until: float | None = None

    @property
    def name(self) -> str:
        """The name of the first; an answer names the one that gave it."""
        return self.first.name

    def warm(self, budget_s: float) -> bool:
        """Warm both within the budget. True when at least one of them can answer."""
        began = time.monotonic()
        second = self.second.warm(budget_s)
        first = self.first.warm(max(0.0, budget_s - (time.monotonic() - began)))
        return first or second

    async def search(self, query: str, *, top: int = 4) -> Answer:
        """Answer from the first, or degraded from the second."""
        if self._skip_until is not None and self._clock() < self._skip_until:
            return await self._degraded(query, top, "skipped")
        answer = await self._first(query, top)
        if answer.status is not Status.UNAVAILABLE:
            self._failures = 0
            self._skip_until = None
            return answer
        self._failures += 1
        if self._failures >= _FAILURES:
            # One attempt gets through after the pause; if it fails, the next pause begins.
            self._skip_until = self._clock() + _SKIP_S
        return await self._degraded(query, top, answer.reason or "unavailable")

    async def aclose(self) -> None:
        """Close both, the second even when the first cannot."""
        try:
            await self.first.aclose()
        finally:
            await self.second.aclose()

    async def _first(self, query: str, top: int) -> Answer:
        try:
            return await asyncio.wait_for(self.first.search(query, top=top), self._timeout_s)
        except TimeoutError:
            return Answer(Status.UNAVAILABLE, self.first.name, reason="timed_out")
        except Exception:  # noqa: BLE001 - the first may be anyone's; a search never raises
            return Answer(Status.UNAVAILABLE, self.first.name, reason="failed")

    async def _degraded(self, query: str, top: int, reason: str) -> Answer:
        return replace(await self.second.search(query, top=top), degraded=True, reason=reason)
