"""Everywhere that a process writes to, collected as text; and the same logs as they would be without the boundary."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog
from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import generate_latest

from mortgage_fsm.audit import boundary
from mortgage_fsm.audit.logs import Style, configure_structlog, formatter
from mortgage_fsm.voice.metrics import Metrics
from mortgage_fsm.voice.tracing import Tracing
from mortgage_fsm.voice.watch import Watch
from tests.stories.rehearsal import Rehearsal, ScriptedModel


class Unguarded(logging.Handler):
    """What a log would hold without the boundary: the message with its arguments, every extra, the whole traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.text = io.StringIO()

    def emit(self, record: logging.LogRecord) -> None:
        extras = {key: value for key, value in vars(record).items() if key not in {"args", "msg", "exc_info"}}
        frames = "".join(traceback.format_exception(record.exc_info[1])) if record.exc_info else ""
        self.text.write(f"{record.getMessage()} {extras} {frames}\n")


@dataclass
class Sinks:
    """All text that came out."""

    watch: Watch
    spans: InMemorySpanExporter
    unguarded: Unguarded
    logs: dict[Style, io.StringIO]
    others: dict[str, str] = field(default_factory=dict)

    def keep(self, call: Rehearsal, model: ScriptedModel) -> None:
        """What a call that has ended leaves behind, besides logs, spans and metrics."""
        self.others["audit"] = "\n".join(json.dumps(each) for each in call.written)
        self.others["model"] = "\n".join(text for request in model.requests for _, text in request.messages)

    def forget(self) -> None:
        """Empty all of it but the metrics, for a test whose many calls would fill the memory."""
        for text in (self.unguarded.text, *self.logs.values()):
            text.seek(0)
            text.truncate()
        self.spans.clear()
        self.others.clear()

    def texts(self) -> dict[str, str]:
        """Each sink by name."""
        spans = "\n".join(
            json.dumps(
                [span.name, span.status.description, [each.name for each in span.events], dict(span.attributes or {})]
            )
            for span in self.spans.get_finished_spans()
        )
        return {
            **{f"log {style}": text.getvalue() for style, text in self.logs.items()},
            "spans": spans,
            "metrics": generate_latest(self.watch.metrics.registry).decode(),
            **self.others,
        }


@contextmanager
def sinks() -> Iterator[Sinks]:
    """Everything of this process at DEBUG, in both styles of log; put back as it was at the end."""
    exporter = InMemorySpanExporter()
    tracing = Tracing("tested", exporter, SimpleSpanProcessor)
    watch = Watch(Metrics(), tracing.tracer)
    root, loud = logging.getLogger(), [logging.getLogger(name) for name in ("livekit", "livekit.agents")]
    before = [(each, each.level) for each in (root, *loud)]
    unguarded = Unguarded()
    logs = {style: io.StringIO() for style in Style}
    handlers: list[logging.Handler] = [unguarded]
    for style, text in logs.items():
        handler: logging.Handler = logging.StreamHandler(text)
        handler.setFormatter(formatter(style))
        boundary.guard([handler])
        handlers.append(handler)
    # The unguarded one is asked first: what passes the boundary is cleaned for all that come after.
    root.handlers[:0] = handlers
    for each, _ in before:
        each.setLevel(logging.DEBUG)
    configure_structlog()
    # A logger that is cached would go on as it is after this test, and other tests could not listen to it.
    structlog.configure(cache_logger_on_first_use=False)
    try:
        yield Sinks(watch, exporter, unguarded, logs)
    finally:
        for each, level in before:
            each.setLevel(level)
        for handler in handlers:
            root.removeHandler(handler)
        structlog.reset_defaults()
        telemetry.set_tracer_provider(trace.NoOpTracerProvider())
        tracing.shutdown()
