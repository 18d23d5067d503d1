"""A payment gateway that a test can hold up: named by `MORTGAGE_FSM_GATEWAY`, imported by the worker."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, PaymentRequest
from tests.room import servicer

HELD_UP = "SPEECH_GATEWAY_HELD_UP"
"""In the environment: a file. While it is there, the gateway does not answer."""


class _Waiting:
    """The servicer's gateway, behind a door."""

    absent_after = timedelta(minutes=1)

    def __init__(self) -> None:
        self._behind = servicer.gateway()

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        while await asyncio.to_thread(Path(os.environ[HELD_UP]).exists):  # noqa: ASYNC110 - the test is in another process
            await asyncio.sleep(0.05)
        return await self._behind.submit(request)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return await self._behind.look_up(key)


def gateway() -> PaymentGateway:
    """The gateway."""
    return _Waiting()
