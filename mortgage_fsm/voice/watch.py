"""Watches one call: counts what its parts tell and what LiveKit tells, times it, and draws a span of every caller turn.

It changes nothing of the call and keeps no word of it. One is made for each call and handed to the parts that count.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from livekit.agents import (
    AgentSession,
    AgentStateChangedEvent,
    CloseEvent,
    ConversationItemAddedEvent,
    ErrorEvent,
    llm,
    stt,
    tts,
)
from livekit.agents.voice.events import ToolExecutionUpdatedEvent
from opentelemetry import trace

from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.machine import Decision, Moved, State
from mortgage_fsm.voice.metrics import Component, Metrics, Tier

LANDS_WITHIN: Final = 2.0
"""Seconds after which a handoff that has not landed counts as failed."""

TURN_SPAN, DECISION_SPAN = "caller_turn", "decision"
_SOURCES: Final = ((llm.LLM, Component.LLM), (stt.STT, Component.STT), (tts.TTS, Component.TTS))


@dataclass(slots=True)
class _Leaving:
    """A handoff that is on its way."""

    began: float
    late: asyncio.TimerHandle


class Watch:
    """One call, seen from beside.

    Args:
        metrics: what this process counts; None: counted for nobody.
        tracer: draws the spans; None: none are drawn.
    """

    def __init__(self, metrics: Metrics | None = None, tracer: trace.Tracer | None = None) -> None:
        self.metrics = metrics or Metrics()
        self.tiers: Counter[Tier] = Counter()
        """Caller turns of this call, by who understood them."""
        self.turns = 0
        self.handoffs = 0
        self._tracer = tracer or trace.NoOpTracer()
        self._began = time.monotonic()
        self._deciding_since: int | None = None
        self._turn_ended: float | None = None
        self._turn: trace.Span | None = None
        self._message = ""
        self._understood: dict[str, Tier] = {}
        self._leaving: dict[str, _Leaving] = {}
        self._running: dict[str, tuple[str, float]] = {}

    # --- what the parts of the call tell

    def deciding(self) -> None:
        """A decision is begun: its finding is gathered next."""
        self._deciding_since = time.time_ns()

    def decided(self, decision: Decision, heard_by: str) -> None:
        """A decision stands."""
        self.metrics.decided(decision)
        moved = isinstance(decision, Moved)
        context = trace.set_span_in_context(self._turn) if self._turn is not None else None
        span = self._tracer.start_span(DECISION_SPAN, context=context, start_time=self._deciding_since)
        self._deciding_since = None
        if span.is_recording():
            facts = {
                "trigger": str(decision.trigger),
                "state_from": str(decision.before.state),
                "state_to": str(decision.after.state),
                "heard_by": heard_by,
                "outcome": "moved" if moved else "refused",
            }
            span.set_attributes(facts if isinstance(decision, Moved) else {**facts, "reason": decision.reason})
        span.end()
        if self._turn is not None:
            self._turn.set_attribute("state_to", str(decision.after.state))

    def turned_away(self, reason: str) -> None:
        """A trigger was refused before the machine was asked."""
        self.metrics.turned_away(reason)

    def heard(self, tier: Tier, message_id: str) -> None:
        """A caller's turn was understood by this tier; of a typed one that is known before its message is there."""
        self.tiers[tier] += 1
        self.metrics.heard(tier)
        self._understood[message_id] = tier

    def asked_again(self, state: State) -> None:
        """Nothing was understood; the caller is asked again."""
        self.metrics.asked_again(state)

    def failed(self, component: Component) -> None:
        """Something failed, and the call goes on."""
        self.metrics.failed(component)

    def looked_up(self, backend: str, status: Status) -> None:
        """The knowledge base was searched."""
        self.metrics.looked_up(backend, status)

    def handing_over(self, agent_id: str) -> None:
        """`update_agent` was called with this agent. Call it from the event loop."""
        late = asyncio.get_running_loop().call_later(LANDS_WITHIN, self._not_landed, agent_id)
        self._leaving[agent_id] = _Leaving(time.monotonic(), late)

    def _not_landed(self, agent_id: str) -> None:
        if self._leaving.pop(agent_id, None) is not None:
            self.metrics.not_landed()

    # --- what LiveKit tells

    def attach(self, session: AgentSession[Any]) -> None:
        """Listen to the session of the call."""
        session.on("conversation_item_added", self._item_added)
        session.on("agent_state_changed", self._agent_state_changed)
        session.on("tool_execution_updated", self._tool_updated)
        session.on("error", self._error)
        session.on("close", self._closed)

    def _item_added(self, event: ConversationItemAddedEvent) -> None:
        item = event.item
        if item.type == "agent_handoff":
            self._landed(item.new_agent_id)
        elif item.type == "message" and item.role == "user":
            self._turn_begins(item)

    def _landed(self, agent_id: str) -> None:
        leaving = self._leaving.pop(agent_id, None)
        if leaving is not None:
            leaving.late.cancel()
            self.handoffs += 1
            self.metrics.landed(time.monotonic() - leaving.began)

    def _turn_begins(self, message: llm.ChatMessage) -> None:
        """A caller's turn: in speech it ended when they stopped speaking, typed it ended just now."""
        now = time.time()
        self._turn_ended = min(message.metrics.get("stopped_speaking_at") or now, now)
        self._end_turn()
        self._message = message.id
        self.turns += 1
        self._turn = self._tracer.start_span(TURN_SPAN, start_time=int(self._turn_ended * 1e9))

    def _agent_state_changed(self, event: AgentStateChangedEvent) -> None:
        if event.new_state != "speaking" or self._turn_ended is None:
            return
        seconds = max(0.0, event.created_at - self._turn_ended)
        self._turn_ended = None
        self.metrics.first_word(seconds)
        if self._turn is not None:
            self._turn.set_attribute("first_word_seconds", seconds)

    def _tool_updated(self, event: ToolExecutionUpdatedEvent) -> None:
        update = event.update
        if update.type == "tool_call_started":
            self._running[update.function_call.call_id] = (update.function_call.name, time.monotonic())
        elif update.type == "tool_call_ended":
            name, began = self._running.pop(update.call_id, ("", 0.0))
            if name:
                self.metrics.tool_ran(name, time.monotonic() - began)

    def _error(self, event: ErrorEvent) -> None:
        component = next((found for kind, found in _SOURCES if isinstance(event.source, kind)), Component.SESSION)
        self.metrics.failed(component)

    def _closed(self, _: CloseEvent) -> None:
        for leaving in self._leaving.values():
            leaving.late.cancel()
        self._leaving.clear()
        self._end_turn()

    def _end_turn(self) -> None:
        tier = self._understood.pop(self._message, None)
        if self._turn is not None:
            if tier is not None:
                self._turn.set_attribute("heard_by", str(tier))
            self._turn.end()
            self._turn = None

    # --- the end

    def ended(self, state: State, session: AgentSession[Any]) -> dict[str, int | float]:
        """Count the call; what it has used, by the keys of the event `call_used`: turns, seconds, tokens, characters."""
        self.metrics.call_ended(state)
        used: dict[str, int | float] = {
            "duration": round(time.monotonic() - self._began, 3),
            "turns": self.turns,
            "by_rules": self.tiers[Tier.RULES],
            "by_model": self.tiers[Tier.MODEL],
            "by_fallback": self.tiers[Tier.FALLBACK],
            "handoffs": self.handoffs,
            "llm_input_tokens": 0,
            "llm_cached_tokens": 0,
            "llm_output_tokens": 0,
            "stt_seconds": 0.0,
            "tts_seconds": 0.0,
            "tts_characters": 0,
        }
        for each in session.usage.model_usage:
            if each.type == "llm_usage":
                used["llm_input_tokens"] += each.input_tokens
                used["llm_cached_tokens"] += each.input_cached_tokens
                used["llm_output_tokens"] += each.output_tokens
            elif each.type == "stt_usage":
                used["stt_seconds"] += each.audio_duration
            elif each.type == "tts_usage":
                used["tts_seconds"] += each.audio_duration
                used["tts_characters"] += each.characters_count
        return used
