"""Verifies a large export on all processors: its pieces each by itself, then each call's pieces against each other."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.record import RecordType
from mortgage_fsm.audit.verifying import AFTER_END, WRONG_SEQ, Chains, Fault, check_lines, follows, opens

PIECE = 8 * 2**20
"""Bytes that are checked at a time. A file that is not larger is not worth the start of another process."""

_RESOLUTION = RecordType.RESOLUTION.encode()


class _Resumed(NamedTuple):
    """How a call that began before a piece goes on in it."""

    position: int
    record: lines.Line
    """Its first record here, without the bytes."""
    other: int | None
    """Position of its first record here that is no resolution."""


@dataclass(slots=True)
class Piece(Chains):
    """A part of an export, checked without what came before it."""

    opened: dict[bytes, int] = field(default_factory=dict)
    """Position of the first record of each call that begins here."""
    resumed: dict[bytes, _Resumed] = field(default_factory=dict)
    fault: Fault | None = None
    _resolved: set[bytes] = field(default_factory=set)
    """Calls of which there have been only resolutions here."""

    def _first(self, record: lines.Line) -> tuple[int, str] | None:
        if record.seq == 0:
            self.opened[record.call] = self.count
            return opens(record)
        other = None if record.kind == _RESOLUTION else self.count
        self.resumed[record.call] = _Resumed(self.count, record._replace(body=b""), other)
        if other is None:
            self._resolved.add(record.call)
        return None

    def take(self, line: bytes) -> Fault | None:
        """As for a whole export; a call may have begun before."""
        fault = Chains.take(self, line)
        if self._resolved and fault is None and self.last is not None:
            kind, call = self.last[:2]
            if kind != _RESOLUTION and call in self._resolved:
                self.resumed[call] = self.resumed[call]._replace(other=self.count - 1)
                self._resolved.remove(call)
        return fault


def joined(whole: Chains, piece: Piece) -> Fault | None:
    """Add a piece to what comes before it; the first fault of either, its position counted over all of it."""
    faults = [
        Fault(piece.opened[call], WRONG_SEQ[1], WRONG_SEQ[0], call.decode(), 0)
        for call in piece.opened.keys() & whole.heads.keys()
    ]
    for call, resumed in piece.resumed.items():
        head = whole.heads.get(call)
        found = opens(resumed.record) if head is None else follows(resumed.record, head)
        position = resumed.position
        if found is None and head is not None and head.ended and resumed.other is not None:
            found, position = AFTER_END, resumed.other
        if found is not None:
            faults.append(Fault(position, found[1], found[0], call.decode(), resumed.record.seq))
    if piece.fault is not None:
        faults.append(piece.fault)  # last: of two at one record, what came before it decides
    if faults:
        first = min(faults, key=lambda fault: fault.position)
        return replace(first, position=whole.count + first.position)
    for call, head in piece.heads.items():
        before = whole.heads.get(call)
        whole.heads[call] = head if before is None else head._replace(ended=head.ended or before.ended)
    whole.count += piece.count
    return None


def check_file(file: Path, processes: int | None = None, size: int = PIECE) -> tuple[Fault | None, Chains]:
    """The first fault of an export, and all calls up to there.

    Args:
        file: must not change meanwhile.
        processes: None: as many as there are processors.
        size: of a piece, in bytes.
    """
    whole, end = Chains(), file.stat().st_size
    starts = range(0, end, size)
    if len(starts) <= 1:
        with file.open("rb") as export:
            return check_lines(export, whole), whole
    # Spawned: a fork would take along whatever locks the threads of this process hold. Nothing that is made there goes in
    # circles, and to look for what does would be a sixth of the work.
    spawn = get_context("spawn")
    with ProcessPoolExecutor(processes or os.cpu_count(), mp_context=spawn, initializer=gc.disable) as pool:
        pieces = pool.map(_piece, [file] * len(starts), starts, (min(start + size, end) for start in starts))
        for piece in pieces:
            fault = joined(whole, piece)
            if fault is not None:
                pool.shutdown(wait=False, cancel_futures=True)
                return fault, whole
    return None, whole


def _piece(file: Path, start: int, end: int) -> Piece:
    piece = Piece()
    piece.fault = check_lines(_between(file, start, end), piece)
    piece.last = None
    return piece


def _between(file: Path, start: int, end: int) -> Iterator[bytes]:
    """The lines that begin in this part of a file."""
    with file.open("rb") as export:
        if start > 0:
            export.seek(start - 1)
            export.readline()  # begins before, unless what ends here is a line
        while export.tell() < end:
            yield from _some(export.readlines(2**20), end - export.tell())


def _some(read: list[bytes], left: int) -> Iterator[bytes]:
    """Of the lines that were read, those that begin before the end; `left` is what then is left until there."""
    begin = left + sum(map(len, read))
    for line in read:
        if begin <= 0:
            return
        yield line
        begin -= len(line)
