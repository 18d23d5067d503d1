"""A record that has the form of an earlier one is written and checked as the first one was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import rfc8785

from mortgage_fsm.audit.chain import Head, Sealed, Stamp, seal
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.forms import OWN, SHARED, body_of
from mortgage_fsm.audit.record import FIELDS, GatewayStatus, HeardBy, RecordError, RecordType
from mortgage_fsm.heard import Method

CALL, TS, HEAD = "a1" * 16, "2026-03-10T12:00:00.000Z", Head(6, "e" * 64)
FULL = Draft(
    type=RecordType.DECISION,
    turn=4,
    state_from="submitted",
    state_to="submitted",
    trigger="payment_accepted",
    heard_by=HeardBy.GATEWAY,
    guards={"b_holds": True, "a_holds": True},
    agent="PaymentFlowAgent",
    loan_ref="A" * 26,
    attempts_left=2,
    payment_digest="B" * 26,
    method=Method.DEBIT_CARD,
    gateway_status=GatewayStatus.ACCEPTED,
    confirmation="PY0000000001",
    heard="en-2",
    words_ref="C" * 26,
    at_ms=100,
    idle_ms=7,
    spoke_ms=90,
    number=1,
    repeat=True,
    row=12,
)


def sealed(stamp: Stamp, call: str = CALL, ts: str = TS, **own: Any) -> Sealed:
    return seal(replace(FULL, **own), call=call, ts=ts, stamp=stamp, head=HEAD)


def test_every_field_is_a_record_s_own_or_shared() -> None:
    assert sorted((*OWN, *SHARED, "hash")) == list(FIELDS)


def test_own_values_stand_where_they_belong(stamp: Stamp) -> None:
    sealed(stamp)
    other = sealed(
        stamp, "b2" * 16, "2027-01-01T00:00:00.000Z", turn=5, attempts_left=1, words_ref="D" * 26, at_ms=1, row=0
    )
    record: dict[str, Any] = other.record()
    assert (record["call"], record["ts"], record["turn"], record["row"]) == (
        "b2" * 16,
        "2027-01-01T00:00:00.000Z",
        5,
        0,
    )
    assert (record["attempts_left"], record["words_ref"], record["at_ms"]) == (1, "D" * 26, 1)
    assert other.body.encode() == rfc8785.dumps({key: value for key, value in record.items() if key != "hash"})


def test_what_one_record_lacks_is_not_taken_from_another(stamp: Stamp) -> None:
    sealed(stamp)
    record = sealed(stamp, idle_ms=None, repeat=None, words_ref=None).record()
    assert not {"idle_ms", "repeat", "words_ref"} & record.keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at_ms", -1),
        ("at_ms", 10**9),
        ("at_ms", True),
        ("attempts_left", 100),
        ("confirmation", "10000001"),
        ("idle_ms", 1.5),
        ("loan_ref", "10000001"),
        ("loan_ref", "A" * 26 + '","x":"'),
        ("loan_ref", "A" * 26 + "\n" + "B" * 26),
        ("number", 100_000),
        ("payment_digest", "b" * 26),
        ("row", 1000),
        ("spoke_ms", "soon"),
        ("turn", [4]),
        ("words_ref", "my loan number is 10000001"),
    ],
)
def test_an_ill_formed_own_value_is_refused_by_the_form_as_well(stamp: Stamp, field: str, value: Any) -> None:
    sealed(stamp)
    with pytest.raises(RecordError) as error:
        sealed(stamp, **{field: value})
    assert error.value.field == field
    assert str(value) not in str(error.value)


@pytest.mark.parametrize(("field", "value"), [("call", "sip-15550100"), ("ts", "today")])
def test_what_is_stamped_on_is_checked_each_time(stamp: Stamp, field: str, value: Any) -> None:
    sealed(stamp)
    with pytest.raises(RecordError) as error:
        sealed(stamp, **{field: value})
    assert error.value.field == field


def test_a_shared_value_that_is_not_of_the_schema_gives_no_text() -> None:
    shared = dict.fromkeys(SHARED)
    own = dict.fromkeys(OWN)
    assert body_of(RecordType.DECISION, tuple(shared.values()), tuple(own.values())) is None
