"""What a decision and a call cost: `python -m pytest -m benchmark tests/benchmarks`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mortgage_fsm.heard import Method, Slot
from mortgage_fsm.machine import Call, Finding, State, Trigger, decide
from mortgage_fsm.machine.call import Identity
from mortgage_fsm.spoken import hear
from tests.benchmarks.test_model_requests import LINES
from tests.stories.rehearsal import rehearse

pytestmark = pytest.mark.benchmark

PROVED = Call(state=State.VERIFYING, loan="10004471", paying=True, amount=50_000, method=Method.BANK_TRANSFER)
PROOF = Finding(
    last_four_heard=True,
    counted=True,
    matches=True,
    payable=True,
    amount_due=185_000,
    methods=frozenset({Method.BANK_TRANSFER}),
)


def test_deciding_with_thirteen_guards(benchmark: BenchmarkFixture) -> None:
    decision = benchmark(decide, PROVED, Trigger.IDENTITY_OFFERED, PROOF)
    assert decision.after.identity == Identity("10004471", 0.0)


@pytest.mark.parametrize(
    ("words", "slot"), [("yes", Slot.ASSENT), ("fourteen hundred fifty dollars and twenty five cents", Slot.AMOUNT)]
)
def test_hearing_a_turn(benchmark: BenchmarkFixture, words: str, slot: Slot) -> None:
    benchmark(hear, words, slot)


def test_a_whole_payment_call_on_a_real_ledger(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    async def call() -> list[dict[str, Any]]:
        async with rehearse() as rehearsal:
            await rehearsal.say(*LINES)
            return await rehearsal.payments()

    paid = benchmark.pedantic(lambda: asyncio.run(call()), rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call] # it has no types
    assert len(paid) == 1
