"""What evidence costs: `python -m pytest -m benchmark -s tests/benchmarks/test_evidence.py`; time is printed alone."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.audit.chain import Head, Sealed, seal
from mortgage_fsm.audit.replaying import Replay
from mortgage_fsm.audit.verifying import check_lines
from mortgage_fsm.machine import Decision, Facts, decide
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.turns import Turn
from tests.audit.calls import CALLS, KEY, STAMP, line, log, records

pytestmark = pytest.mark.benchmark

TIMES = 2_000
CALL = "c1" * 16
HEAD = Head(7, "e" * 64)


def _digest(number: int, facts: Facts) -> str:
    return KEY.payment_digest(CALL, facts.loan, facts.amount, facts.method, str(number))


def _recorded(recorder: Recorder, turn: Turn, decision: Decision) -> Sealed:
    """What a decision costs in a call, without the ledger's answers before it and the disk after it."""
    again = decide(decision.before, decision.trigger, decision.finding)
    draft = recorder.draft(again, "rules", turn, _digest)
    return seal(draft, call=CALL, ts="2026-03-10T12:00:00.000Z", stamp=STAMP, head=HEAD)


def _median(work: Callable[[], object]) -> float:
    """Microseconds of one run: the median of many, each timed by itself."""
    times = []
    gc.disable()
    for _ in range(TIMES):
        began = time.perf_counter_ns()
        work()
        times.append(time.perf_counter_ns() - began)
    gc.enable()
    return statistics.median(times) / 1000


def test_a_decision_with_its_guards_its_record_and_its_hash() -> None:
    decisions = [
        decision
        for talk in CALLS
        for decision in talk().decisions
        if decision.finding.confirmation is None or "confirmation_is_given" not in decision.guards
    ]
    turn = Turn(number=3, words="from my bank account please")
    unwritten: Any = None
    whole = []
    for one in decisions:
        recorder = Recorder(CALL, unwritten, unwritten, KEY)
        whole.append(_median(partial(_recorded, recorder, turn, one)))
    alone = [_median(partial(decide, one.before, one.trigger, one.finding)) for one in decisions]
    reference = _median(lambda: KEY.loan_ref("10000001"))
    print(
        f"\n{len(decisions)} decisions of {len(CALLS)} calls, {TIMES:,} times each: median "
        f"{statistics.median(whole):.1f} us, dearest {max(whole):.1f} us; deciding {statistics.median(alone):.1f} us "
        f"of it, a reference {reference:.1f} us"
    )


def _export(folder: Path, calls: int) -> tuple[Path, int]:
    file, count = folder / "log.jsonl", 0
    with file.open("wb") as export:
        for number in range(1, calls + 1):
            for each in records(CALLS[number % len(CALLS)](), number):
                export.write(line(each) + b"\n")
                count += 1
    return file, count


def _in_one_process(file: Path) -> None:
    with file.open("rb") as export:
        assert check_lines(export) is None


def _by_command(file: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "mortgage_fsm", "audit", "verify", str(file)], check=True, capture_output=True
    )


def test_verifying_an_export(tmp_path: Path) -> None:
    file, count = _export(tmp_path, 20_000)
    for name, check in (("in one process", _in_one_process), ("`audit verify`, its start included", _by_command)):
        rates = []
        for _ in range(5):
            began = time.perf_counter()
            check(file)
            rates.append(count / (time.perf_counter() - began))
        print(
            f"\n{count:,} records, {name}: median {statistics.median(rates):,.0f} records a second "
            f"({min(rates):,.0f} to {max(rates):,.0f})"
        )


def test_replaying_an_export() -> None:
    export = log(10_000)
    replay = Replay()
    began = time.perf_counter()
    for each in export:
        replay.take(each)
    took = time.perf_counter() - began
    print(f"\n{replay.asked:,} decisions asked again: {len(export) / took:,.0f} records a second")
