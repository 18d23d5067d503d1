"""Seals over a whole log, signed with Ed25519: with one kept elsewhere, what a chain alone cannot show is found.

A seal lists the latest record of every call that had started by a moment shortly before it was made. A log that lacks
one of these records, has another in its place, or has a call that claims to have started by then and is not listed, is
not the log that was sealed. Each seal names the hash of the one before, so that none can be left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mortgage_fsm.audit import patterns
from mortgage_fsm.audit.chain import ZEROS
from mortgage_fsm.audit.lines import Line
from mortgage_fsm.audit.record import PURGES
from mortgage_fsm.audit.verifying import Chains
from mortgage_fsm.errors import ConfigurationError, MortgageFsmError

VERSION = 1
SLACK = timedelta(seconds=60)
"""A record is stamped before it is committed: what is younger may not be in the log yet, and is sealed next time."""


class SealError(MortgageFsmError):
    """A file that is no seal, or is not signed with the key that it should be."""


class Entry(NamedTuple):
    """The latest record of a call when it was sealed."""

    seq: int
    hash: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Seal:
    """What was signed."""

    calls: Mapping[str, Entry]
    until: str
    """Every call that had started by then is in it."""
    sealed_at: str
    previous: str
    """Hash of the seal before this one; zeros: there was none."""

    @property
    def body(self) -> bytes:
        """The canonical bytes (RFC 8785) that are signed."""
        calls = [[call, *entry] for call, entry in sorted(self.calls.items())]
        return _canonical(
            {
                "calls": calls,
                "previous": self.previous,
                "sealed_at": self.sealed_at,
                "until": self.until,
                "v": VERSION,
            }
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the body, in hex: what the next seal names."""
        return hashlib.sha256(self.body).hexdigest()


def _canonical(value: object) -> bytes:
    # Keys and texts are ASCII without anything to escape, numbers are integers: these are the bytes of RFC 8785.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def timestamp(moment: datetime) -> str:
    """A time as records have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def made(chains: Chains, starts: Mapping[str, str], now: datetime, previous: Seal | None) -> Seal:
    """The seal of a log that was just checked.

    Args:
        chains: the whole log, without a fault.
        starts: time of each call's first record.
        now: the present.
        previous: the seal before this one.
    """
    until = timestamp(now - SLACK)
    calls = {
        call.decode(): Entry(head.seq, head.hash.decode(), head.ended)
        for call, head in chains.heads.items()
        if starts[call.decode()] <= until
    }
    return Seal(calls, until, timestamp(now), previous.hash if previous else ZEROS)


# --- keys and files


def new_key() -> tuple[bytes, bytes]:
    """A new private key and its public key, both as PEM."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def signed(seal: Seal, private_key: bytes) -> bytes:
    """The file of a seal: one line of JSON.

    Raises:
        ConfigurationError: this is no Ed25519 private key in PEM, without a password.
    """
    key = _private(private_key)
    return _canonical({"seal": json.loads(seal.body), "signature": key.sign(seal.body).hex()}) + b"\n"


def _private(pem: bytes) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError("the key is no Ed25519 private key in PEM")
    return key


def opened(file: bytes, public_key: bytes) -> Seal:
    """The seal of a file, its signature checked.

    Raises:
        ConfigurationError: this is no Ed25519 public key in PEM.
        SealError: the file is no seal, or its signature is not of this key.
    """
    try:
        key = serialization.load_pem_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigurationError("the key is no Ed25519 public key in PEM")
    return _verified(file, key)


def own(file: bytes, private_key: bytes) -> Seal:
    """A seal that was signed with the same key as the next one will be.

    Raises:
        ConfigurationError: this is no Ed25519 private key in PEM, without a password.
        SealError: the file is no seal, or its signature is not of this key.
    """
    return _verified(file, _private(private_key).public_key())


def _verified(file: bytes, key: Ed25519PublicKey) -> Seal:
    seal, signature = unchecked(file)
    try:
        key.verify(signature, seal.body)
    except InvalidSignature:
        raise SealError("the seal is not signed with this key, or was changed") from None
    return seal


def unchecked(file: bytes) -> tuple[Seal, bytes]:
    """The seal of a file and its signature, which nobody has checked.

    Raises:
        SealError: the file is no seal.
    """
    try:
        written = json.loads(file)
        body, signature = written["seal"], bytes.fromhex(written["signature"])
        calls = {call: Entry(seq, digest, ended) for call, seq, digest, ended in body["calls"]}
        seal = Seal(calls, body["until"], body["sealed_at"], body["previous"])
        is_ours = seal.body == _canonical(body) and patterns.TIME(seal.until)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise SealError("this is no seal") from None
    if not is_ours:
        raise SealError("this is no seal of this version")
    return seal, signature


def in_order_of_time(seals: list[Seal]) -> list[Seal]:
    """Seals, oldest first.

    Raises:
        SealError: one of them does not name the one before it.
    """
    ordered = sorted(seals, key=lambda seal: seal.sealed_at)
    for before, after in pairwise(ordered):
        if after.previous != before.hash:
            raise SealError(f"the seal of {after.sealed_at} does not name that of {before.sealed_at} as the one before")
    return ordered


# --- a log held against a seal


class Broken(NamedTuple):
    """What is wrong with a log that was sealed."""

    call: str
    seq: int | None
    problem: str


@dataclass(slots=True)
class Comparison:
    """A log, line by line, held against one seal. Give it every record that a chain has taken in."""

    seal: Seal
    latest: dict[str, int] = field(default_factory=dict)
    starts: dict[str, str] = field(default_factory=dict)
    purged: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Calls that were removed, and said to be: latest record and its hash."""
    broken: Broken | None = None

    def take(self, record: Line) -> None:
        """Take in one more record."""
        call = record.call.decode()
        self.latest[call] = record.seq
        if record.seq == 0:
            self.starts[call] = started_at(record)
        if call == PURGES:
            body = json.loads(record.body)
            self.purged[body["purged_call"]] = (body["purged_seq"], body["purged_hash"])
        entry = self.seal.calls.get(call)
        if entry is not None and record.seq == entry.seq and record.hash.decode() != entry.hash and not self.broken:
            self.broken = Broken(call, record.seq, "not the record that was sealed")

    def result(self) -> Broken | None:
        """The first thing wrong, after the last record."""
        return self.broken or next(self._missing(), None) or next(self._added(), None)

    def _missing(self) -> Iterator[Broken]:
        for call, entry in self.seal.calls.items():
            latest = self.latest.get(call)
            if latest is None and not self._was_purged(call, entry):
                yield Broken(call, None, "a call that was sealed is missing, and no record says that it was purged")
            elif latest is not None and latest < entry.seq:
                yield Broken(call, latest + 1, "cut off: the records from here on were sealed and are missing")

    def _was_purged(self, call: str, entry: Entry) -> bool:
        seq, digest = self.purged.get(call, (-1, ""))
        return seq > entry.seq or (seq == entry.seq and digest == entry.hash)

    def _added(self) -> Iterator[Broken]:
        for call, start in self.starts.items():
            if start <= self.seal.until and call not in self.seal.calls:
                yield Broken(call, 0, "a call that claims to be older than the seal was not sealed")


def started_at(record: Line) -> str:
    """Time of a call's first record."""
    ts: str = json.loads(record.body)["ts"]
    return ts
