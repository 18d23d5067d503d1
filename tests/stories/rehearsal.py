"""Whole calls through the real AgentSession, on a real SQLite ledger and the shipped knowledge, with a scripted model."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from livekit.agents import APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS
from structlog.testing import capture_logs

from mortgage_fsm.audit.chain import canonical
from mortgage_fsm.audit.replaying import Replay
from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.knowledge.port import KnowledgeBase
from mortgage_fsm.ledger import sqlite
from mortgage_fsm.machine import Call, Decision, Moved, State, Trigger
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenant
from mortgage_fsm.voice import deciding
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.voice.transfer import PersonLine
from mortgage_fsm.voice.watch import Watch
from mortgage_fsm.wiring import Ledger, open_knowledge, open_ledger

_numbers = itertools.count(1)
_fresh: list[bytes] = []
"""A ledger just made, kept as bytes: making its schema anew for every call would be most of a test's time."""

PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, YES = (
    "I'd like to make a payment",
    "10004471",
    "2190",
    "$1,200",
    "my bank account",
    "yes",
)

WAY: Mapping[State, tuple[str, ...]] = {
    State.ADVISING: (),
    State.COLLECTING_LOAN: (PAY,),
    State.VERIFYING: (PAY, LOAN),
    State.AMOUNT: (PAY, LOAN, LAST_FOUR),
    State.METHOD: (PAY, LOAN, LAST_FOUR, AMOUNT),
    State.CONFIRMING: (PAY, LOAN, LAST_FOUR, AMOUNT, METHOD),
    State.SUBMITTED: (PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, YES),
}
"""What a caller says to come to a state; each line is heard by our own rules."""


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


class ScriptedModel(llm.LLM[Any]):
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
    _llm: ScriptedModel

    async def _run(self) -> None:
        messages = tuple((i.role, i.text_content or "") for i in self._chat_ctx.items if i.type == "message")
        if self._llm.only_messages:
            assert len(messages) == len(self._chat_ctx.items), "only messages may go to a model"
        reply = self._llm.reply(Request(messages, tuple(t.id for t in self._tools)))
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
    decided: list[Decision] = field(default_factory=list)
    """Every answer of the machine in this call, in order."""
    logged: list[Any] = field(default_factory=list)
    written: list[dict[str, Any]] = field(default_factory=list)
    """Every record of the call, once it has ended."""

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

    async def reach(self, state: State) -> None:
        """Come from the start of the call to this state as a caller who knows everything would."""
        await self.say(*WAY[state])
        assert self.state is state

    async def payments(self) -> list[dict[str, Any]]:
        return await self.ledger.payments.listing()

    async def amounts(self) -> list[int]:
        """The amounts in US cents of all payments that were accepted, in any call on this ledger."""
        return [each["amount_cents"] for each in await self.payments() if each["status"] == "accepted"]

    async def is_left_open(self) -> bool:
        """Whether we said goodbye, and nobody has closed the call yet."""
        said_goodbye = any(each.trigger is Trigger.CALL_HUNG_UP for each in self.decided)
        return said_goodbye and (await self.records())[-1]["type"] != "call_ended"

    async def records(self) -> list[dict[str, Any]]:
        async with self.ledger.database.reading() as connection:
            return [record async for record in self.ledger.journal.records(connection, self.phone.id)]


def settings_for(folder: Path, **changes: Any) -> Settings:
    url = f"sqlite+aiosqlite:///{folder / 'ledger.db'}"
    return Settings(_env_file=None, database_url=url, **changes)


@cache
def shipped_knowledge() -> KnowledgeBase:
    knowledge = open_knowledge(Settings(_env_file=None))
    assert knowledge.warm(5.0)
    return knowledge


@asynccontextmanager
async def opened(folder: Path, tenant: Tenant | None = None, **changes: Any) -> AsyncIterator[Ledger]:
    """The ledger in this folder, a new one with the demo loans where there is none."""
    file = folder / "ledger.db"
    if not _fresh:
        with tempfile.TemporaryDirectory() as made:
            async with open_ledger(settings_for(Path(made))):
                pass
            _fresh.append((Path(made) / "ledger.db").read_bytes())
    if not file.exists():
        file.write_bytes(_fresh[0])
    durable = sqlite._PRAGMAS
    sqlite._PRAGMAS = (*durable, "PRAGMA synchronous = OFF")  # no test here pulls the plug
    try:
        async with open_ledger(settings_for(folder, **changes), tenant) as ledger:
            yield ledger
    finally:
        sqlite._PRAGMAS = durable


