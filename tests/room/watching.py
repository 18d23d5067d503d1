"""What a worker tells those who watch it over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from tests.room.server.seen import PATIENCE

_ASK_AGAIN_SECONDS = 0.1


async def asked(port: int, path: str) -> tuple[int, str]:
    """Status and text of an answer.

    Raises:
        aiohttp.ClientError: nobody answers.
    """
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def becomes(port: int, status: int, said: str = "") -> None:
    """Wait until a worker says whether it is ready with this status, and these words."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(aiohttp.ClientError):
                is_now, text = await asked(port, "/ready")
                if is_now == status and said in text:
                    return
            await asyncio.sleep(_ASK_AGAIN_SECONDS)


def value(text: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples that have these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )
