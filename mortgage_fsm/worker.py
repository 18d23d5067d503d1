"""Runs the LiveKit worker: refuses what it cannot run with, and ends with a sentence, never with a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from urllib.parse import urlsplit

import structlog

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.server import server
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import in_use, provider
from mortgage_fsm.wiring import open_knowledge

log = structlog.get_logger("mortgage_fsm.worker")

REACH_SECONDS = 5.0
_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


def check(settings: Settings, *, development: bool) -> None:
    """Refuse settings that a worker cannot take calls with.

    Raises:
        ConfigurationError: one sentence for each problem, all at once.
    """
    problems = [
        f"{name} is not set"
        for name, value in (
            ("LIVEKIT_URL", settings.livekit_url),
            ("LIVEKIT_API_KEY", settings.livekit_api_key),
            ("LIVEKIT_API_SECRET", settings.livekit_api_secret),
        )
        if not value
    ]
    if settings.livekit_url and urlsplit(settings.livekit_url).scheme not in _PORTS:
        problems.append("LIVEKIT_URL must begin with ws:// or wss://")
    if not development:
        problems += settings.development_defaults()
        for kind in ("stt", "tts"):
            if not provider(kind, settings):
                problems.append(f"MORTGAGE_FSM_{kind.upper()} is none: callers could not be heard or spoken to")
    if problems:
        raise ConfigurationError(*problems)


def run(settings: Settings, *, development: bool) -> None:
    """Register with LiveKit and take calls until a signal ends it.

    Raises:
        ConfigurationError: see `check`.
        UnavailableError: the LiveKit server cannot be reached, or does not take this worker.
    """
    check(settings, development=development)
    log.info("worker_starting", **in_use(settings), backend=open_knowledge(settings).name)
    secret = settings.livekit_api_secret
    server.update_options(
        ws_url=settings.livekit_url or "",
        api_key=settings.livekit_api_key or "",
        api_secret=secret.get_secret_value() if secret else "",
    )
    asyncio.run(_serve(settings, development=development))


async def _serve(settings: Settings, *, development: bool) -> None:
    if development:
        await _reach(settings.livekit_url or "")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.ensure_future(server.run(devmode=development))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if serving.done() and serving.exception() is not None:
        log.error("worker_failed", error=type(serving.exception()).__name__)
        raise UnavailableError("the LiveKit server does not take this worker: check its URL, key and secret")
    if not development:
        log.info("worker_draining")
        await server.drain()
    await server.aclose()
    with contextlib.suppress(Exception):
        await serving


async def _reach(url: str) -> None:
    """Fail at once where nothing listens: a developer should not have to wait for sixteen retries."""
    parts = urlsplit(url)
    try:
        async with asyncio.timeout(REACH_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname or "", parts.port or _PORTS[parts.scheme])
    except (OSError, TimeoutError, ValueError):
        raise UnavailableError("the LiveKit server at LIVEKIT_URL cannot be reached") from None
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
