"""What one call's watch makes of what LiveKit tells, without a call: times, failures, and what never comes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from livekit.agents import AgentStateChangedEvent, CloseEvent, CloseReason, ConversationItemAddedEvent, ErrorEvent, llm
from livekit.agents.llm import AgentHandoff, ChatMessage

from mortgage_fsm.voice import watch as module
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.watch import Watch
from tests.stories.rehearsal import ScriptedModel


class Session:
    """Keeps the handlers and calls them."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def on(self, event: str, handler: Any) -> None:
        self.handlers[event] = handler


@pytest.fixture
def watched() -> tuple[Watch, Session]:
    watch, session = Watch(), Session()
    watch.attach(session)  # type: ignore[arg-type]
    return watch, session


def value(watch: Watch, name: str, **labels: str) -> float | None:
    return watch.metrics.registry.get_sample_value(f"mortgage_fsm_{name}", labels)


def landing(agent: str) -> ConversationItemAddedEvent:
    return ConversationItemAddedEvent(item=AgentHandoff(old_agent_id="a", new_agent_id=agent))


async def test_a_handoff_that_has_not_landed_in_time_has_failed_and_is_not_counted_twice(
    watched: tuple[Watch, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, session = watched
    monkeypatch.setattr(module, "LANDS_WITHIN", 0.01)
    watch.handing_over("b")
    await asyncio.sleep(0.03)
    session.handlers["conversation_item_added"](landing("b"))
    assert value(watch, "handoffs_total", outcome="failed") == 1
    assert value(watch, "handoffs_total", outcome="landed") is None


async def test_a_handoff_that_a_call_does_not_live_to_see_has_not_failed(
    watched: tuple[Watch, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, session = watched
    monkeypatch.setattr(module, "LANDS_WITHIN", 0.01)
    watch.handing_over("b")
    session.handlers["close"](CloseEvent(reason=CloseReason.USER_INITIATED))
    await asyncio.sleep(0.03)
    assert value(watch, "handoffs_total", outcome="failed") is None


async def test_the_first_agent_of_a_call_is_no_handoff(watched: tuple[Watch, Session]) -> None:
    watch, session = watched
    session.handlers["conversation_item_added"](landing("b"))
    assert (watch.handoffs, value(watch, "handoff_landing_seconds_count")) == (0, 0)


def spoken(words: str, ended_ago: float | None) -> ConversationItemAddedEvent:
    message = ChatMessage(role="user", content=[words])
    if ended_ago is not None:
        message.metrics["stopped_speaking_at"] = time.time() - ended_ago
    return ConversationItemAddedEvent(item=message)


def speaking() -> AgentStateChangedEvent:
    return AgentStateChangedEvent(old_state="thinking", new_state="speaking")


async def test_the_first_word_is_timed_from_where_the_caller_stopped_speaking(watched: tuple[Watch, Session]) -> None:
    watch, session = watched
    session.handlers["conversation_item_added"](spoken("hello", 0.45))
    session.handlers["agent_state_changed"](speaking())
    assert value(watch, "first_word_seconds_bucket", le="0.4") == 0
    assert value(watch, "first_word_seconds_bucket", le="0.5") == 1


async def test_only_the_first_word_after_a_callers_turn_counts(watched: tuple[Watch, Session]) -> None:
    watch, session = watched
    session.handlers["agent_state_changed"](speaking())
    session.handlers["conversation_item_added"](spoken("hello", None))
    for _ in range(3):
        session.handlers["agent_state_changed"](speaking())
    assert value(watch, "first_word_seconds_count") == 1


@pytest.mark.parametrize(("source", "component"), [(ScriptedModel([]), Component.LLM), (object(), Component.SESSION)])
async def test_an_error_is_counted_by_the_part_that_it_came_from(
    watched: tuple[Watch, Session], source: object, component: Component
) -> None:
    watch, session = watched
    error = llm.LLMError(timestamp=0.0, label="x", error=RuntimeError("10004471"), recoverable=True)
    session.handlers["error"](ErrorEvent(error=error, source=source))
    assert value(watch, "errors_total", component=component) == 1
