"""The way to a person, as a port: a phone line transfers the caller, a terminal has nobody at the other end."""

from __future__ import annotations

from typing import Protocol


class PersonLine(Protocol):
    """Hands the caller to a person."""

    async def connect(self) -> bool:
        """Try to connect the caller. True: the call is no longer ours. False: nobody was reached."""
        ...


class NobodyThere:
    """For calls that no one can be connected to, such as those in a terminal."""

    async def connect(self) -> bool:
        """Nobody is reached."""
        return False
