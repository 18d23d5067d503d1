"""A record as the line it is exported as: the closed schema as one pattern of bytes, so that no other bytes pass.

The canonical line of a record (RFC 8785) has its fields in one order, no white space and one way to write each value. A
pattern of the whole line therefore checks schema and canonical form in one step, twenty times as fast as reading the
JSON, checking its fields and writing it again; the tests hold the two against each other.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Final, NamedTuple

from mortgage_fsm.audit import patterns
from mortgage_fsm.audit.record import FIELDS, SHAPES, STAMPED, WITH_CONFIRMATION, RecordType, in_order

_CAPTURED = ("call", "guards", "hash", "prev", "seq", "tenant")
"""In the order in which they stand in a line; where a type has no guards its pattern captures nothing there."""

_HASH = _CAPTURED.index("hash") + 1
_TYPE = b',"type":"'
_HASH_BEFORE, _HASH_AFTER = len('"hash":"'), len('",')


class Line(NamedTuple):
    """What a chain is checked by."""

    kind: bytes
    call: bytes
    seq: int
    prev: bytes
    tenant: bytes
    hash: bytes
    body: bytes
    """The bytes that were hashed: the line without its hash."""


def _form(kind: RecordType, name: str) -> str:
    outcomes = "|".join(SHAPES[kind].outcomes)
    narrower = {"outcome": f'"(?:{outcomes})"', "type": f'"{kind}"'}
    value = narrower.get(name) or patterns.json_form(FIELDS[name])
    if name in _CAPTURED:  # a text without its quotes
        value = f'"({value[1:-1]})"' if value.startswith('"') else f"({value})"
    return f'"{name}":{value}'


def _pattern(kind: RecordType, *, hashed: bool) -> re.Pattern[bytes]:
    # What may be left out is `(?:...|)` and not `(?:...)?`: the same lines, in two thirds of the time.
    shape = SHAPES[kind]
    required = shape.required | STAMPED | {"hash"}
    pieces: list[str] = []
    for name in (name for name in FIELDS if name in shape.known and (hashed or name != "hash")):
        piece = _form(kind, name)
        # `v` is on every record: what comes before it ends with a comma, what comes after it begins with one.
        piece = piece if name == "v" else f",{piece}" if name > "v" else f"{piece},"
        if name == "gateway_status" and "confirmation" in shape.known:
            pieces[-1] = _confirmed(kind, piece, required="gateway_status" in required)
        else:
            pieces.append(piece if name in required else f"(?:{piece}|)")
        if name == "call" and "guards" not in shape.known:
            pieces.append("()")
    return re.compile((r"\{" + "".join(pieces) + r"\}").encode("ascii"))


def _confirmed(kind: RecordType, status: str, *, required: bool) -> str:
    """`confirmation` stands just before `gateway_status`, and only with a payment that was accepted."""
    accepted = f'"gateway_status":"(?:{"|".join(sorted(WITH_CONFIRMATION))})",'
    both = f"(?:{_form(kind, 'confirmation')},{accepted}|{status})"
    return both if required else f"(?:{both}|)"


_LINES: Final = {str(kind).encode(): _pattern(kind, hashed=True) for kind in RecordType}
_BODIES: Final = {kind: _pattern(kind, hashed=False) for kind in RecordType}


@lru_cache(maxsize=4096)  # the same guards with the same answers, over and over
def _guards_are_canonical(text: bytes) -> bool:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return False
    guards = in_order(read)
    return guards is not None and json.dumps(guards, separators=(",", ":")).encode() == text


def is_body(kind: RecordType, body: bytes) -> bool:
    """Whether these bytes, with a hash put in, are the line of a record; its guards are taken to be canonical."""
    return _BODIES[kind].fullmatch(body) is not None


def read(line: bytes) -> Line | None:
    """The record of a line without its line break; None: these are not the canonical bytes of a record."""
    start = line.rfind(_TYPE) + len(_TYPE)
    kind = line[start : line.find(b'"', start)]
    pattern = _LINES.get(kind)
    match = None if pattern is None else pattern.fullmatch(line)
    if match is None:
        return None
    call, guards, digest, prev, seq, tenant = match.groups()
    if guards and not _guards_are_canonical(guards):
        return None
    begin, end = match.span(_HASH)
    body = line[: begin - _HASH_BEFORE] + line[end + _HASH_AFTER :]
    return Line(kind, call, int(seq), prev, tenant, digest, body)


_BEFORE_HASH = re.compile(
    r'\{(?:"(?:agent|at_ms|attempts_left|build|call|confirmation|gateway_status)":[^,{}]*,)*(?:"guards":\{[^{}]*\},)?'
)


def written(body: str, digest: str) -> str:
    """The line of a record from the bytes that were hashed and their hash, as they are kept.

    Raises:
        ValueError: these are no record's.
    """
    before = _BEFORE_HASH.match(body)
    if before is None:
        raise ValueError("not the body of a record")
    return f'{body[: before.end()]}"hash":"{digest}",{body[before.end() :]}'
