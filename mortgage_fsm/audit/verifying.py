"""Checks chains: every line by itself, and each record against the one before it in its call. Needs no key."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.chain import ZEROS, canonical
from mortgage_fsm.audit.record import PURGES, RecordError, RecordType, check

CHECKS = (
    "every line is the canonical JSON (RFC 8785) of one record of the closed schema",
    "every hash is the SHA-256 of its record",
    "the records of a call are numbered from 0 without a gap",
    "every record holds the hash of the one before it in its call",
    "every call begins with call_started, and keeps its tenant",
    "nothing but a resolution follows call_ended",
)
"""What is checked, in this order, of each record."""

_STARTED, _ENDED = RecordType.CALL_STARTED.encode(), RecordType.CALL_ENDED.encode()
_RESOLUTION, _PURGED = RecordType.RESOLUTION.encode(), RecordType.PURGED.encode()
_PURGES, _ZEROS = PURGES.encode(), ZEROS.encode()
_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Fault:
    """The first record that cannot be what was written."""

    position: int
    """Counted from 0 over all that was checked."""
    problem: str
    check: int = 0
    """Index in CHECKS."""
    call: str | None = None
    """None: the line tells of no call."""
    seq: int | None = None


class Head(NamedTuple):
    """A call, as far as it was checked."""

    seq: int
    hash: bytes
    tenant: bytes
    ended: bool


WRONG_SEQ = (2, "seq: not the next of this call")
AFTER_END = (5, "type: the call had ended")
_WRONG_PREV = (3, "prev: not the hash of the record before")
_WRONG_START = (4, "type: a call has one call_started, and it is the first")


def opens(record: lines.Line) -> tuple[int, str] | None:
    """What keeps a record from being a call's first: the check that it fails, and why."""
    if record.seq != 0:
        return WRONG_SEQ
    if record.prev != _ZEROS:
        return _WRONG_PREV
    return None if record.kind == (_PURGED if record.call == _PURGES else _STARTED) else _WRONG_START


def follows(record: lines.Line, head: Head) -> tuple[int, str] | None:
    """What keeps a record from following the last one of its call."""
    if record.seq != head.seq + 1:
        return WRONG_SEQ
    if record.prev != head.hash:
        return _WRONG_PREV
    if record.kind == _STARTED or (record.kind == _PURGED) != (record.call == _PURGES):
        return _WRONG_START
    if record.tenant != head.tenant:
        return 4, "tenant: not the one that the call started with"
    return AFTER_END if head.ended and record.kind != _RESOLUTION else None


@dataclass(slots=True)
class Chains:
    """All calls whose records have been taken in so far, which may be interleaved."""

    heads: dict[bytes, Head] = field(default_factory=dict)
    count: int = 0
    last: lines.Line | None = None
    """The record that was taken in last."""

    def take(self, line: bytes) -> Fault | None:
        """Check one more line, without its line break; a line that is not taken in leaves everything as it was."""
        record = lines.read(line)
        if record is None:
            return Fault(self.count, _why_not(line), 0, *_named(line))
        kind, call, seq, _, tenant, digest, body = record
        if _sha256(body).hexdigest().encode() != digest:
            return self._fault(record, 1, "hash: not that of the record")
        found = self._first(record) if (head := self.heads.get(call)) is None else follows(record, head)
        if found is not None:
            return self._fault(record, *found)
        ended = kind == _ENDED or (head is not None and head.ended)
        self.heads[call] = Head(seq, digest, tenant, ended)
        self.count += 1
        self.last = record
        return None

    def _first(self, record: lines.Line) -> tuple[int, str] | None:
        """What keeps a record from being the first of its call that is seen."""
        return opens(record)

    def _fault(self, record: lines.Line, check: int, problem: str) -> Fault:
        return Fault(self.count, problem, check, record.call.decode(), record.seq)


def check_lines(export: Iterable[bytes], chains: Chains | None = None) -> Fault | None:
    """The first fault of an export, line by line; a line break at its end is cut off.

    Anything but records with a line break each is a fault. A cut-off end is not seen here: that takes a seal.
    """
    take = (chains if chains is not None else Chains()).take
    for line in export:
        fault = take(line[:-1] if line.endswith(b"\n") else line)
        if fault is not None:
            return fault
    return None


def check_chain(records: Iterable[Mapping[str, object]]) -> Fault | None:
    """The first fault in these records; None when there is none."""
    chains = Chains()
    for record in records:
        fault = chains.take(canonical(record).encode())
        if fault is not None:
            return fault
    return None


def _why_not(line: bytes) -> str:
    """What is wrong with a line that is no record's, without anything of it."""
    try:
        record = json.loads(line)
        if not isinstance(record, dict):
            return "record: not a JSON object"
        check(record)
    except RecordError as error:
        return str(error)
    except (ValueError, RecursionError):
        return "record: not JSON"
    return "record: not its canonical JSON"


_CALL = re.compile(rb'"call":"([0-9a-f]{32})"')
_SEQ = re.compile(rb'"seq":([0-9]{1,9}),')


def _named(line: bytes) -> tuple[str | None, int | None]:
    """Call and number that a line claims to be of."""
    call, seq = _CALL.search(line), _SEQ.search(line)
    return (call[1].decode() if call else None), (int(seq[1]) if seq else None)
