"""The pattern of a line, held against reading it, checking its fields and writing it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.chain import Head, Sealed, Stamp, canonical, seal
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import FIELDS, RecordError, check
from tests.audit.test_chain import decisions

Make = Callable[..., Draft]
STAMP = Stamp(key_id="k1", machine="d" * 64, build="0.1.0")


def is_record(line: bytes) -> bool:
    """What the pattern stands for."""
    try:
        read = json.loads(line)
        check(read)
    except (ValueError, RecordError, AttributeError):
        return False
    return canonical(read).encode() == line


@pytest.mark.slow
@given(decisions)
def test_a_line_is_put_together_from_what_is_kept_and_read_back(draft: Draft) -> None:
    one = seal(draft, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=STAMP, head=Head(6, "e" * 64))
    line = lines.written(one.body, one.hash)
    assert line == canonical(one.record())
    read = lines.read(line.encode())
    assert read is not None
    assert (read.call.decode(), read.seq, read.hash.decode(), read.body.decode()) == ("a1" * 16, 7, one.hash, one.body)


values = (
    st.none() | st.booleans() | st.integers(-1, 10**10) | st.sampled_from(["", "x", "A" * 26, "0" * 64, "accepted"])
)


@pytest.mark.slow
@given(decisions, st.sampled_from(sorted(FIELDS)), values, st.booleans())
def test_a_changed_record_is_read_exactly_when_it_is_of_the_schema(
    draft: Draft, name: str, value: object, taken_out: bool
) -> None:
    one = seal(draft, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=STAMP, head=Head(6, "e" * 64))
    record: dict[str, Any] = one.record() | {name: value}
    if taken_out:
        del record[name]
    line = canonical(record).encode()
    assert (lines.read(line) is not None) == is_record(line)


@pytest.mark.slow
@given(decisions, st.data())
def test_changed_bytes_are_read_exactly_when_they_are_canonical_and_of_the_schema(draft: Draft, data: Any) -> None:
    one = seal(draft, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=STAMP, head=Head(6, "e" * 64))
    line = bytearray(canonical(one.record()).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.sampled_from(b'{}":,_0aA \\\n-.'))
    assert (lines.read(bytes(line)) is not None) == is_record(bytes(line))


@pytest.mark.parametrize("change", [b" ", b"\n", b"\r", b"\x00", b"{}"])
def test_nothing_may_stand_before_or_after_a_record(
    sealed: Callable[..., list[Sealed]], started: Draft, change: bytes
) -> None:
    line = canonical(sealed(started)[0].record()).encode()
    assert lines.read(line) is not None
    assert lines.read(line + change) is None
    assert lines.read(change + line) is None


def test_guards_stand_in_order_and_once(sealed: Callable[..., list[Sealed]], started: Draft, decision: Make) -> None:
    line = canonical(sealed(started, decision(guards={"a": True, "b": False}))[1].record()).encode()
    assert lines.read(line) is not None
    for other in (b'{"b":false,"a":true}', b'{"a":true,"a":true,"b":false}', b'{"a":true,"b":false,}', b'{"a": true}'):
        assert lines.read(line.replace(b'{"a":true,"b":false}', other)) is None


def test_what_is_no_body_makes_no_line() -> None:
    with pytest.raises(ValueError, match="body"):
        lines.written("[]", "0" * 64)
