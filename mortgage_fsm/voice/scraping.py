"""Reads out the metrics of a worker: those of its job processes, living and dead, and its own, in Prometheus' format.

Each job process keeps its values in files of its own, one process for each call. The files of processes that have ended
are added to one, so that a worker that has taken ten thousand calls is read as fast as one that has taken ten.
"""

from __future__ import annotations

import os
import re
import struct
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

CONTENT_TYPE = CONTENT_TYPE_LATEST
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder; prometheus_client and LiveKit read it, and job processes inherit it."""

_FILE = re.compile(r"(counter|histogram|summary|gauge_[a-z]+)_(\d+)\.db")
_DEAD = 0
"""Stands for all processes that have ended, in a file's name where others have their number."""


class Scraping:
    """Reads the metrics. Blocks: call it in a thread.

    Args:
        folder: where the job processes keep their files; None: there are none.
        own: the metrics of this process.
    """

    def __init__(self, folder: Path | None, own: CollectorRegistry = REGISTRY) -> None:
        self._folder = folder
        self._own = own
        self._lock = threading.Lock()

    def read(self) -> bytes:
        """All metrics of the worker."""
        if self._folder is None or not self._folder.is_dir():
            return generate_latest(self._own)
        with self._lock:
            fold_the_dead(self._folder)
            whole = CollectorRegistry()
            whole.register(_Together(self._folder, self._own))
            return generate_latest(whole)


class _Together(Collector):
    """The job processes' metrics, and of this process those that no job process has."""

    def __init__(self, folder: Path, own: CollectorRegistry) -> None:
        self._jobs = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]
        self._own = own

    def collect(self) -> Iterator[Metric]:
        """Every metric once."""
        names = set()
        for metric in self._jobs.collect():  # type: ignore[no-untyped-call]
            names.add(metric.name)
            yield metric
        for metric in self._own.collect():
            if metric.samples and metric.name not in names:
                yield metric


def fold_the_dead(folder: Path) -> None:
    """Add the files of processes that have ended to one file of each kind, and remove them. Not for two at a time."""
    left: dict[str, list[Path]] = defaultdict(list)
    for file in folder.glob("*.db"):
        found = _FILE.fullmatch(file.name)
        if found is not None and int(found[2]) != _DEAD and not _lives(int(found[2])):
            left[found[1]].append(file)
    for kind, files in left.items():
        if not kind.startswith("gauge"):  # what a process that is gone had of something is nothing now
            _add(folder / f"{kind}_{_DEAD}.db", files)
        for file in files:
            file.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _add(to: Path, files: list[Path]) -> None:
    kept = MmapedDict(str(to))  # type: ignore[no-untyped-call]
    try:
        for file in files:
            for key, value in _values(file):
                before, _ = kept.read_value(key)  # type: ignore[no-untyped-call]
                kept.write_value(key, before + value, 0.0)  # type: ignore[no-untyped-call]
    finally:
        kept.close()  # type: ignore[no-untyped-call]


def _values(file: Path) -> list[tuple[str, float]]:
    """What a process left behind; nothing where it was killed while it made the file."""
    try:
        read = MmapedDict.read_all_values_from_file(str(file))  # type: ignore[no-untyped-call]
        return [(key, value) for key, value, _, _ in read]
    except (OSError, RuntimeError, UnicodeDecodeError, struct.error):
        return []
