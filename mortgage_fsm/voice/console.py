"""A call in the terminal, over the same AgentSession as on a phone line: typed turns in, the agent's lines out."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TextIO

from livekit.agents import AgentSession, ConversationItemAddedEvent

from mortgage_fsm.errors import UnavailableError
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
        self._unheard = False
        session.on("conversation_item_added", self._said)

    def _said(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if item.type == "message" and item.role == "assistant" and item.text_content:
            try:
                self._out.write(f"{AGENT}: {' '.join(item.text_content.split())}\n")
                self._out.flush()
            except OSError:  # LiveKit drops what a handler raises; `run` ends the call before another turn is taken
                self._unheard = True

    async def run(self, start: Callable[[], Awaitable[None]]) -> None:
        """The whole call: `start` it, then a turn for each line, until the lines end or the agent says goodbye."""
        await start()
        await self._session.wait_for_idle()
        while not self._orchestrator.goodbye.is_set():
            line = await self._next_line()
            if self._unheard:
                raise UnavailableError("the agent's words cannot be written, so nobody can answer them")
            if line is None:
                return
            await self._session.run(user_input=line)
            await self._orchestrator.settled()

    async def _next_line(self) -> str | None:
        if not self._interactive:
            # A thread for every line would cost more than the turn: a pipe or a file never keeps us waiting for long.
            line = self._lines.readline()
            return line.rstrip("\r\n") if line else None
        prompt = f"{CALLER} [{self._orchestrator.call.state}]> "
        return await _typed(prompt)


async def _typed(prompt: str) -> str | None:
    """A line from the keyboard; None at its end. Read in a thread that nothing waits for, so that Ctrl-C ends at once."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def done(text: str | None) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        try:
            text: str | None = input(prompt)
        except EOFError:
            text = None
        loop.call_soon_threadsafe(done, text)

    threading.Thread(target=read, daemon=True).start()
    return await line
