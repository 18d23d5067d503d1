"""Many payments for each way in which a processor can fail over HTTP: no duplicate, and nothing believed too soon.

`CHAOS_PAYMENTS` raises the number; the figures in the README are of 1,000 for each way.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from mortgage_fsm.ledger import postgresql, sqlite
from mortgage_fsm.ledger.breaker import Breaker
from mortgage_fsm.ledger.http_gateway import HttpGateway
from mortgage_fsm.ledger.http_service import HttpService
from tests.chaos.books import Made, fill, later_reconciler, ledger_at, truth_of
from tests.chaos.payers import Payer, Told
from tests.chaos.quiet import quietly
from tests.ledger import processor as ways
from tests.ledger.processor import TOKEN, Processor, serving

PAYMENTS = int(os.environ.get("CHAOS_PAYMENTS", "100"))
AT_ONCE = 25
SECONDS = 3.0
"""Patience with the processor, in place of the ten seconds of the settings; all 25 at once must arrive in it."""
PATIENT = 60.0
"""Seconds for a transaction: on a machine that is too busy the database would fail as well, which is tried elsewhere."""

Way = Callable[..., Any]
BEFORE: Mapping[str, Way] = {
    "hangs before the effect": ways.hangs,
    "drops the connection before the effect": ways.drops,
    "resets the connection before the effect": ways.resets,
}
AFTER: Mapping[str, Way] = {
    "hangs after the effect": ways.hangs,
    "drops the connection after the effect": ways.drops,
    "breaks off in the middle of the answer": ways.breaks_off,
    "answers garbage after the effect": ways.speaks_nonsense,
    "answers 500 after the effect": ways.says({"error": "internal"}, 500),
    "answers twice, and the second time otherwise": ways.answers_twice,
}
ANY = "fails in any of these ways, or not at all, and rests are given"
AGREED = {"answers twice, and the second time otherwise"}
"""Ways in which there still is a clear answer: the first."""


def any_way(chance: random.Random, among: Mapping[str, Way], well: Way) -> Way:
    async def fails(request: web.Request, *answer: Any) -> Any:
        return await chance.choice([*among.values(), well])(request, *answer)

    return fails


async def truly(_: web.Request, answer: dict[str, Any]) -> web.Response:
    return web.json_response(answer)


def made_by(processor: Processor) -> Made:
    return {
        (key, book.answer["confirmation"], book.payment["amount_cents"])
        for key, book in processor.books.items()
        if book.answer["status"] == "accepted"
    }


@pytest.mark.slow
@pytest.mark.parametrize("way", [*BEFORE, *AFTER, ANY])
async def test_of_many_payments_none_is_made_twice_and_none_is_believed_that_was_not_made(
    way: str, empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_PRAGMAS", (*sqlite._PRAGMAS, "PRAGMA synchronous = OFF"))
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", PATIENT)
    monkeypatch.setattr(postgresql, "ANSWER_SECONDS", PATIENT)
    chance, processor = random.Random(6), Processor()
    await fill(empty_url, PAYMENTS)
    processor.before = BEFORE.get(way)
    processor.after = any_way(chance, AFTER, truly) if way == ANY else AFTER.get(way)
    async with serving(processor) as address:
        breaker = Breaker(rest=0.1) if way == ANY else Breaker(failures=10 * PAYMENTS)
        service = HttpService(address, token=SecretStr(TOKEN), seconds=SECONDS, breaker=breaker)
        async with ledger_at(empty_url, HttpGateway(service, absent_after=timedelta(seconds=30))) as ledger:
            limit = asyncio.Semaphore(AT_ONCE)

            async def pays(caller: int) -> Told:
                async with limit:
                    payer = Payer(ledger, caller, gateway_timeout=2 * SECONDS)
                    await payer.stands_at_confirm()
                    return await payer.says_yes()

            with quietly():
                told = Counter(await asyncio.gather(*(pays(caller) for caller in range(PAYMENTS))))
            believed = await truth_of(ledger, made_by(processor), whole=False)
            processor.before = processor.after = None
            left_unasked = True
            while left_unasked:  # the breaker was resting, or the machine too busy to answer in time
                left_unasked = bool((await later_reconciler(ledger).run()).unasked)
            truth = await truth_of(ledger, made_by(processor), whole=False)
    print(way, dict(told), f"{processor.effects} effects")
    assert told.total() == PAYMENTS
    assert believed.invented == 0
    assert believed.under_way == told[Told.NOT_KNOWN]
    assert (truth.twice, truth.unknown, truth.invented, truth.under_way) == ([], 0, 0, 0)
    assert truth.effects.total() == processor.effects
    if way in BEFORE:
        assert (processor.effects, told) == (0, {Told.NOT_KNOWN: PAYMENTS})
    elif way in AFTER:
        assert processor.effects == PAYMENTS
        assert (told[Told.PAID] > PAYMENTS * 0.9) == (way in AGREED)
    else:
        assert min(told[each] for each in (Told.PAID, Told.NOT_KNOWN, Told.DECLINED)) > 0
