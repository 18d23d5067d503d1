"""What job processes count is seen in the worker: while they live, after they have ended, and once each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families

from mortgage_fsm.voice.scraping import VARIABLE, Scraping, fold_the_dead

ROOT = Path(__file__).parents[2]
JOB = """
import sys
from prometheus_client import REGISTRY, Gauge
from mortgage_fsm.machine import State
from mortgage_fsm.voice.metrics import Metrics, Tier
metrics = Metrics(REGISTRY)
metrics.heard(Tier.RULES)
metrics.first_word(0.3)
metrics.call_ended(State.SUBMITTED)
Gauge("calls_now", "x", multiprocess_mode="livesum").set(1)
print("counted", flush=True)
sys.stdin.readline()
"""


def job(folder: Path) -> subprocess.Popen[str]:
    """A process that counts a call and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", JOB],
        cwd=ROOT,
        env={**os.environ, VARIABLE: str(folder), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def read(folder: Path, own: CollectorRegistry | None = None) -> dict[str, float]:
    text = Scraping(folder, own or CollectorRegistry()).read().decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("le", "0.3") == "0.3"
    }


def end(process: subprocess.Popen[str], *, killed: bool = False) -> None:
    if killed:
        process.send_signal(signal.SIGKILL)
    process.communicate("\n")


@pytest.mark.parametrize("killed", [False, True], ids=["ended", "killed"])
@pytest.mark.slow
def test_the_worker_shows_what_its_job_processes_counted_alive_or_dead(tmp_path: Path, killed: bool) -> None:
    first, second = job(tmp_path), job(tmp_path)
    alive = read(tmp_path)
    assert (alive["mortgage_fsm_calls_total"], alive["calls_now"]) == (2, 2)
    end(first, killed=killed)
    one_gone = read(tmp_path)
    assert (one_gone["mortgage_fsm_calls_total"], one_gone["calls_now"]) == (2, 1)
    end(second)
    for _ in range(3):
        gone = read(tmp_path)
        assert "calls_now" not in gone
        assert gone["mortgage_fsm_calls_total"] == gone["mortgage_fsm_turns_total"] == 2
        assert gone["mortgage_fsm_first_word_seconds_count"] == gone["mortgage_fsm_first_word_seconds_bucket"] == 2
    assert len(list(tmp_path.glob("*.db"))) == 2, "a counter's and a histogram's, however many calls there were"


@pytest.mark.slow
def test_a_file_that_a_killed_process_left_unfinished_hides_nothing_else(tmp_path: Path) -> None:
    end(job(tmp_path))
    (tmp_path / "counter_999999999.db").write_bytes(b"\x40\x00\x00\x00\x00\x00\x00\x00\xff\x7f")
    assert read(tmp_path)["mortgage_fsm_calls_total"] == 1


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("mine")
    (tmp_path / "counter_x.db.part").write_text("mine")
    fold_the_dead(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.slow
def test_the_workers_own_metrics_stand_beside_those_of_its_job_processes(tmp_path: Path) -> None:
    own = CollectorRegistry()
    Counter("registrations", "x", registry=own).inc()
    end(job(tmp_path))
    seen = read(tmp_path, own)
    assert (seen["registrations_total"], seen["mortgage_fsm_calls_total"]) == (1, 1)


def test_without_a_folder_the_workers_own_metrics_are_all() -> None:
    own = CollectorRegistry()
    Counter("registrations", "x", registry=own).inc()
    assert b"registrations_total 1.0" in Scraping(None, own).read()
