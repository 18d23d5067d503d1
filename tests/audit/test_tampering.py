"""Whatever is done to an export of 200 records of real decisions is found; how much was tried is printed with `-s`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache

import pytest

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.chain import Head
from mortgage_fsm.audit.checking import Checking
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import HeardBy, RecordType
from mortgage_fsm.audit.sealing import Seal, made
from mortgage_fsm.audit.verifying import Chains, check_lines
from tests.audit.calls import BEGAN, line, log, records, sealed_on
from tests.machine.conversation import locked, submitted

LOG = log(200)
AFTER = BEGAN + timedelta(days=1)


@cache
def sealed() -> Seal:
    checking = checked(LOG, [])
    assert checking.holds
    return made(checking.chains, checking.starts, AFTER, None)


def checked(export: Iterable[bytes], seals: Sequence[Seal]) -> Checking:
    checking = Checking(seals)
    for each in export:
        if not checking.take(each):
            break
    return checking


def is_found(export: Iterable[bytes]) -> bool:
    """Whether a verify with the seal says that something is wrong."""
    return not checked(export, [sealed()]).holds


def call_of(record: bytes) -> bytes:
    read = lines.read(record)
    assert read is not None
    return read.call


def test_the_log_itself_is_whole_and_of_many_calls() -> None:
    assert len(LOG) == 200
    assert not is_found(LOG)
    assert len({call_of(each) for each in LOG}) >= 12


def _flipped(every: int, bits: Sequence[int]) -> int:
    """Flip these bits of every so many bytes, each by itself; line breaks are bytes like others."""
    chains, tried = Chains(), 0
    for number, record in enumerate(LOG):
        for place in range(number % every, len(record), every):
            for bit in bits:
                changed = bytearray(record)
                changed[place] ^= 1 << bit
                pieces = bytes(changed).split(b"\n")  # a flip may make a line break
                assert check_lines(pieces, Chains(dict(chains.heads))) is not None
                tried += 1
        for bit in bits if number % every == 0 else ():
            following = LOG[number + 1] if number + 1 < len(LOG) else b""
            assert chains.take(record + bytes([ord("\n") ^ (1 << bit)]) + following) is not None
            tried += 1
        assert chains.take(record) is None
    return tried


def test_a_flipped_bit_is_found_in_a_sample_of_all_bytes() -> None:
    assert _flipped(every=53, bits=[0]) > 2_000


@pytest.mark.slow
def test_every_flip_of_one_bit_in_any_byte_is_found() -> None:
    tried = _flipped(every=1, bits=range(8))
    assert tried == 8 * sum(len(each) + 1 for each in LOG)
    print(f"\n{tried:,} flips of one bit, every byte of 200 records: all found")


def test_every_deletion_of_a_record_is_found() -> None:
    assert all(is_found(LOG[:number] + LOG[number + 1 :]) for number in range(len(LOG)))


@pytest.mark.slow
def test_every_swap_of_two_records_of_a_call_is_found() -> None:
    tried = 0
    for one in range(len(LOG)):
        for other in range(one + 1, len(LOG)):
            if call_of(LOG[one]) != call_of(LOG[other]):
                break  # calls stand one after the other here; the order of different calls is no evidence
            swapped = list(LOG)
            swapped[one], swapped[other] = LOG[other], LOG[one]
            assert check_lines(swapped[one : other + 1], _until(one)) is not None
            tried += 1
    assert tried > 1_000
    print(f"\n{tried:,} swaps within a call: all found")


def _until(number: int) -> Chains:
    """The chains of all records before this one."""
    heads = Chains()
    for record in LOG[max(number - 50, 0) : number]:
        if call_of(record) == call_of(LOG[number]):
            assert heads.take(record) is None
    return heads


@pytest.mark.slow
def test_every_record_put_in_or_put_in_place_of_another_is_found() -> None:
    """Each of the 200 at each of the 200 places: repeated where it stood, out of its turn, or from another call."""
    chains, tried = Chains(), 0
    for number, record in enumerate(LOG):
        for other in LOG:
            if other == record:
                assert check_lines([record, record], Chains(dict(chains.heads))) is not None
            elif call_of(other) in {*chains.heads, call_of(record)} or lines.read(other).seq > 0:  # type: ignore[union-attr] # it is a record
                assert chains.take(other) is not None
            else:  # another call that begins here, and again where it stood
                assert is_found([*LOG[:number], other, *LOG[number:]])
            tried += 1
        assert chains.take(record) is None
    assert tried == 200 * 200
    print(f"\n{tried:,} insertions and splices: all found")


def test_a_record_of_ours_that_is_put_in_with_a_good_hash_is_found() -> None:
    """Whoever can compute hashes but not sign: the record after it no longer fits, or the seal does not."""
    for number in range(len(LOG) - 1):
        before = lines.read(LOG[number])
        assert before is not None
        forged = Draft(type=RecordType.EDGE_REFUSAL, turn=1, state_from="amount", heard_by=HeardBy.MODEL, reason="x")
        [one] = sealed_on([forged], before.call.decode(), Head(before.seq, before.hash.decode()))
        assert is_found([*LOG[: number + 1], line(one), *LOG[number + 1 :]])


def test_every_cut_of_the_end_is_found_with_the_seal() -> None:
    unseen = 0
    for number in range(len(LOG)):
        assert is_found(LOG[:number])
        unseen += check_lines(LOG[:number]) is None
        assert is_found([*LOG[:number], LOG[number][: len(LOG[number]) // 2]])
    assert unseen == len(LOG), "a chain alone sees no cut between two records: that is what the seal is for"


def test_a_call_that_is_missing_is_found_with_the_seal() -> None:
    for call in {call_of(each) for each in LOG}:
        assert is_found([each for each in LOG if call_of(each) != call])


def test_a_call_put_in_later_as_if_it_were_older_is_found_and_a_younger_one_is_not() -> None:
    assert is_found([*LOG, *(line(each) for each in records(locked(), 999))])
    young = records(locked(), 60 * 24 * 2)
    assert not is_found([*LOG, *(line(each) for each in young)])


def test_a_call_written_anew_with_good_hashes_is_found_with_the_seal() -> None:
    other = [line(each) for each in records(submitted(), 1)]
    rest = [each for each in LOG if call_of(each) != call_of(other[0])]
    assert check_lines(other + rest) is None
    assert is_found(other + rest)


def test_a_hash_put_right_after_a_change_breaks_the_next_record() -> None:
    first = lines.read(LOG[1])
    assert first is not None
    body = first.body.replace(b'"agent":"PaymentFlowAgent"', b'"agent":"MortgageRetrievalAgent"')
    changed = lines.written(body.decode(), hashlib.sha256(body).hexdigest()).encode()
    chains = Chains()
    assert check_lines([LOG[0], changed], chains) is None
    fault = chains.take(LOG[2])
    assert fault is not None
    assert (fault.problem, fault.seq) == ("prev: not the hash of the record before", 2)
