"""A whole call is counted, timed and traced, and nothing that the caller or the ledger said is in any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest

from mortgage_fsm.audit.keys import KEYS
from mortgage_fsm.machine import State
from mortgage_fsm.voice.metrics import Metrics
from mortgage_fsm.voice.tracing import Tracing
from mortgage_fsm.voice.watch import DECISION_SPAN, TURN_SPAN, Watch
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, Reply, ScriptedModel, calls, rehearse

CANARIES = (
    "my name is Zebulon Quagmire",
    "my social is 912-34-7391",
    "card 4111 1111 1111 1111",
    "what is escrow, asks Quagmire",
)
PRIVATE = (
    *("Zebulon", "Quagmire", "912-34-7391", "912347391", "7391", "4111", "10004471", "4471", "2190", "2191"),
    *("1200", "1,200", "6021", "8830", "checking", "escrow", "sk-canary", "MP-"),
)
PRIVATE_NUMBERS = {10004471, 4471, 2190, 2191, 7391, 1200, 120000, 185000, 6021, 8830}
"""What the caller said, what the ledger knows, what the model wrote: none of it may be in a metric or a span."""


def brain(request: object) -> Reply:
    del request
    return calls("look_up", "sk_canary", arguments={"question": "what is escrow"}, text="sk-canary Quagmire")


@dataclass
class Seen:
    """What came out of a process."""

    watch: Watch
    spans: InMemorySpanExporter

    @property
    def exposition(self) -> str:
        """Names and labels. The values are counts and seconds, in whose digits any four may stand by chance."""
        lines = generate_latest(self.watch.metrics.registry).decode().splitlines()
        return "\n".join(line if line.startswith("#") else line.rpartition(" ")[0] for line in lines)

    @property
    def exported(self) -> str:
        """All that is text in the spans; ids and times hold digits by chance, and numbers are looked at one by one."""
        spans = self.spans.get_finished_spans()
        values = [value for span in spans for value in (span.attributes or {}).values()]
        assert not [value for value in values if value in PRIVATE_NUMBERS and type(value) is not bool]
        return "\n".join(
            json.dumps(
                [span.name, span.status.description, [e.name for e in span.events], str(span.resource.attributes)]
            )
            + json.dumps([[k, v] for k, v in (span.attributes or {}).items() if isinstance(v, str)])
            for span in spans
        )

    def value(self, name: str, **labels: str) -> float | None:
        return self.watch.metrics.registry.get_sample_value(f"mortgage_fsm_{name}", labels)


@pytest.fixture
def seen() -> Iterator[Seen]:
    spans = InMemorySpanExporter()
    tracing = Tracing("tested", spans, SimpleSpanProcessor)
    yield Seen(Watch(Metrics(), tracing.tracer), spans)
    telemetry.set_tracer_provider(trace.NoOpTracerProvider())
    tracing.shutdown()


async def whole_call(seen: Seen) -> list[dict[str, Any]]:
    async with rehearse(model=ScriptedModel(brain), watch=seen.watch) as call:
        await call.say(PAY, *CANARIES, PAY, LOAN, "2191", LAST_FOUR, "flowers", AMOUNT, METHOD, YES)
        assert call.state is State.SUBMITTED
    return [entry for entry in call.logged if entry["event"] == "call_used"]


async def test_no_metric_and_no_label_holds_a_word_of_the_caller(seen: Seen) -> None:
    await whole_call(seen)
    assert len(seen.exposition) > 3000
    assert [private for private in PRIVATE if private in seen.exposition] == []


async def test_no_span_of_ours_or_of_livekit_holds_a_word_of_the_caller(seen: Seen) -> None:
    await whole_call(seen)
    names = {span.name for span in seen.spans.get_finished_spans()}
    assert {TURN_SPAN, DECISION_SPAN, "agent_turn", "function_tool", "llm_node"} <= names, "LiveKit's are there, too"
    assert [private for private in PRIVATE if private in seen.exported] == []
    assert not [span for span in seen.spans.get_finished_spans() if span.events or span.links]


async def test_the_spans_hold_content_before_the_sieve_so_the_sieve_is_what_holds_it_back(seen: Seen) -> None:
    raw = InMemorySpanExporter()
    provider = seen.watch._tracer.span_processor  # type: ignore[attr-defined]
    provider.add_span_processor(SimpleSpanProcessor(raw))
    async with rehearse(watch=seen.watch) as call:
        await call.say(PAY)
    keys = {key for span in raw.get_finished_spans() for key in span.attributes or {}}
    assert "lk.agent_label" in keys
    assert "lk.agent_label" not in {key for span in seen.spans.get_finished_spans() for key in span.attributes or {}}


async def test_every_caller_turn_has_a_span_and_every_decision_one_below_it(seen: Seen) -> None:
    async with rehearse(watch=seen.watch) as call:
        await call.say(PAY, LOAN, LAST_FOUR)
    spans = seen.spans.get_finished_spans()
    turns = [dict(span.attributes or {}) for span in spans if span.name == TURN_SPAN]
    assert [(turn["heard_by"], turn["state_to"]) for turn in turns] == [
        ("rules", "collecting_loan"),
        ("rules", "verifying"),
        ("rules", "advising"),  # where the hang-up left the call
    ]
    waits = [turn["first_word_seconds"] for turn in turns]
    assert all(isinstance(wait, int | float) and wait > 0 for wait in waits)
    ids = {span.context.span_id for span in spans if span.name == TURN_SPAN}
    decisions = [span for span in spans if span.name == DECISION_SPAN]
    assert [dict(span.attributes or {})["trigger"] for span in decisions] == [
        "payment_requested",
        "loan_offered",
        "identity_offered",
        "call_hung_up",
    ]
    assert all(span.parent is not None and span.parent.span_id in ids for span in decisions)


async def test_a_call_is_counted_as_it_went(seen: Seen) -> None:
    await whole_call(seen)
    moved = {"trigger": "identity_offered", "state_from": "verifying"}
    assert seen.value("transitions_total", **moved, state_to="verifying") == 1
    assert seen.value("transitions_total", **moved, state_to="amount") == 1
    assert seen.value("submissions_total", outcome="accepted") == 1
    assert seen.value("refusals_total", reason="not_offered") is not None
    looked_up = seen.value("lookups_total", backend="embedded", status="found")
    assert looked_up is not None
    assert looked_up == seen.value("tool_seconds_count", tool="look_up")
    assert seen.value("calls_total", state="submitted") == 1
    assert seen.value("handoffs_total", outcome="failed") is None
    landed = seen.value("handoffs_total", outcome="landed")
    assert landed == seen.value("handoff_landing_seconds_count")
    assert landed is not None
    assert landed >= 6
    assert seen.value("first_word_seconds_count") == seen.watch.turns == 13
    assert seen.value("tool_seconds_count", tool="payment_confirmed") == 1


async def test_a_caller_who_is_not_understood_is_counted_where_they_stood(seen: Seen) -> None:
    async with rehearse(watch=seen.watch) as call:
        await call.say(PAY, "flowers", "more flowers")
    assert seen.value("reasks_total", state="collecting_loan") == 2
    assert seen.value("turns_total", heard_by="fallback") == 2
    assert seen.value("refusals_total", reason="not_understood") == 2


async def test_what_a_call_used_is_one_event_of_listed_keys(seen: Seen) -> None:
    [used] = await whole_call(seen)
    facts = {key: value for key, value in used.items() if key not in {"event", "log_level"}}
    assert (facts["turns"], facts["handoffs"]) == (13, seen.watch.handoffs)
    understood = [facts[f"by_{tier}"] for tier in ("rules", "model", "fallback")]
    assert sum(understood) == 13
    assert understood == [seen.value("turns_total", heard_by=tier) or 0 for tier in ("rules", "model", "fallback")]
    assert [key for key, value in facts.items() if not KEYS[key](value)] == []


async def test_a_gateway_and_a_model_that_fail_are_counted_by_name(seen: Seen) -> None:
    class Broken:
        async def submit(self, request: object) -> None:
            raise RuntimeError("4111 1111 1111 1111")

    model = ScriptedModel(lambda _: Reply(error=RuntimeError("Quagmire")))
    async with rehearse(model=model, gateway=Broken(), watch=seen.watch) as call:
        await call.say("flowers for everyone", PAY, LOAN, LAST_FOUR, AMOUNT, METHOD, YES)
    assert seen.value("errors_total", component="gateway") == 1
    assert seen.value("errors_total", component="listener") == 1
    assert seen.value("submissions_total", outcome="unresolved") == 1
    assert "Quagmire" not in seen.exposition
