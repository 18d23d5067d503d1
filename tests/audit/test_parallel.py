"""An export verified in pieces is verified as one that is read from beginning to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from mortgage_fsm.audit.chain import Head, Sealed
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.parallel import Piece, _between, check_file, joined
from mortgage_fsm.audit.record import GatewayStatus, HeardBy, RecordType
from mortgage_fsm.audit.verifying import Chains, Fault, check_lines
from mortgage_fsm.heard import Method
from tests.audit.calls import line, log, records, sealed_on
from tests.machine.conversation import locked, submitted

LOG = log(120)


def in_pieces(export: list[bytes], size: int) -> Fault | None:
    whole = Chains()
    for start in range(0, len(export), size):
        piece = Piece()
        piece.fault = check_lines(export[start : start + size], piece)
        fault = joined(whole, piece)
        if fault is not None:
            return fault
    return None


def interleaved() -> list[bytes]:
    one, two = (
        [line(each) for each in records(talk, number)] for number, talk in enumerate((submitted(), locked()), 1)
    )
    return [each for pair in zip(one, two, strict=False) for each in pair] + one[len(two) :] + two[len(one) :]


@pytest.mark.parametrize("size", [1, 2, 7, 50, 1000])
def test_the_same_first_fault_is_found_however_it_is_cut(size: int) -> None:
    for export in (LOG, interleaved()):
        assert in_pieces(export, size) is None
        for place in range(0, len(export) - 1, 11):
            changed = export[place].replace(b'"turn":', b'"turn":1')
            for tampered in (
                [*export[:place], *export[place + 1 :]],
                [*export[: place + 1], *export[place:]],
                [*export[:place], export[place + 1], export[place], *export[place + 2 :]],
                [*export[:place], changed, *export[place + 1 :]],
                [*export, export[place]],
            ):
                assert in_pieces(tampered, size) == check_lines(tampered)


def test_what_follows_the_end_of_a_call_is_found_across_pieces() -> None:
    call = records(locked(), 1)
    resolution = Draft(
        type=RecordType.RESOLUTION,
        heard_by=HeardBy.OPERATOR,
        loan_ref="A" * 26,
        payment_digest="B" * 26,
        method=Method.DEBIT_CARD,
        gateway_status=GatewayStatus.DECLINED,
    )
    late = Draft(type=RecordType.EDGE_REFUSAL, turn=1, state_from="amount", heard_by=HeardBy.MODEL, reason="x")
    more: list[Sealed] = sealed_on([resolution, late], call[0].call, Head(call[-1].seq, call[-1].hash))
    export = [line(each) for each in (*call, *more)]
    for size in (len(call), len(call) - 1, 1):
        assert in_pieces(export[:-1], size) is None
        fault = in_pieces(export, size)
        assert fault is not None
        assert (fault.position, fault.problem) == (len(export) - 1, "type: the call had ended")


def test_the_pieces_of_a_file_have_each_line_once(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"".join(each + b"\n" for each in LOG))
    end = file.stat().st_size
    for size in (700, 5_000, end - 1, end):
        starts = range(0, end, size)
        read = [each for start in starts for each in _between(file, start, min(start + size, end))]
        assert b"".join(read) == file.read_bytes()


def test_a_small_file_is_read_at_once(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"\n".join(LOG))
    fault, chains = check_file(file)
    assert (fault, chains.count) == (None, len(LOG))


@pytest.mark.slow
def test_a_large_file_is_read_by_several_processes(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"".join(each + b"\n" for each in LOG))
    fault, chains = check_file(file, processes=2, size=20_000)
    assert (fault, chains.count) == (None, len(LOG))
    file.write_bytes(b"".join(each + b"\n" for each in [*LOG[:90], *LOG[91:]]))
    fault, _ = check_file(file, processes=2, size=20_000)
    assert fault == check_lines([*LOG[:90], *LOG[91:]])
