"""A vendor's server on this machine: keeps every request as it came in, and answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Sent:
    """One request, as bytes and text: what went over the wire, not what some object holds."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    def places_of(self, secret: str) -> set[str]:
        """Where in the request something stands: `header NAME`, `path`, `query` or `body`."""
        found = {f"header {name.lower()}" for name, value in self.headers.items() if secret in value}
        places = {"path": self.path, "query": " ".join(self.query.values()), "body": self.body.decode(errors="replace")}
        return found | {place for place, text in places.items() if secret in text}


@dataclass
class Loopback:
    """A server under way. `url` has no path."""

    url: str = ""
    requests: list[Sent] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the test is over: whatever hangs lets go."""

    async def keep(self, request: web.Request) -> Sent:
        body = b"" if request.method == "GET" else await request.read()
        sent = Sent(request.method, request.path, dict(request.query), dict(request.headers), body)
        self.requests.append(sent)
        return sent


@asynccontextmanager
async def listening(path: str, handler: Handler, server: Loopback) -> AsyncIterator[None]:
    """Serve one path on 127.0.0.1 until the block ends."""
    app = web.Application()
    app.router.add_route("*", path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}"
    try:
        yield
    finally:
        server.gone.set()
        await runner.cleanup()


def hang_up(request: web.Request) -> None:
    """Drop the connection in the middle, as a reset does."""
    assert request.transport is not None
    request.transport.abort()
