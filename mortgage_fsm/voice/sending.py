"""Waits for the answer to what was sent, whatever becomes of the turn that sent it, and has the caller told so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from mortgage_fsm.voice.desk import Answered

STILL_SENDING_SECONDS: Final = 4.0
"""After so long the caller is told that it is being sent: nobody waits for longer than five seconds without a word."""


async def answer_to(sending: asyncio.Task[Answered], still: Callable[[], None]) -> Answered:
    """The answer. `still` is called once where it takes long.

    Neither a barge-in, a hang-up nor the end of the process's patience may cut what is sent short: cancelled is only
    the waiting for it.
    """
    done, _ = await asyncio.wait({sending}, timeout=STILL_SENDING_SECONDS)
    if not done:
        still()
    return await asyncio.shield(sending)
