"""What every knowledge base looks like to the rest of the house: it answers, or says which of two ways it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Status(StrEnum):
    """The three different answers. Each has its own sentence in the phrases, and none stands in for another."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    """Looked up; this line has nothing about it."""
    UNAVAILABLE = "unavailable"
    """Could not look it up: a fault of ours, never something for the caller to rephrase."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One topic's text, written to be spoken word for word, with where it comes from."""

    id: str
    title: str
    text: str
    relevance: float | None
    """0 to 1, higher is nearer. Comparable within one answer of one backend only; None when the backend has none."""
    source: str
    """The rule or public body it rests on, for example `12 CFR 1024.17 (Regulation X)`."""
    effective: str
    """ISO date from which the statement holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search came to. `passages` is empty unless the status is `found`; best first."""

    status: Status
    backend: str
    """Name of the knowledge base that really answered."""
    passages: tuple[Passage, ...] = ()
    degraded: bool = False
    """A second-choice backend answered, because the first could not."""
    reason: str | None = None
    """A fixed code saying why the answer is degraded or unavailable; safe to log, holds no caller data."""


class KnowledgeBase(Protocol):
    """What the server keeps for a job process and hands to every call in it."""

    @property
    def name(self) -> str:
        """Which backend this is: `embedded`, `moss`."""

    def warm(self, budget_s: float) -> bool:
        """Get ready, within `budget_s` seconds. True when ready; what is not ready by then goes on in the background.

        Synchronous, for LiveKit's `setup_fnc`. Never raises and never overruns its budget: LiveKit kills a process
        whose setup takes more than ten seconds.
        """

    async def search(self, query: str, *, top: int = 4) -> Answer:
        """Answer a question with at most `top` passages. Never raises."""

    async def aclose(self) -> None:
        """Let go of connections and threads. Searching afterwards is `unavailable`."""
