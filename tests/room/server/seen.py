"""What the server saw, in order, and the one way to wait for anything: no test has to sleep and hope."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_T = TypeVar("_T")

PATIENCE = 60.0
"""Seconds that a wait may take: far more than anything here needs on a machine with other work."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened: to or by whom, what, and the protocol message that said so."""

    who: str
    what: str
    message: Any = None


class Seen:
    """The diary. Note an event after the state that it speaks of has changed: whoever waits looks at once."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._changed = asyncio.Event()

    def note(self, who: str, what: str, message: Any = None) -> None:
        """Write down, and wake whoever waits."""
        self.entries.append(Entry(who, what, message))
        self._changed.set()
        self._changed = asyncio.Event()

    def of(self, what: str, who: str | None = None) -> list[Entry]:
        """All entries of a kind, of everybody or of one."""
        return [each for each in self.entries if each.what == what and who in (None, each.who)]

    async def until(self, holds: Callable[[], _T], *, within: float = PATIENCE) -> _T:
        """What `holds` returns as soon as that is true.

        Raises:
            TimeoutError: it was not true within so many seconds; with the last entries.
        """
        try:
            async with asyncio.timeout(within):
                while True:
                    changed = self._changed
                    if found := holds():
                        return found
                    await changed.wait()
        except TimeoutError:
            last = "\n".join(f"  {each.who}: {each.what}" for each in self.entries[-25:])
            raise TimeoutError(f"not within {within:.0f} seconds; last seen:\n{last}") from None
