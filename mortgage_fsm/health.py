"""What a worker tells its operators over HTTP: `/ready`, whether it could take a call right now, and `/metrics`.

It is for an orchestrator and a Prometheus server, not for the network: by default it listens on this machine alone.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import structlog
from aiohttp import web

from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.probe import check_writable
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.scraping import CONTENT_TYPE, VARIABLE, Scraping
from mortgage_fsm.wiring import open_knowledge

log = structlog.get_logger("mortgage_fsm.health")

ANSWERS_WITHIN = 3.0
"""Seconds that a check may take; one that takes longer has failed."""
FRESH_SECONDS = 2.0
"""For so long an answer stands: however often it is asked, the database is not."""
KNOWLEDGE_FRESH_SECONDS = 30.0
"""Topics are files, read anew by every job process; reading them is 50 ms of a worker's time."""

LIVEKIT, DATABASE, KNOWLEDGE = "livekit", "database", "knowledge"

Check = Callable[[], Awaitable[bool]]


class Readiness:
    """Asks whether what a call needs is there.

    Args:
        checks: by name; one that raises, or does not answer in time, has failed.
        clock: seconds, monotonic.
    """

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = checks
        self._clock = clock
        self._missing: list[str] = []
        self._asked_at: float | None = None
        self._lock = asyncio.Lock()

    async def missing(self) -> list[str]:
        """The names of what is not there, in the order of the checks; empty: a call could be taken."""
        async with self._lock:
            if self._asked_at is None or self._clock() - self._asked_at >= FRESH_SECONDS:
                held = await asyncio.gather(*(_holds(name, check) for name, check in self._checks.items()))
                self._missing = [name for name, is_there in zip(self._checks, held, strict=True) if not is_there]
                self._asked_at = self._clock()
            return list(self._missing)


async def _holds(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(ANSWERS_WITHIN):
            return await check()
    except Exception as error:  # noqa: BLE001 - whatever it is, a call cannot count on this part
        log.warning("not_ready", component=name, error=type(error).__name__)
        return False


class Server(Protocol):
    """What is asked of LiveKit's AgentServer."""

    @property
    def draining(self) -> bool: ...  # noqa: D102 - as there

    def on(self, event: Any, callback: Any = None) -> Any: ...  # noqa: D102


class Health:
    """The operators' door of a worker. Opens when the worker starts, if the settings name a port.

    Args:
        server: whose worker it is.
        settings: read when the door opens, in the worker alone.
    """

    def __init__(self, server: Server, settings: Callable[[], Settings]) -> None:
        self._server = server
        self._settings = settings
        self._registered = False
        self._opening: asyncio.Task[None] | None = None
        self._runner: web.AppRunner | None = None
        self._database: Database | None = None
        self._knowledge_read_at: float | None = None
        self.port: int | None = None
        """Where it listens, once it does."""
        server.on("worker_registered", self._has_registered)
        server.on("worker_started", self._started)

    def _has_registered(self, *_: Any) -> None:
        self._registered = True

    def _started(self) -> None:
        settings = self._settings()
        if settings.health_port is not None:
            self._opening = asyncio.ensure_future(self.open(settings))

    async def open(self, settings: Settings) -> None:
        """Listen. A host or a port that cannot be had costs no call: it is said in the log."""
        self._database = Database(settings.database_url)
        readiness = Readiness({LIVEKIT: self._in_service, DATABASE: self._writable, KNOWLEDGE: self._knows})
        folder = os.environ.get(VARIABLE)
        scraping = Scraping(Path(folder) if folder else None)
        self._runner = web.AppRunner(_app(readiness, scraping), access_log=None)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, settings.health_host, settings.health_port).start()
        except (OSError, UnicodeError):
            log.error("health_port_taken")  # noqa: TRY400 - the message could quote nothing that helps
            return
        self.port = self._runner.addresses[0][1]
        log.info("health_served")

    async def close(self) -> None:
        """Listen no more."""
        if self._opening is not None:
            await asyncio.gather(self._opening, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        if self._database is not None:
            await self._database.close()

    async def _in_service(self) -> bool:
        # LiveKit tells when it has registered, and not when it has lost the connection; this it keeps to itself.
        lost = getattr(self._server, "_connecting", False)
        return self._registered and not lost and not self._server.draining

    async def _writable(self) -> bool:
        if self._database is None:
            return False
        await check_writable(self._database)
        return True

    async def _knows(self) -> bool:
        now = time.monotonic()
        if self._knowledge_read_at is None or now - self._knowledge_read_at >= KNOWLEDGE_FRESH_SECONDS:
            await asyncio.to_thread(open_knowledge, self._settings())
            self._knowledge_read_at = now
        return True


def _app(readiness: Readiness, scraping: Scraping) -> web.Application:
    async def ready(_: web.Request) -> web.Response:
        missing = await readiness.missing()
        return web.json_response({"ready": not missing, "missing": missing}, status=503 if missing else 200)

    async def metrics(_: web.Request) -> web.Response:
        body = await asyncio.to_thread(scraping.read)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app = web.Application()
    app.add_routes([web.get("/ready", ready), web.get("/metrics", metrics)])
    return app
