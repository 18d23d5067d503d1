"""The closed schema."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.drafts import Draft, checked
from mortgage_fsm.audit.record import (
    FIELDS,
    SHAPES,
    STAMPED,
    GatewayStatus,
    HeardBy,
    Outcome,
    RecordError,
    RecordType,
    check,
)

Make = Callable[..., Draft]


def test_every_type_has_its_shape_of_known_fields() -> None:
    assert set(SHAPES) == set(RecordType)
    for shape in SHAPES.values():
        assert shape.required | shape.optional <= set(FIELDS) - STAMPED - {"hash"}
        assert not shape.required & shape.optional
        assert ("outcome" in shape.required) == bool(shape.outcomes)


def test_the_fields_stand_in_canonical_order() -> None:
    assert list(FIELDS) == sorted(FIELDS)


def test_no_field_is_for_an_amount_a_number_of_the_caller_or_free_text() -> None:
    assert not set(FIELDS) & {"amount", "cents", "loan", "last_four", "words", "text", "message", "name", "instrument"}


def test_an_unknown_field_cannot_be_drafted() -> None:
    with pytest.raises(TypeError):
        Draft(type=RecordType.DECISION, note="x")  # type: ignore[call-arg] # the point


BAD = {
    "turn": "4",
    "state_from": "Confirming",
    "state_to": "confirming 10004471",
    "trigger": "payment-confirmed",
    "heard_by": "someone",
    "outcome": "refused",
    "reason": "because I said 2190",
    "guards": {"yes": 1},
    "agent": "paymentAgent 7391",
    "loan_ref": "10004471",
    "attempts_left": -1,
    "payment_digest": "1850.00",
    "method": "cash",
    "gateway_status": "paid",
    "confirmation": "8842213345",
    "heard": "yes please",
    "words_ref": "yes",
}


@pytest.mark.parametrize(("field", "value"), BAD.items())
def test_a_bad_value_is_named_by_its_field_and_not_quoted(decision: Make, field: str, value: object) -> None:
    with pytest.raises(RecordError) as caught:
        checked(decision(**{field: value}))
    assert caught.value.field == field
    assert str(value) not in str(caught.value)


@pytest.mark.parametrize("guards", [{"Yes": True}, {"yes": None}, {1: True}, {"x" * 41: True}, [("yes", True)]])
def test_guards_are_a_map_from_names_to_true_and_false(decision: Make, guards: object) -> None:
    with pytest.raises(RecordError, match="guards"):
        checked(decision(guards=guards))


def test_a_bad_guard_is_found_also_when_a_good_one_of_that_name_went_before(decision: Make) -> None:
    checked(decision(guards={"yes": True}))
    with pytest.raises(RecordError, match="guards"):
        checked(decision(guards={"yes": 1}))


def test_no_more_guards_than_a_row_can_have(decision: Make) -> None:
    names = ["guard_" + "abcdefghijklmnopqrstuvwxyz"[number % 26] * (1 + number // 26) for number in range(41)]
    with pytest.raises(RecordError, match="guards"):
        checked(decision(guards=dict.fromkeys(names, True)))


@pytest.mark.parametrize("missing", ["turn", "state_from", "state_to", "trigger", "heard_by", "guards"])
def test_a_missing_field_is_named(decision: Make, missing: str) -> None:
    with pytest.raises(RecordError, match=f"{missing}: missing"):
        checked(decision(**{missing: None}))


def test_a_field_of_another_type_of_record_is_refused(started: Draft, decision: Make) -> None:
    with pytest.raises(RecordError, match="words_ref: not of this type"):
        checked(Draft(type=RecordType.CALL_STARTED, state_to="advising", words_ref="C" * 26))
    with pytest.raises(RecordError, match="state_to: not of this type"):
        checked(decision(type=RecordType.REFUSAL, reason="not_heard"))
    assert checked(started)["state_to"] == "advising"


def test_the_outcome_goes_without_saying_where_there_is_one(decision: Make) -> None:
    assert checked(decision())["outcome"] is Outcome.ACCEPTED
    with pytest.raises(RecordError, match="outcome"):
        checked(decision(outcome=Outcome.LANDED))
    with pytest.raises(RecordError, match="outcome: missing"):
        checked(Draft(type=RecordType.HANDOFF, turn=1, state_to="amount", agent="PaymentFlowAgent"))


def test_a_confirmation_number_stands_only_with_an_accepted_payment(decision: Make) -> None:
    number = {"confirmation": "MP-AA2BB3CC4D"}
    assert checked(decision(gateway_status=GatewayStatus.ACCEPTED, **number))["confirmation"]
    for status in (None, GatewayStatus.DECLINED, GatewayStatus.UNRESOLVED, GatewayStatus.SUBMITTING):
        with pytest.raises(RecordError, match="confirmation"):
            checked(decision(gateway_status=status, **number))


def test_a_decision_without_guards_is_one_with_none_evaluated(decision: Make) -> None:
    assert checked(decision(guards={}))["guards"] == {}


def test_a_whole_record_passes_its_own_check(
    sealed: Callable[..., list[Sealed]], started: Draft, decision: Make, ended: Draft
) -> None:
    refusal = decision(type=RecordType.REFUSAL, state_to=None, reason="yes_is_next")
    edge = Draft(
        type=RecordType.EDGE_REFUSAL, turn=2, state_from="amount", heard_by=HeardBy.MODEL, reason="unknown_tool"
    )
    landed = Draft(type=RecordType.HANDOFF, turn=2, state_to="amount", agent="PaymentFlowAgent", outcome=Outcome.LANDED)
    for each in sealed(started, decision(), refusal, edge, landed, ended):
        check(each.record())
        assert len(each.body) < 2048


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"note": "x"}, "record"),
        ({"v": 1}, "v"),
        ({"v": True}, "v"),
        ({"ts": "2026-03-10 12:00"}, "ts"),
        ({"machine": None}, "machine"),
        ({"tenant": "Acme Bank"}, "tenant"),
        ({"call": "sip-15550100"}, "call"),
        ({"seq": -1}, "seq"),
    ],
)
def test_a_record_that_was_changed_is_found_by_its_field(
    sealed: Callable[..., list[Sealed]], started: Draft, change: dict[str, object], field: str
) -> None:
    (one,) = sealed(started)
    with pytest.raises(RecordError) as caught:
        check(one.record() | change)
    assert caught.value.field == field


@pytest.mark.parametrize("missing", sorted(STAMPED | {"hash", "state_to"}))
def test_a_record_that_lacks_something_is_found(
    sealed: Callable[..., list[Sealed]], started: Draft, missing: str
) -> None:
    (one,) = sealed(started)
    record = one.record()
    del record[missing]
    with pytest.raises(RecordError, match=missing):
        check(record)
