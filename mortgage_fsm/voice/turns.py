"""One caller turn as the voice edge keeps it: the words, what was heard in them, and whether they are used up."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from livekit.agents.llm import ChatMessage

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import State
from mortgage_fsm.machine.turn import EXPECTS
from mortgage_fsm.spoken import hear


@dataclass(slots=True)
class Turn:
    """A caller's turn. Its words are used once: the first accepted trigger spends it."""

    number: int = 0
    message_id: str = ""
    words: str = field(default="", repr=False)
    heard: Heard = field(default_factory=Heard, repr=False)
    spoke_at: float | None = None
    """When the caller began to speak, in seconds since the epoch; None for typed turns."""
    at: float = 0.0
    """When it ended, in seconds since the epoch."""
    idle: float = 0.0
    """Seconds since the turn before it."""
    spent: bool = False


def next_turn(last: Turn, message: ChatMessage, now: float, hear_words: Callable[[str], Heard]) -> Turn:
    """The turn that a caller's message begins. Bytes that are no text are taken for a word that is not understood."""
    words = (message.text_content or "").encode(errors="replace").decode()
    return Turn(
        number=last.number + 1,
        message_id=message.id,
        words=words,
        heard=hear_words(words),
        spoke_at=message.metrics.get("started_speaking_at"),
        at=now,
        idle=now - last.at,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """When a decision is made, and about which playout or submission."""

    now: float
    idle: float = 0.0
    turn: int = 0
    spoke_at: float | None = None
    number: int = 0


Hear = Callable[[str, State], Heard]
"""What a caller's words say where the call stands."""


def hears(language: str, loan_digits: Collection[int]) -> Hear:
    """Hearing in one language, for loan numbers of these lengths."""

    def hear_turn(words: str, state: State) -> Heard:
        return hear(words, EXPECTS.get(state), loan_digits=loan_digits, language=language)

    return hear_turn
