"""What a worker does beside its calls, from its start on and again and again: payments and calls that were left behind.

Every worker does it: it is safe for any number of them at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from mortgage_fsm.health import Server
from mortgage_fsm.settings import Settings
from mortgage_fsm.wiring import Ledger, open_ledger

log = structlog.get_logger("mortgage_fsm.upkeep")


class Upkeep:
    """Looks up payments whose outcome is not known, and closes calls that nobody came back to.

    Args:
        server: whose worker it is; it begins when that has started.
        settings: read then, in the worker alone.
    """

    def __init__(self, server: Server, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._going_on: asyncio.Task[None] | None = None
        server.on("worker_started", self.begin)

    def begin(self) -> None:
        """Begin, within the running event loop."""
        self._going_on = asyncio.ensure_future(self._go_on(self._settings()))

    async def close(self) -> None:
        """No more of it."""
        if self._going_on is not None:
            self._going_on.cancel()
            await asyncio.gather(self._going_on, return_exceptions=True)

    async def _go_on(self, settings: Settings) -> None:
        while True:
            try:
                async with open_ledger(settings) as ledger:
                    while True:
                        await once(ledger)
                        await asyncio.sleep(settings.reconcile_seconds)
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on, and it may be gone the next time
                log.warning("upkeep_failed", error=type(error).__name__)
            await asyncio.sleep(settings.reconcile_seconds)


async def once(ledger: Ledger) -> None:
    """Do it once.

    Raises:
        UnavailableError: the database does not answer.
    """
    found = await ledger.reconciler.run()
    closed = await ledger.abandoned.run()
    if found.resolved or found.left or closed:
        log.info("upkeep_done", resolved=len(found.resolved), left=found.left, count=closed)
