"""OpenTelemetry spans that can hold no content: whatever is not on a short list is left out before anything leaves.

LiveKit draws spans of its own, with prompts, words, tool arguments and room names in them. Its filter is switched on;
behind it stands a sieve of ours that keeps listed attributes alone, so that a new one of a later version stays here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Final

from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status

from mortgage_fsm.audit import patterns

PATH: Final = "/v1/traces"
SENT_WITHIN: Final = 3.0
"""Seconds that a collector may take: the end of a process waits for it."""


def _number(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value)  # type: ignore[arg-type] # a number by its type


def _flag(value: object) -> bool:
    return type(value) is bool


_MODEL = patterns.text(r"[A-Za-z][A-Za-z0-9_.:/-]{0,79}")

# fmt: off
ATTRIBUTES: Final[dict[str, patterns.Rule]] = {
    **dict.fromkeys(("trigger", "state_from", "state_to", "heard_by", "outcome", "reason"), patterns.identifier),
    "first_word_seconds":                   _number,
    "lk.function_tool.name":                patterns.identifier,
    "lk.function_tool.is_error":            _flag,
    "lk.interrupted":                       _flag,
    "lk.response.ttft":                     _number,
    "lk.response.ttfb":                     _number,
    "lk.e2e_latency":                       _number,
    "lk.retry_count":                       _number,
    "lk.speech.queue_wait":                 _number,
    "lk.eou.endpointing_delay":             _number,
    "lk.end_of_turn_delay":                 _number,
    "lk.transcription_delay":               _number,
    "lk.job.dispatch_latency":              _number,
    "lk.job.launch_latency":                _number,
    "lk.job.entrypoint_latency":            _number,
    "gen_ai.operation.name":                patterns.identifier,
    "gen_ai.provider.name":                 _MODEL,
    "gen_ai.request.model":                 _MODEL,
    "gen_ai.usage.input_tokens":            _number,
    "gen_ai.usage.output_tokens":           _number,
    "error.type":                           patterns.text(r"[A-Z][A-Za-z]{1,59}(Error|Exception|Timeout)"),
}
# fmt: on
"""Every attribute that leaves this process, and the form its value must have. Events and descriptions never do."""

_NAME = re.compile(r"[a-z][a-z_. ]{0,59}")


class Sieve(SpanExporter):
    """Hands on copies of spans that hold nothing but what `ATTRIBUTES` lists."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export what may be seen of these."""
        return self._inner.export([_sieved(span) for span in spans])

    def shutdown(self) -> None:
        """Nothing is exported any more."""
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 3000) -> bool:
        """Whether all has left within so many milliseconds."""
        return self._inner.force_flush(timeout_millis)


def _sieved(span: ReadableSpan) -> ReadableSpan:
    attributes = {
        key: value for key, value in (span.attributes or {}).items() if (rule := ATTRIBUTES.get(key)) and rule(value)
    }
    return ReadableSpan(
        name=span.name if _NAME.fullmatch(span.name) else "unnamed",
        context=_bare(span.context),
        parent=_bare(span.parent),
        resource=span.resource,
        attributes=attributes,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _bare(context: trace.SpanContext | None) -> trace.SpanContext | None:
    """The ids alone: a trace state is text that comes from outside."""
    if context is None:
        return None
    return trace.SpanContext(context.trace_id, context.span_id, context.is_remote, context.trace_flags)


class Tracing:
    """The spans of a process: ours and LiveKit's, through the sieve.

    Args:
        service: the name under which a collector lists them.
        exporter: where they go.
        processor: how they go there; by default in batches, in the background.
    """

    def __init__(
        self,
        service: str,
        exporter: SpanExporter,
        processor: Callable[[SpanExporter], SpanProcessor] = BatchSpanProcessor,
    ) -> None:
        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
        # LiveKit puts its filter in front of whatever is there: first ours, then the filter.
        self._provider.add_span_processor(processor(Sieve(exporter)))
        telemetry.set_tracer_provider(self._provider, allow_pii=False)
        self.tracer = self._provider.get_tracer("mortgage_fsm")

    def shutdown(self) -> None:
        """Send what is left, and no more. To be asked for where a process ends: it does not do so by itself."""
        self._provider.shutdown()


def tracing_to(endpoint: str | None, service: str) -> Tracing | None:
    """Spans to an OTLP collector over HTTP (`http://collector:4318`), or None where none is named."""
    if endpoint is None:
        return None
    return Tracing(service, OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}{PATH}", timeout=SENT_WITHIN))
