"""Whole calls through the real AgentSession, on a real SQLite ledger and the shipped knowledge, with a scripted model."""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from livekit.agents import APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from mortgage_fsm.machine import Call, State
from mortgage_fsm.server import PhoneCall
from mortgage_fsm.settings import Settings
from mortgage_fsm.wiring import Ledger, open_knowledge, open_ledger

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """What a scripted model does when it is asked: text, tool calls (name, raw JSON arguments), an error, a delay."""

    text: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    error: Exception | None = None
    delay: float = 0.0


def calls(*names: str, arguments: dict[str, Any] | str = "{}", text: str = "") -> Reply:
    raw = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return Reply(text=text, calls=tuple((name, raw) for name in names))


@dataclass(frozen=True)
class Request:
    """What a model was sent: every message as (role, text), and the tools it was offered."""

    messages: tuple[tuple[str, str], ...]
    tools: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.messages)


class ScriptedModel(llm.LLM):
    """Does as it is told. A list is used up in order and then raises: a test must know how often a model is asked."""

    def __init__(self, script: Sequence[Reply] | Callable[[Request], Reply], *, only_messages: bool = True) -> None:
        super().__init__()
        self.only_messages = only_messages
        self._script = script if callable(script) else list(script)
        self.requests: list[Request] = []

    @property
    def model(self) -> str:
        return "scripted"

    def reply(self, request: Request) -> Reply:
        self.requests.append(request)
        if callable(self._script):
            return self._script(request)
        if not self._script:
            raise AssertionError("the model was asked once more than the script has replies")
        return self._script.pop(0)

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        **_: Any,
    ) -> llm.LLMStream:
        return _ScriptedStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _ScriptedStream(llm.LLMStream):
    async def _run(self) -> None:
        messages = tuple((i.role, i.text_content or "") for i in self._chat_ctx.items if i.type == "message")
        if self._llm.only_messages:
            assert len(messages) == len(self._chat_ctx.items), "only messages may go to a model"
        reply = self._llm.reply(Request(messages, tuple(t.info.name for t in self._tools)))
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.error is not None:
            raise reply.error
        made = [
            llm.FunctionToolCall(name=name, arguments=arguments, call_id=f"scripted-{next(_numbers)}")
            for name, arguments in reply.calls
        ]
        delta = llm.ChoiceDelta(role="assistant", content=reply.text or None, tool_calls=made)
        self._event_ch.send_nowait(llm.ChatChunk(id=f"scripted-{next(_numbers)}", delta=delta))


@dataclass
class Rehearsal:
    """A call in progress."""

    phone: PhoneCall
    ledger: Ledger
    spoken: list[str] = field(default_factory=list)

    @property
    def call(self) -> Call:
        return self.phone.orchestrator.call

    @property
    def state(self) -> State:
        return self.call.state

    async def say(self, *lines: str) -> str:
        """Each line as one caller turn; what the agent said to the last one."""
        before = len(self.spoken)
        for line in lines:
            before = len(self.spoken)
            await asyncio.wait_for(self.phone.session.run(user_input=line), 20)
        return " ".join(self.spoken[before:])

    async def payments(self) -> list[dict[str, Any]]:
        return await self.ledger.payments.listing()

    async def records(self) -> list[dict[str, Any]]:
        async with self.ledger.database.reading() as connection:
            return [record async for record in self.ledger.journal.records(connection, self.phone.id)]


def settings_for(folder: Path, **changes: Any) -> Settings:
    url = f"sqlite+aiosqlite:///{folder / 'ledger.db'}"
    return Settings(_env_file=None, database_url=url, **changes)


@asynccontextmanager
async def rehearse(
    folder: Path | None = None, model: llm.LLM | None = None, **changes: Any
) -> AsyncIterator[Rehearsal]:
    """A call that has been answered and greeted. Hung up at the end, and its chain checked."""
    with tempfile.TemporaryDirectory() as temporary:
        settings = settings_for(folder or Path(temporary), **changes)
        knowledge = open_knowledge(settings)
        knowledge.warm(5.0)
        async with open_ledger(settings) as ledger:
            phone = PhoneCall(settings, ledger, knowledge, model=model, audio=False)
            rehearsal = Rehearsal(phone, ledger)

            def said(event: Any) -> None:
                item = event.item
                if item.type == "message" and item.role == "assistant":
                    rehearsal.spoken.append(item.text_content or "")

            phone.session.on("conversation_item_added", said)
            await phone.start()
            await phone.session.wait_for_idle()
            try:
                yield rehearsal
            finally:
                await phone.close()
