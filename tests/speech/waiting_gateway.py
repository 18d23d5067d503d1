"""A payment gateway that answers when a test lets it: named by `MORTGAGE_FSM_GATEWAY`, imported by the worker."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from pathlib import Path

from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, PaymentRequest

MAY_ANSWER = "SPEECH_GATEWAY_MAY_ANSWER"
"""In the environment: the file that the gateway waits for."""
CONFIRMATION = "MP-7Q4K9T2W8B"


class _Waiting:
    absent_after = timedelta(minutes=1)

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        while not await asyncio.to_thread(Path(os.environ[MAY_ANSWER]).exists):  # noqa: ASYNC110 - the test, in another process, makes it
            await asyncio.sleep(0.05)
        return Accepted(CONFIRMATION)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return None


def gateway() -> PaymentGateway:
    """The gateway."""
    return _Waiting()
