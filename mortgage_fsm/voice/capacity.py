"""How many calls a worker takes at once: LiveKit is told that it is full, and what comes all the same goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from livekit.agents import AgentServer, JobRequest
from livekit.agents.worker import ServerEnvOption, ServerOptions

log = structlog.get_logger("mortgage_fsm.capacity")

FULL = ServerEnvOption.getvalue(ServerOptions.load_threshold, devmode=False)
"""The load from which on LiveKit offers a worker in production no more calls."""


class Capacity:
    """The limit of one worker.

    Args:
        limit: calls at once; None: as many as the processors bear, which is LiveKit's own rule.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._accepting: set[str] = set()

    def load(self, server: AgentServer) -> float:
        """What LiveKit asks for: the processors' load, or that of the calls, whichever is nearer to full."""
        busy = float(ServerOptions.load_fnc(server))  # type: ignore[call-arg] # the default takes the server
        return busy if self._limit is None else max(busy, FULL * len(server.active_jobs) / self._limit)

    async def take(self, request: JobRequest, active: Iterable[str]) -> None:
        """Take a call, or leave it to another worker.

        Args:
            request: what LiveKit offers.
            active: ids of the jobs that are running. Two offers may come before the first of them is.
        """
        if self._limit is not None and len(self._accepting | set(active)) >= self._limit:
            log.warning("call_left_to_others", count=self._limit)
            await request.reject(terminate=False)
            return
        self._accepting.add(request.id)
        try:
            await request.accept()
        finally:
            self._accepting.discard(request.id)
