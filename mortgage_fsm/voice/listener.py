"""The llm.LLM that every session gets: hears plain words by rule, and asks the configured model only for the rest.

Whatever comes of a turn is one call of one tool that the current agent has. This is the one place where words go to a
model, and the one place where they are masked. `chat` may run before a turn is final, so it changes nothing of the call.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any, Protocol

import structlog
from livekit.agents import APIConnectOptions, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, NOT_GIVEN, NotGivenOr

from mortgage_fsm.spoken import masked
from mortgage_fsm.voice.metrics import Component, Tier
from mortgage_fsm.voice.patience import Patience
from mortgage_fsm.voice.tools import LOOK_UP, NOT_UNDERSTOOD
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.listener")

RULES, MODEL = "rules", "model"
LONGEST_QUESTION = 300
_ONE_RETRY = APIConnectOptions(max_retry=1, retry_interval=0.2, timeout=5.0)
_numbers = count(1)


def heard_by(call_id: str) -> str:
    """Which tier chose a tool call: it is written into the call's id."""
    return call_id.partition("-")[0]


class Ears(Protocol):
    """What the listener may ask of the orchestrator. All but `refused` is pure."""

    def rule_for(self, message_id: str, words: str) -> str | None:
        """The tool that the words choose by themselves."""
        ...

    def fallback_for(self, message_id: str, words: str) -> str:
        """The tool that the certain part of the words chooses, where no model answers."""
        ...

    def refused(self, reason: str) -> None:
        """A model named a tool that was dropped."""
        ...


class Listener(llm.LLM[Any]):
    """Two tiers behind LiveKit's LLM interface.

    Args:
        inner: the configured model, or None.
        patience: how long it may take for a turn.
        language: what is masked is in this one.
    """

    def __init__(
        self,
        ears: Ears,
        inner: llm.LLM[Any] | None,
        patience: Patience,
        watch: Watch | None = None,
        *,
        language: str = "en",
    ) -> None:
        super().__init__()
        self.watch = watch or Watch()
        self.ears = ears
        self.inner = inner
        self.patience = patience
        self.language = language
        self.by_rules = 0
        self.by_model = 0
        if inner is not None:
            inner.on("metrics_collected", self._forward)

    def _forward(self, metrics: Any) -> None:
        self.emit("metrics_collected", metrics)

    @property
    def model(self) -> str:
        """Name for LiveKit's metrics; must be a string."""
        return "mortgage-fsm-listener"

    def chat(
        self,
        *,
        chat_ctx: llm.ChatContext,
        tools: list[llm.Tool] | None = None,
        conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        parallel_tool_calls: NotGivenOr[bool] = NOT_GIVEN,  # noqa: ARG002 - one call is all that ever comes of a turn
        tool_choice: NotGivenOr[llm.ToolChoice] = NOT_GIVEN,  # noqa: ARG002
        extra_kwargs: NotGivenOr[dict[str, Any]] = NOT_GIVEN,  # noqa: ARG002 - these are for vendors
    ) -> llm.LLMStream:
        """Listen to the last caller message of this context."""
        return _Listening(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _Listening(llm.LLMStream):
    def __init__(
        self, listener: Listener, *, chat_ctx: llm.ChatContext, tools: list[llm.Tool], conn_options: APIConnectOptions
    ) -> None:
        self._listener = listener
        super().__init__(listener, chat_ctx=chat_ctx, tools=tools, conn_options=conn_options)

    async def _run(self) -> None:
        message = _last_caller_message(self._chat_ctx)
        answered = self._chat_ctx.items and self._chat_ctx.items[-1].type == "function_call_output"
        if message is None or answered:
            return
        listener, words = self._listener, message.text_content or ""
        listener.patience.turn_begins()
        tool = listener.ears.rule_for(message.id, words)
        if tool is not None and tool in {_name(each) for each in self._tools}:
            listener.by_rules += 1
            listener.watch.heard(Tier.RULES, message.id)
            self._call(tool, RULES)
            return
        if listener.inner is not None:
            listener.by_model += 1
            picked = await self._pick()
            if picked is not None:
                listener.watch.heard(Tier.MODEL, message.id)
                self._call(picked[0], MODEL, picked[1])
                return
        listener.watch.heard(Tier.FALLBACK, message.id)
        self._call(listener.ears.fallback_for(message.id, words), RULES)

    def _call(self, tool: str, tier: str, question: str = "") -> None:
        number = next(_numbers)
        arguments = json.dumps({"question": question}) if tool == LOOK_UP else "{}"
        call = llm.FunctionToolCall(name=tool, arguments=arguments, call_id=f"{tier}-{number}")
        delta = llm.ChoiceDelta(role="assistant", tool_calls=[call])
        self._event_ch.send_nowait(llm.ChatChunk(id=f"turn-{number}", delta=delta))

    async def _pick(self) -> tuple[str, str] | None:
        """Ask the model for one tool. What it writes is dropped; so is every call after the first that is known."""
        shown = [tool for tool in self._tools if _name(tool) != NOT_UNDERSTOOD]
        known = {_name(tool) for tool in shown}
        calls: list[llm.FunctionToolCall] = []
        try:
            calls = await self._ask(shown)
        except Exception as error:  # noqa: BLE001 - whatever a model raises, the caller gets an answer
            log.warning("model_failed", component="listener", error=type(error).__name__)
            self._listener.watch.failed(Component.LISTENER)
        picked: tuple[str, str] | None = None
        for call in calls:
            if call.name not in known:
                self._listener.ears.refused("not_offered")
            elif picked is not None:
                self._listener.ears.refused("already_answered")
            else:
                picked = (call.name, _question(call.arguments, self._listener.language))
        return picked

    async def _ask(self, tools: Sequence[llm.Tool]) -> list[llm.FunctionToolCall]:
        inner = self._listener.inner
        if inner is None:
            return []
        calls: list[llm.FunctionToolCall] = []
        async with (
            self._listener.patience.asking(),
            inner.chat(
                chat_ctx=_masked(self._chat_ctx, self._listener.language),
                tools=list(tools),
                conn_options=_ONE_RETRY,
                parallel_tool_calls=False,
            ) as stream,
        ):
            async for chunk in stream:
                if chunk.delta:
                    calls += chunk.delta.tool_calls
        return calls


def _name(tool: llm.Tool) -> str:
    return tool.info.name if isinstance(tool, llm.RawFunctionTool) else ""


def _last_caller_message(context: llm.ChatContext) -> llm.ChatMessage | None:
    for item in reversed(context.items):
        if item.type == "message" and item.role == "user":
            return item
    return None


def _masked(context: llm.ChatContext, language: str) -> llm.ChatContext:
    """A copy for the model. Messages are shared between contexts, so none is edited in place.

    Only what was said goes along: no tool call, no handoff, no configuration.
    """
    return llm.ChatContext(
        [
            item.model_copy(
                update={
                    "content": [masked(part, language=language) for part in item.content if isinstance(part, str)]
                    if item.role != "system"
                    else item.content
                }
            )
            for item in context.items
            if item.type == "message"
        ]
    )


def _question(arguments: str, language: str) -> str:
    """The question of a look_up, masked again: a model's words are no more trusted than a caller's."""
    try:
        question = json.loads(arguments or "{}").get("question", "")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return masked(question[:LONGEST_QUESTION], language=language) if isinstance(question, str) else ""
