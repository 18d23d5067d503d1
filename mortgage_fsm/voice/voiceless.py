"""Notices that the voice is gone: a call in which nothing that we say is heard must not go on in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from livekit.agents import AgentSession, AgentStateChangedEvent, ErrorEvent, tts

log = structlog.get_logger("mortgage_fsm.voiceless")

LOST: Final = 2
"""Sentences in a row that could not be spoken, each tried twice; LiveKit closes a session without a word after four."""


class Voiceless:
    """Counts the sentences that were lost.

    Args:
        give_up: called when so many were lost in a row, and again for each that is lost after that.
    """

    def __init__(self, give_up: Callable[[], Awaitable[object]]) -> None:
        self._give_up = give_up
        self._lost = 0
        self._giving_up: set[asyncio.Future[object]] = set()

    def attach(self, session: AgentSession[Any]) -> None:
        """Listen to the session of the call."""
        session.on("error", self._failed)
        session.on("agent_state_changed", self._speaks)

    def _speaks(self, event: AgentStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self._lost = 0

    def _failed(self, event: ErrorEvent) -> None:
        if not isinstance(event.error, tts.TTSError) or event.error.recoverable:
            return
        self._lost += 1
        if self._lost >= LOST:
            log.error("voice_lost", count=self._lost)
            giving_up = asyncio.ensure_future(self._give_up())
            self._giving_up.add(giving_up)
            giving_up.add_done_callback(self._giving_up.discard)
