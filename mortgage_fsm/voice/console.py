"""A call in the terminal, over the same AgentSession as on a phone line: typed turns in, the agent's lines out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

from livekit.agents import AgentSession, ConversationItemAddedEvent

from mortgage_fsm.voice.orchestrator import Orchestrator

AGENT, CALLER = "agent", "caller"


class Console:
    """Reads caller turns and writes the agent's lines; nothing else goes to `out`.

    Args:
        interactive: ask for each turn with a prompt that shows the state of the call.
    """

    def __init__(
        self,
        session: AgentSession[Any],
        orchestrator: Orchestrator,
        *,
        lines: TextIO = sys.stdin,
        out: TextIO = sys.stdout,
        interactive: bool = False,
    ) -> None:
        self._session = session
        self._orchestrator = orchestrator
        self._lines = lines
        self._out = out
        self._interactive = interactive
        session.on("conversation_item_added", self._said)

    def _said(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if item.type == "message" and item.role == "assistant" and item.text_content:
            self._out.write(f"{AGENT}: {' '.join(item.text_content.split())}\n")
            self._out.flush()

    async def run(self, start: Callable[[], Awaitable[None]]) -> None:
        """The whole call: `start` it, then a turn for each line, until the lines end or the agent says goodbye."""
        await start()
        await self._session.wait_for_idle()
        while not self._orchestrator.goodbye.is_set():
            line = await self._next_line()
            if line is None:
                return
            await self._session.run(user_input=line)

    async def _next_line(self) -> str | None:
        if not self._interactive:
            # A thread for every line would cost more than the turn: a pipe or a file never keeps us waiting for long.
            line = self._lines.readline()
            return line.rstrip("\r\n") if line else None
        prompt = f"{CALLER} [{self._orchestrator.call.state}]> "
        try:
            return await asyncio.to_thread(input, prompt)
        except EOFError:
            return None