@contextmanager
def watched(
    decided: list[Decision], logged: list[Any], problems: list[logging.LogRecord], *, capture: bool = True
) -> Iterator[None]:
    """Keeps every answer of the machine, every event of ours, and every error that LiveKit logs.

    With `capture` False our events go where they would go without this, and are not kept.
    """

    class Errors(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            problems.append(record)

    module: Any = deciding  # which asks the machine, by a name that is exchanged here
    errors, livekit, original = Errors(logging.ERROR), logging.getLogger("livekit.agents"), module.decide
    keeping: AbstractContextManager[list[Any]] = capture_logs() if capture else nullcontext([])

    def deciding_watched(*arguments: Any) -> Decision:
        decided.append(original(*arguments))
        return decided[-1]

    module.decide = deciding_watched
    livekit.addHandler(errors)
    try:
        with keeping as entries:
            try:
                yield
            finally:
                logged += entries
    finally:
        module.decide = original
        livekit.removeHandler(errors)


async def until(holds: Callable[[], bool], seconds: float, where: Callable[[], str]) -> None:
    """Wait until something is so of which no event tells.

    Args:
        where: says where the call is, if it never comes to be.

    Raises:
        AssertionError: it never came to be.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"in vain, {where()}"
        await asyncio.sleep(0.005)


async def greeted(phone: PhoneCall, spoken: list[str]) -> None:
    """Answer a call and wait for the greeting; from now on all that the agent says is kept."""

    def said(event: Any) -> None:
        if event.item.type == "message" and event.item.role == "assistant":
            spoken.append(event.item.text_content or "")

    phone.session.on("conversation_item_added", said)
    await phone.start()
    await phone.session.wait_for_idle()


@asynccontextmanager
async def rehearse(
    folder: Path | None = None,
    model: llm.LLM[Any] | None = None,
    *,
    tenant: Tenant | None = None,
    person: PersonLine | None = None,
    gateway: Any = None,
    directory: Any = None,
    watch: Watch | None = None,
    whole: bool = True,
    capture: bool = True,
    **changes: Any,
) -> AsyncIterator[Rehearsal]:
    """A call that has been answered and greeted. Hung up at the end, and its records held against what was decided.

    `gateway` and `directory` stand in for the embedded ones; `directory` for what is found, not for identity. With
    `whole` False the records are not looked at: the test took away what they are written to. With `capture` False our
    events are logged and not kept, and errors are let pass: the test looks at the logs themselves.
    """
    decided: list[Decision] = []
    logged: list[Any] = []
    problems: list[logging.LogRecord] = []
    with tempfile.TemporaryDirectory() as temporary, watched(decided, logged, problems, capture=capture):
        here = folder or Path(temporary)
        async with opened(here, tenant, **changes) as own:
            ledger = replace(own, gateway=gateway or own.gateway, directory=directory or own.directory)
            phone = PhoneCall(
                settings_for(here, **changes),
                ledger,
                shipped_knowledge(),
                tenant=tenant,
                model=model,
                audio=False,
                person=person,
                watch=watch,
            )
            rehearsal = Rehearsal(phone, ledger, decided=decided, logged=logged)

            await greeted(phone, rehearsal.spoken)
            try:
                yield rehearsal
            finally:
                if not rehearsal.call.ended or await rehearsal.is_left_open():
                    await phone.close()
            if whole:
                rehearsal.written += await rehearsal.records()
                check_records(rehearsal.written, decided)
    assert not [entry for entry in logged if entry["event"] == "turn_failed"], logged
    assert not capture or not problems, [record.getMessage() for record in problems]


def check_records(records: list[dict[str, Any]], decided: list[Decision]) -> None:
    """The chain is whole, each decision has its one record, states follow upon one another, and a replay agrees."""
    fault = check_chain(records)
    assert fault is None, fault
    replay = Replay()
    for record in records:
        replay.take(canonical(record).encode())
    assert (records[0]["type"], records[-1]["type"]) == ("call_started", "call_ended")
    # Where the ledger does not answer there is nothing to ask the machine with: a refusal of its own.
    written = [r for r in records if r["type"] in {"decision", "refusal"} and r.get("reason") != "unavailable"]
    assert [(r["trigger"], r["state_from"], r.get("state_to"), r.get("reason")) for r in written] == [
        (d.trigger, d.before.state, d.after.state if isinstance(d, Moved) else None, getattr(d, "reason", None))
        for d in decided
    ]
    state = records[0]["state_to"]
    for record in records[1:]:
        assert record.get("state_from", state) == state
        state = record.get("state_to", state)
