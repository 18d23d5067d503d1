"""Seals: signed, one after the other, and what they tell of a log."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import rfc8785

from mortgage_fsm.audit.chain import ZEROS
from mortgage_fsm.audit.checking import Checking, report
from mortgage_fsm.audit.sealing import Seal, SealError, in_order_of_time, made, new_key, opened, signed, unchecked
from mortgage_fsm.errors import ConfigurationError
from tests.audit.calls import BEGAN, line, log, records
from tests.machine.conversation import locked, submitted

LOG = log(60)
AFTER = BEGAN + timedelta(days=1)
PRIVATE, PUBLIC = new_key()


def checked(export: list[bytes], *seals: Seal) -> Checking:
    checking = Checking(seals)
    assert all(checking.take(each) for each in export)
    return checking


def sealed(export: list[bytes], previous: Seal | None = None, minutes: int = 0) -> Seal:
    checking = checked(export)
    return made(checking.chains, checking.starts, AFTER + timedelta(minutes=minutes), previous)


def test_a_seal_is_read_back_as_it_was_signed() -> None:
    seal = sealed(LOG)
    file = signed(seal, PRIVATE)
    assert opened(file, PUBLIC) == unchecked(file)[0] == seal
    assert len(seal.calls) == len(checked(LOG).chains.heads)
    assert seal.body == rfc8785.dumps(json.loads(seal.body))


def test_every_changed_byte_of_a_seal_is_found() -> None:
    file = signed(sealed(LOG[:20]), PRIVATE)
    for place in range(len(file) - 1):
        changed = bytearray(file)
        changed[place] ^= 1
        with pytest.raises(SealError):
            opened(bytes(changed), PUBLIC)


def test_a_seal_by_another_key_is_none() -> None:
    with pytest.raises(SealError, match="not signed with this key"):
        opened(signed(sealed(LOG), new_key()[0]), PUBLIC)


@pytest.mark.parametrize(
    "file", [b"", b"{}", b"[]", b'{"seal":{},"signature":""}', b'{"seal":[],"signature":1}', b"\xff"]
)
def test_what_is_no_seal_is_said_to_be_none(file: bytes) -> None:
    with pytest.raises(SealError, match="no seal"):
        opened(file, PUBLIC)


def test_what_is_no_key_is_said_to_be_none() -> None:
    seal = sealed(LOG)
    with pytest.raises(ConfigurationError, match="private key"):
        signed(seal, PUBLIC)
    with pytest.raises(ConfigurationError, match="public key"):
        opened(signed(seal, PRIVATE), PRIVATE)


def test_a_seal_that_was_left_out_is_missed_by_the_one_after_it() -> None:
    first = sealed(LOG)
    second = sealed(LOG, first, minutes=1)
    third = sealed(LOG, second, minutes=2)
    assert (first.previous, second.previous) == (ZEROS, first.hash)
    assert in_order_of_time([third, first, second]) == [first, second, third]
    with pytest.raises(SealError, match="does not name"):
        in_order_of_time([first, third])


def test_a_log_may_grow_after_its_seal() -> None:
    started = [line(each) for each in records(submitted(), 900, ended=False)]
    whole = [line(each) for each in records(submitted(), 900)]
    seal = sealed([*LOG, *started])
    assert checked([*LOG, *whole], seal).holds
    younger = [line(each) for each in records(locked(), 60 * 24 * 3)]
    assert checked([*LOG, *whole, *younger], seal).holds


def test_a_call_that_has_not_ended_cannot_be_cut_either() -> None:
    started = [line(each) for each in records(submitted(), 900, ended=False)]
    cut = checked([*LOG, *started[:-1]], sealed([*LOG, *started]))
    assert (
        cut.wrong
        == f"call {900:032x}, record {len(started) - 1}: cut off: the records from here on were sealed and are missing"
    )


def test_a_call_that_began_within_the_last_minute_is_sealed_next_time() -> None:
    young = records(locked(), 60 * 24)  # begins just as the seal is made
    seal = sealed([*LOG, *(line(each) for each in young)])
    assert young[0].call not in seal.calls
    assert checked(LOG, seal).holds


def test_the_report_names_each_check_and_what_a_chain_alone_does_not_show() -> None:
    lines = list(report(checked(LOG)))
    assert [each[:4] for each in lines[:6]] == [f"{number}  o" for number in range(1, 7)]
    assert "nothing is wrong" in lines[6]
    assert "cut-off end" in lines[7]
    with_seal = list(report(checked(LOG, sealed(LOG))))
    assert with_seal[6].startswith("7  ok")
    assert "cut-off end" not in "".join(with_seal)
    broken = list(report(checked(LOG[:-1], sealed(LOG))))
    assert broken[6].startswith("7  WRONG")
    assert "cut off" in broken[7]


def test_after_a_wrong_record_nothing_further_is_claimed() -> None:
    checking = Checking([sealed(LOG)])
    assert checking.take(LOG[0])
    assert not checking.take(LOG[0])
    lines = list(report(checking))
    assert [each.split()[1] for each in lines[:7]] == ["ok", "ok", "WRONG", "not", "not", "not", "not"]
    assert lines[-1].endswith("record 0 (line 2): seq: not the next of this call")
