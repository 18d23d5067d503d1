"""The chain: canonical bytes, hashes, and what gives tampering away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.audit.chain import START, ZEROS, Head, Sealed, Stamp, canonical, seal
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import GatewayStatus, HeardBy, Outcome, RecordError, RecordType
from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.heard import Method

Make = Callable[..., Draft]
MakeChain = Callable[..., list[Sealed]]

identifiers = st.from_regex(r"[a-z_]{1,40}", fullmatch=True)
refs = st.from_regex(r"[A-Z2-7]{26}", fullmatch=True)
decisions = st.builds(
    Draft,
    type=st.just(RecordType.DECISION),
    turn=st.integers(0, 99_999),
    state_from=identifiers,
    state_to=identifiers,
    trigger=identifiers,
    heard_by=st.sampled_from(HeardBy),
    guards=st.dictionaries(identifiers, st.booleans(), max_size=15),
    reason=st.none() | identifiers,
    agent=st.none() | st.from_regex(r"[A-Z][A-Za-z]{1,39}", fullmatch=True),
    loan_ref=st.none() | refs,
    attempts_left=st.none() | st.integers(0, 99),
    payment_digest=st.none() | refs,
    method=st.none() | st.sampled_from(Method),
    gateway_status=st.just(GatewayStatus.ACCEPTED),
    confirmation=st.none() | st.from_regex(r"[A-Za-z]{2}[A-Za-z0-9_-]{4,62}", fullmatch=True),
    heard=st.none() | st.from_regex(r"[a-z]{2}-[0-9]{1,3}(:[a-z_]{1,40})?", fullmatch=True),
    words_ref=st.none() | refs,
    at_ms=st.integers(0, 999_999_999),
    idle_ms=st.none() | st.integers(0, 999_999_999),
    spoke_ms=st.none() | st.integers(0, 999_999_999),
    number=st.none() | st.integers(0, 99_999),
    repeat=st.none() | st.just(True),
    row=st.integers(0, 999),
)


@pytest.mark.slow
@given(decisions)
def test_the_bytes_are_those_of_rfc_8785(draft: Draft) -> None:
    stamp = Stamp(key_id="k1", machine="d" * 64, build="0.1.0")
    one = seal(draft, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=stamp, head=Head(6, "e" * 64))
    record: dict[str, Any] = one.record()
    without_hash = {name: value for name, value in record.items() if name != "hash"}
    assert one.body.encode() == rfc8785.dumps(without_hash)
    assert canonical(record).encode() == rfc8785.dumps(record)
    assert one.hash == hashlib.sha256(rfc8785.dumps(without_hash)).hexdigest()


def test_each_record_holds_the_hash_of_the_one_before(sealed: MakeChain, started: Draft, decision: Make) -> None:
    first, second, third = (each.record() for each in sealed(started, decision(), decision()))
    assert first["prev"] == ZEROS
    assert (second["prev"], third["prev"]) == (first["hash"], second["hash"])
    assert [each["seq"] for each in (first, second, third)] == [0, 1, 2]


def test_a_call_begins_with_call_started_and_has_no_second(
    stamp: Stamp, started: Draft, decision: Make, call: str
) -> None:
    for draft, head in ((decision(), START), (started, Head(0, "e" * 64))):
        with pytest.raises(RecordError, match="call_started"):
            seal(draft, call=call, ts="2026-03-10T12:00:00.000Z", stamp=stamp, head=head)


def test_a_call_id_is_random_and_no_room_name(stamp: Stamp, started: Draft) -> None:
    with pytest.raises(RecordError, match="call: ill-formed"):
        seal(started, call="sip-15550100", ts="2026-03-10T12:00:00.000Z", stamp=stamp, head=START)


@pytest.mark.parametrize("bad", [{"key_id": "K 1"}, {"machine": "x"}, {"build": ""}, {"tenant": "Acme Bank"}])
def test_a_stamp_is_checked_when_it_is_made(bad: dict[str, str]) -> None:
    good = {"key_id": "k1", "machine": "d" * 64, "build": "0.1.0"}
    with pytest.raises(RecordError, match=next(iter(bad))):
        Stamp(**(good | bad))


@pytest.fixture
def chain(sealed: MakeChain, started: Draft, decision: Make, ended: Draft) -> list[dict[str, Any]]:
    return [each.record() for each in sealed(started, *(decision(turn=turn) for turn in range(20)), ended)]


def test_what_was_sealed_passes(chain: list[dict[str, Any]]) -> None:
    assert check_chain(chain) is None
    assert check_chain([]) is None
    assert check_chain([json.loads(canonical(each)) for each in chain]) is None


def test_calls_may_be_interleaved(sealed: MakeChain, started: Draft, decision: Make, ended: Draft) -> None:
    one, two = (sealed(started, decision(), ended, call=call * 16) for call in ("a1", "b2"))
    mixed = [each.record() for pair in zip(one, two, strict=True) for each in pair]
    assert check_chain(mixed) is None


def test_every_changed_field_of_every_record_is_found(chain: list[dict[str, Any]]) -> None:
    for position, record in enumerate(chain):
        for name, value in record.items():
            changed: object = {"seq": 999, "turn": 999, "v": 3, "at_ms": 1, "row": 8}.get(name, "changed")
            if name == "guards":
                changed = {guard: not held for guard, held in value.items()}
            tampered = [*chain[:position], record | {name: changed}, *chain[position + 1 :]]
            fault = check_chain(tampered)
            assert fault is not None, name
            assert fault.position == position


def test_every_deletion_swap_and_repetition_is_found(chain: list[dict[str, Any]]) -> None:
    for position in range(len(chain) - 1):
        without = chain[:position] + chain[position + 1 :]
        swapped = [*chain[:position], chain[position + 1], chain[position], *chain[position + 2 :]]
        repeated = chain[: position + 1] + chain[position:]
        for tampered in (without, swapped, repeated):
            assert check_chain(tampered) is not None


def test_a_record_spliced_in_from_another_call_is_found(
    chain: list[dict[str, Any]], sealed: MakeChain, started: Draft, decision: Make
) -> None:
    other = sealed(started, decision(reason="other"), call="a1" * 16)[1].record()
    fault = check_chain([chain[0], other, *chain[2:]])
    assert fault is not None
    assert (fault.position, fault.problem) == (2, "prev: not the hash of the record before")


def test_nothing_but_a_resolution_follows_the_end_of_a_call(
    sealed: MakeChain, started: Draft, decision: Make, ended: Draft
) -> None:
    resolution = Draft(
        type=RecordType.RESOLUTION,
        heard_by=HeardBy.OPERATOR,
        loan_ref="A" * 26,
        payment_digest="B" * 26,
        method=Method.DEBIT_CARD,
        gateway_status=GatewayStatus.DECLINED,
    )
    assert check_chain([each.record() for each in sealed(started, ended, resolution, resolution)]) is None
    for late in ((ended, decision()), (ended, resolution, decision())):
        fault = check_chain([each.record() for each in sealed(started, *late)])
        assert fault is not None
        assert fault.problem == "type: the call had ended"


def test_a_call_keeps_its_tenant(stamp: Stamp, started: Draft, decision: Make, call: str) -> None:
    first = seal(started, call=call, ts="2026-03-10T12:00:00.000Z", stamp=stamp, head=START)
    other = Stamp(stamp.key_id, stamp.machine, stamp.build, "other")
    second = seal(decision(), call=call, ts=first.ts, stamp=other, head=Head(0, first.hash))
    fault = check_chain([first.record(), second.record()])
    assert fault is not None
    assert (fault.position, fault.problem) == (1, "tenant: not the one that the call started with")


def test_a_fault_quotes_nothing(chain: list[dict[str, Any]]) -> None:
    fault = check_chain([chain[0] | {"state_to": "10004471"}])
    assert fault is not None
    assert (fault.position, fault.problem) == (0, "state_to: ill-formed")


def test_a_handoff_record_says_how_it_went(sealed: MakeChain, started: Draft) -> None:
    failed = Draft(type=RecordType.HANDOFF, turn=1, state_to="amount", agent="PaymentFlowAgent", outcome=Outcome.FAILED)
    assert sealed(started, failed)[1].record()["outcome"] == "failed"


def test_a_second_call_started_is_found_even_with_a_good_hash(chain: list[dict[str, Any]]) -> None:
    forged = {name: value for name, value in chain[0].items() if name != "hash"}
    forged |= {"seq": 1, "prev": chain[0]["hash"]}
    forged["hash"] = hashlib.sha256(rfc8785.dumps(forged)).hexdigest()
    fault = check_chain([chain[0], forged])
    assert fault is not None
    assert (fault.position, fault.problem) == (1, "type: a call has one call_started, and it is the first")


def test_the_first_record_of_a_call_and_no_other_pins_the_configuration_of_its_tenant(
    stamp: Stamp, started: Draft, ended: Draft
) -> None:
    pinned = replace(stamp, tenant="oak", tenant_config="c" * 64)
    first = seal(started, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=pinned, head=START)
    last = seal(ended, call="a1" * 16, ts="2026-03-10T12:00:00.000Z", stamp=pinned, head=Head(0, first.hash))
    assert first.record()["tenant_config"] == "c" * 64
    assert "tenant_config" not in last.record()
    assert check_chain([first.record(), last.record()]) is None
    changed = {**first.record(), "tenant_config": "d" * 64}
    fault = check_chain([changed, last.record()])
    assert fault is not None
    assert fault.problem == "hash: not that of the record"


def test_a_hash_of_a_configuration_that_is_none_cannot_be_stamped(stamp: Stamp) -> None:
    with pytest.raises(RecordError, match="tenant_config"):
        replace(stamp, tenant_config="Oak Home Loans")
