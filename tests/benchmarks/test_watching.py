"""What watching costs a caller's turn: the same calls, with nobody counting and with metrics and spans."""

from __future__ import annotations

import statistics
import time

import pytest
from livekit.agents import telemetry
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from mortgage_fsm.machine import State
from mortgage_fsm.voice.metrics import Metrics
from mortgage_fsm.voice.tracing import Tracing
from mortgage_fsm.voice.watch import Watch
from tests.stories.rehearsal import WAY, rehearse

pytestmark = pytest.mark.benchmark

CALLS = 30
LINES = WAY[State.SUBMITTED]


class Blind(Watch):
    """Sees nothing: what a call costs that nobody watches."""

    def _nothing(self, *_: object) -> None:
        return

    deciding = decided = turned_away = heard = asked_again = failed = looked_up = handing_over = attach = _nothing  # type: ignore[assignment]


async def _seconds_per_turn(watch: Watch) -> float:
    async with rehearse(watch=watch) as call:
        began = time.perf_counter()
        await call.say(*LINES)
        return (time.perf_counter() - began) / len(LINES)


async def test_watching_costs_a_turn_next_to_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    counted, blind, traced = [], [], []
    metrics = Metrics()
    for _ in range(CALLS):  # in turn, so that what else the machine does falls on all of them
        blind.append(await _seconds_per_turn(Blind(metrics)))
        counted.append(await _seconds_per_turn(Watch(metrics)))
        tracing = Tracing("measured", InMemorySpanExporter())
        traced.append(await _seconds_per_turn(Watch(metrics, tracing.tracer)))
        telemetry.set_tracer_provider(trace.NoOpTracerProvider())
        tracing.shutdown()
    none, some, all_of_it = (statistics.median(each) for each in (blind, counted, traced))
    with capsys.disabled():
        print(
            f"\nmedian of a turn over {CALLS} calls: {none * 1e3:.2f} ms unwatched, "
            f"counted {some / none:.3f} times that, counted and traced (LiveKit's spans too) {all_of_it / none:.3f} times"
        )
    assert some / none < 1.1
