"""The sieve between spans and whoever collects them: what is not listed does not pass, whatever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mortgage_fsm.voice.tracing import ATTRIBUTES, Tracing, tracing_to


@pytest.fixture
def traced() -> Iterator[tuple[Tracing, InMemorySpanExporter]]:
    spans = InMemorySpanExporter()
    tracing = Tracing("tested", spans, SimpleSpanProcessor)
    yield tracing, spans
    telemetry.set_tracer_provider(trace.NoOpTracerProvider())
    tracing.shutdown()


def test_what_is_not_listed_does_not_leave(traced: tuple[Tracing, InMemorySpanExporter]) -> None:
    tracing, spans = traced
    with tracing.tracer.start_as_current_span("turn of 10004471") as span:
        span.set_attributes({"lk.room_name": "call-15550100", "state_from": "my loan is 10004471", "trigger": "x_y"})
        span.add_event("said", {"words": "2190"})
        span.set_status(trace.StatusCode.ERROR, "no loan 10004471")
        span.record_exception(ValueError("10004471"))
    [seen] = spans.get_finished_spans()
    assert (seen.name, dict(seen.attributes or {})) == ("unnamed", {"trigger": "x_y"})
    assert (seen.events, seen.links, seen.status.description) == ((), (), None)
    assert seen.status.status_code is trace.StatusCode.ERROR
    assert "10004471" not in seen.to_json()


@pytest.mark.parametrize(
    "words", ["my loan is 10004471", "10004471", "Zebulon Quagmire", "two one nine zero", "$1,200"]
)
def test_no_words_fit_an_attribute_that_may_leave(words: str) -> None:
    assert [key for key, rule in ATTRIBUTES.items() if rule(words)] == []


def test_spans_keep_their_place_below_one_another(traced: tuple[Tracing, InMemorySpanExporter]) -> None:
    tracing, spans = traced
    with tracing.tracer.start_as_current_span("outer"), tracing.tracer.start_as_current_span("inner"):
        pass
    inner, outer = spans.get_finished_spans()
    assert inner.parent is not None
    assert inner.parent.span_id == outer.context.span_id


def test_what_is_left_is_sent_when_a_process_ends() -> None:
    sent: list[str] = []

    class Collector(InMemorySpanExporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            sent.extend(span.name for span in spans)
            return super().export(spans)

    tracing = Tracing("tested", Collector())
    with tracing.tracer.start_as_current_span("caller_turn"):
        pass
    assert sent == []
    tracing.shutdown()
    telemetry.set_tracer_provider(trace.NoOpTracerProvider())
    assert sent == ["caller_turn"]


def test_nothing_is_traced_where_no_collector_is_named() -> None:
    assert tracing_to(None, "tested") is None
