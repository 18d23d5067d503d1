"""The function tools of one agent: each fires one trigger and says nothing. None takes a value, none returns an agent.

Loan number, last four, amount, method and yes or no are read by our own code from the caller's words of this turn; a
model that calls a tool says what happened, not with which value. Only `look_up` takes a string: the question to search.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from livekit.agents import RunContext, function_tool
from livekit.agents.llm import RawFunctionTool, ToolResult

from mortgage_fsm.machine import TRIGGERS_IN, State, Trigger
from mortgage_fsm.voice.prompts import Prompts, prompts

NOT_UNDERSTOOD = "not_understood"
"""Tool for a turn that chose nothing. Never shown to a model; the listener calls it."""

LOOK_UP = "look_up"
"""Tool for a question; fires question_asked."""

OUTSIDE_WORLD = frozenset(
    {
        Trigger.READ_BACK_FINISHED,
        Trigger.READ_BACK_INTERRUPTED,
        Trigger.PAYMENT_ACCEPTED,
        Trigger.PAYMENT_DECLINED,
        Trigger.PAYMENT_UNRESOLVED,
        Trigger.PAYMENT_RESOLVED,
        Trigger.ENROLMENT_RECORDED,
        Trigger.TRANSFER_FAILED,
        Trigger.IDLE_LIMIT_REACHED,
        Trigger.CALL_HUNG_UP,
        Trigger.CALL_RESUMED,
        Trigger.RECORD_FAILED,
    }
)
"""Triggers that no caller and so no tool can fire."""


Tool = Callable[..., Awaitable[ToolResult]]


class Owner(Protocol):
    """The agent whose tools these are."""

    async def fired(self, trigger: Trigger | None, ctx: RunContext[Any], question: str | None = None) -> None:
        """A tool of this agent was called; None: nothing was understood."""
        ...


def tool_name(trigger: Trigger) -> str:
    """The name a model sees for a trigger."""
    return LOOK_UP if trigger is Trigger.QUESTION_ASKED else str(trigger)


def offered_in(state: State) -> tuple[Trigger, ...]:
    """The triggers whose tools an agent of this state has."""
    return tuple(trigger for trigger in TRIGGERS_IN[state] if trigger not in OUTSIDE_WORLD)


def tools_of(state: State, owner: Owner, told: Prompts | None = None) -> list[RawFunctionTool[..., Any]]:
    """The tools of an agent of this state: one per trigger of the state, and the hidden one.

    `told`: what a model is told that they are for; None: in English.
    """
    named = {
        tool_name(trigger): _look_up(owner) if trigger is Trigger.QUESTION_ASKED else _fires(trigger, owner)
        for trigger in offered_in(state)
    }
    words = told or prompts()
    named[NOT_UNDERSTOOD] = _not_understood(owner)
    return [function_tool(call, raw_schema=_schema(name, words.tool(name))) for name, call in named.items()]


def _schema(name: str, description: str) -> dict[str, Any]:
    """What a model is told of a tool. Written out, because LiveKit would find it out anew for every agent and call."""
    takes = {"question": {"type": "string"}} if name == LOOK_UP else {}
    parameters = {"type": "object", "properties": takes, "required": [*takes], "additionalProperties": False}
    return {"name": name, "description": description, "strict": True, "parameters": parameters}


def _done() -> ToolResult:
    """Who speaks next is the orchestrator's choice, so the model owes no reply."""
    return ToolResult("ok", reply_required=False)


def _fires(trigger: Trigger, owner: Owner) -> Tool:
    async def fire(ctx: RunContext[Any], raw_arguments: dict[str, object]) -> ToolResult:  # noqa: ARG001 - as LiveKit has it
        await owner.fired(trigger, ctx)
        return _done()

    return fire


def _look_up(owner: Owner) -> Tool:
    async def look_up(ctx: RunContext[Any], raw_arguments: dict[str, object]) -> ToolResult:
        question = raw_arguments.get("question")
        await owner.fired(Trigger.QUESTION_ASKED, ctx, question if isinstance(question, str) else "")
        return _done()

    return look_up


def _not_understood(owner: Owner) -> Tool:
    async def not_understood(ctx: RunContext[Any], raw_arguments: dict[str, object]) -> ToolResult:  # noqa: ARG001 - as LiveKit has it
        await owner.fired(None, ctx)
        return _done()

    return not_understood
