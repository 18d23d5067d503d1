"""An OpenTelemetry collector that keeps what it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """What has come by now."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """Every text in what has come. Not the ids: their random bytes may look like anything."""
        return [text for body in self.bodies for text in _texts(ExportTraceServiceRequest.FromString(body))]

    @property
    def names(self) -> set[str]:
        """Of all spans."""
        spans = set()
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans |= {span.name for scope in resource.scope_spans for span in scope.spans}
        return spans


def _texts(message: Message) -> Iterator[str]:
    for field_of, value in message.ListFields():
        for each in value if field_of.is_repeated else (value,):
            if isinstance(each, Message):
                yield from _texts(each)
            elif isinstance(each, str):
                yield each


@asynccontextmanager
async def open_collector() -> AsyncIterator[Collector]:
    """Take spans over HTTP, on a free port of loopback."""
    kept = Collector()

    async def take(request: web.Request) -> web.Response:
        kept.bodies.append(await request.read())
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/v1/traces", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield kept
    finally:
        await runner.cleanup()
