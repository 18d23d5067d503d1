"""A payment processor that takes its time: a worker is told to end while it is still thinking."""

from __future__ import annotations

import asyncio

from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, PaymentRequest
from tests.room import servicer

SECONDS = 6.0


class _Slow:
    def __init__(self) -> None:
        self._inner = servicer.gateway()
        self.absent_after = self._inner.absent_after

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        await asyncio.sleep(SECONDS)
        return await self._inner.submit(request)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return await self._inner.look_up(key)


def gateway() -> PaymentGateway:
    """Accepts after `SECONDS`."""
    return _Slow()
