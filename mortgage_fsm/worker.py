"""Runs the LiveKit worker: refuses what it cannot run with, and ends with a sentence, never with a traceback."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import resource
import signal
import tempfile
from collections.abc import Iterator

import structlog

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.server import health, server, set_up_development, upkeep
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.production import unfit
from mortgage_fsm.voice.providers import in_use
from mortgage_fsm.voice.reaching import NO_ADDRESS, REFUSED, host_of, knock
from mortgage_fsm.voice.scraping import VARIABLE
from mortgage_fsm.wiring import open_knowledge

log = structlog.get_logger("mortgage_fsm.worker")

NOT_TAKEN = "the LiveKit server does not take this worker: check its URL, key and secret"
PORT_TAKEN = "MORTGAGE_FSM_WORKER_PORT cannot be listened on: another process may have it; name another, or 0"
_NO_PORT = frozenset({errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL})


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
    if settings.livekit_url and not host_of(settings.livekit_url):
        problems.append(NO_ADDRESS)
    problems += unfit(settings, development=development)
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
    given = settings.livekit_api_secret
    url, key = settings.livekit_url or "", settings.livekit_api_key or ""
    secret = given.get_secret_value() if given else ""
    server.update_options(ws_url=url, api_key=key, api_secret=secret)
    if development:
        server.setup_fnc = set_up_development
    _leave_no_core_files()
    with _kept_counts(settings):
        asyncio.run(_serve(url, key, secret, development=development))


def _leave_no_core_files() -> None:
    """A process that crashes must not write its memory to a disk: callers' words are in it. Job processes inherit it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


@contextlib.contextmanager
def _kept_counts(settings: Settings) -> Iterator[None]:
    """A folder for what the job processes count, named before the first of them is made, and gone with the worker."""
    if settings.health_port is None or os.environ.get(VARIABLE):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="mortgage-fsm-", ignore_cleanup_errors=True) as folder:
        os.environ[VARIABLE] = folder
        yield


async def _serve(url: str, key: str, secret: str, *, development: bool) -> None:
    status = await knock(url, key, secret)
    if status in REFUSED:
        raise UnavailableError(NOT_TAKEN)
    # A worker in production waits for its server; a developer should not have to wait for sixteen retries.
    if status is None and development:
        raise UnavailableError("the LiveKit server at LIVEKIT_URL cannot be reached")
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
        taken = getattr(serving.exception(), "errno", None) in _NO_PORT
        raise UnavailableError(PORT_TAKEN if taken else NOT_TAKEN)
    if not development:
        log.info("worker_draining")
        try:
            await server.drain()
        except TimeoutError:
            log.warning("drain_timed_out", count=len(server.active_jobs))
    await server.aclose()
    await health.close()
    await upkeep.close()
    with contextlib.suppress(Exception):
        await serving
