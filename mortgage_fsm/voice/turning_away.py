"""A call that is for nobody here: one sentence, and goodbye. Nothing is heard, nothing is offered, both ends recorded."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog
from livekit.agents import Agent, AgentSession

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import RecordType
from mortgage_fsm.machine import State
from mortgage_fsm.voice.recording import Recorder

log = structlog.get_logger("mortgage_fsm.turning_away")

REASON = "no_tenant"
"""Why such a call ended, in its last record."""
SECONDS = 20.0
"""How long the sentence may take: a voice that does not come must not hold the line."""


async def turn_away(session: AgentSession[Any], recorder: Recorder, sentence: str, **options: Any) -> None:
    """Say it and end the session. `options` go to `AgentSession.start`.

    Raises:
        UnavailableError: the ledger cannot be written.
    """
    log.warning("turned_away", reason=REASON)
    await recorder.write(Draft(type=RecordType.CALL_STARTED, state_to=State.ADVISING))
    try:
        await session.start(Agent(instructions=""), record=False, session_host=False, **options)
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await session.say(sentence, allow_interruptions=False)
    finally:
        await session.aclose()
        await recorder.write(Draft(type=RecordType.CALL_ENDED, state_to=State.ADVISING, reason=REASON))
