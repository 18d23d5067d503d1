"""Replay: the machine, asked again from the records alone, answers the same; where it would not, the record is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mortgage_fsm.audit.chain import Head, Sealed, canonical
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import GatewayStatus, HeardBy, RecordType
from mortgage_fsm.audit.replaying import DiffersError, Replay
from mortgage_fsm.machine import Refused, Trigger
from tests.audit.calls import CALLS, KEY, line, lines_of, log, records, rewritten, sealed_on
from tests.machine.conversation import AUTOPAY, Conversation, in_flight, read_back, reading_back, submitted


def replayed(*calls: list[Sealed]) -> Replay:
    replay = Replay()
    for call in calls:
        for each in call:
            replay.take(line(each))
    return replay


@pytest.mark.parametrize("talk", CALLS, ids=lambda each: each.__name__)
def test_every_decision_comes_out_the_same(talk: Callable[[], Conversation]) -> None:
    held = talk()
    assert replayed(records(held, 1)).asked == len(held.decisions) > 3


def test_calls_may_be_interleaved() -> None:
    one, two = records(CALLS[0](), 1), records(CALLS[1](), 2)
    mixed = [each for pair in zip(one, two, strict=False) for each in pair]
    assert replayed(mixed).asked > 20


@pytest.mark.parametrize("found", [{"idle": 301.0}, {"payable": False}, {"outstanding": True}, {"maximum": 1}])
def test_a_refused_yes_is_refused_again_for_the_same_reason(found: dict[str, Any]) -> None:
    talk = read_back()
    talk.turn += 1
    decision = talk.fire(Trigger.PAYMENT_CONFIRMED, yes=True, **found)
    assert isinstance(decision, Refused)
    assert replayed(records(talk, 1)).asked == len(talk.decisions)


@pytest.mark.parametrize(
    "late", [{"turn": 99}, {"now": 99_999.0}, {"spoke_at": 1_000.0}], ids=["turn", "too late", "before the end"]
)
def test_a_yes_at_the_wrong_time_is_judged_again_by_its_times(late: dict[str, Any]) -> None:
    talk = read_back()
    talk.turn += 1
    talk.fire(Trigger.PAYMENT_CONFIRMED, yes=True, **late)
    assert talk.sent() == 0
    assert replayed(records(talk, 1)).asked == len(talk.decisions)


def difference(made: list[bytes]) -> str | None:
    replay = Replay()
    for each in made:
        try:
            replay.take(each)
        except DiffersError as error:
            return str(error)
    return None


def numbered(call: list[Sealed], trigger: Trigger) -> int:
    return next(each.seq for each in call if each.record().get("trigger") == trigger)


def changed_guard(call: list[Sealed], number: int, guard: str) -> dict[str, bool]:
    guards: dict[str, bool] = dict(call[number].record()["guards"])  # type: ignore[call-overload] # a map, by the schema
    return guards | {guard: not guards[guard]}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"state_to": "submitted"}, "state_to"),
        ({"row": 1}, "row"),
        ({"trigger": "payment_accepted"}, "gateway_status"),
        ({"loan_ref": "Z" * 26}, "loan_ref"),
        ({"payment_digest": "Z" * 26}, "payment_digest"),
        ({"payment_digest": None}, "payment_digest"),
        ({"method": "debit_card"}, "method"),
        ({"gateway_status": "declined"}, "gateway_status"),
        ({"heard": "en-1"}, "gateway_status"),
        ({"turn": 99}, "gateway_status"),
        ({"at_ms": 999_999_999}, "gateway_status"),
    ],
)
def test_a_yes_that_the_machine_would_not_have_taken_so_is_found(changes: dict[str, Any], named: str) -> None:
    call = records(submitted(), 1)
    yes = numbered(call, Trigger.PAYMENT_CONFIRMED)
    found = difference(rewritten(lines_of(call), yes, **changes))
    assert found is not None
    assert found.partition(":")[0] == named


def test_what_is_written_from_outside_may_be_of_another_build_and_table() -> None:
    talk = in_flight()
    talk.answered(Trigger.PAYMENT_UNRESOLVED)
    call = _resolution(records(talk, 1))[:-1]
    assert (
        difference(rewritten(lines_of(call), {len(call) - 2, len(call) - 1}, build="9.9.9", machine="e" * 64)) is None
    )


def test_no_guard_about_the_call_can_be_answered_otherwise() -> None:
    call = records(submitted(), 1)
    yes = numbered(call, Trigger.PAYMENT_CONFIRMED)
    guards = call[yes].record()["guards"]
    assert isinstance(guards, dict)
    assert len(guards) > 12
    for guard in guards:
        assert difference(rewritten(lines_of(call), yes, guards=changed_guard(call, yes, guard))) is not None, guard


def test_a_payment_without_its_read_back_is_found() -> None:
    talk = submitted()
    told = next(each for each in talk.decisions if each.trigger is Trigger.READ_BACK_FINISHED)
    talk.decisions.remove(told)
    assert difference([line(each) for each in records(talk, 1)]) is not None


def test_a_state_that_does_not_follow_is_found_in_any_record() -> None:
    call = records(submitted(), 1)
    assert difference(rewritten(lines_of(call), len(call) - 1, state_to="amount")) is not None
    assert difference(rewritten(lines_of(call), 0, state_to="amount")) is not None


def _resolution(call: list[Sealed], **changes: Any) -> list[Sealed]:
    sent = call[numbered(call, Trigger.PAYMENT_CONFIRMED)].record()
    fields: dict[str, Any] = {name: sent[name] for name in ("loan_ref", "payment_digest", "method")} | changes
    draft = Draft(
        type=RecordType.RESOLUTION, heard_by=HeardBy.OPERATOR, gateway_status=GatewayStatus.DECLINED, **fields
    )
    return [*call, *sealed_on([draft, draft], call[0].call, Head(call[-1].seq, call[-1].hash))]


def test_only_a_payment_that_was_under_way_is_resolved_and_once() -> None:
    talk = in_flight()
    talk.answered(Trigger.PAYMENT_UNRESOLVED)
    twice = _resolution(records(talk, 1))
    assert difference([line(each) for each in twice[:-1]]) is None
    assert (
        difference([line(each) for each in twice]) == "payment_digest: not of a payment of this call that was under way"
    )
    for changes in ({"payment_digest": "Z" * 26}, {"loan_ref": "Z" * 26}, {"method": AUTOPAY}):
        assert difference([line(each) for each in _resolution(records(talk, 1), **changes)]) is not None
    assert difference([line(each) for each in _resolution(records(submitted(), 1))]) is not None


def test_what_the_constraints_of_the_ledger_refuse_is_a_refusal_and_moves_nothing() -> None:
    talk = in_flight()
    taken = talk.decisions.pop()
    talk.call = taken.before
    talk.decisions.append(Refused(taken.trigger, taken.before, taken.finding, "nothing_outstanding", taken.guards))
    talk.fire(Trigger.CALL_HUNG_UP)
    assert difference([line(each) for each in records(talk, 1)]) is None
    talk.decisions[-2] = talk.decisions[-2]._replace(reason="attempts_remain")  # type: ignore[call-arg] # a refusal
    assert difference([line(each) for each in records(talk, 1)]) is not None


def test_what_the_ledger_could_not_answer_is_not_asked_again() -> None:
    from mortgage_fsm.machine import Finding  # noqa: PLC0415 - only here

    talk = reading_back()
    talk.decisions.append(Refused(Trigger.REPEAT_ASKED, talk.call, Finding(turn=talk.turn), "unavailable", {}))
    assert difference([line(each) for each in records(talk, 1)]) is None


def test_calls_that_another_table_decided_are_counted_and_not_judged() -> None:
    call = [each.record() | {"machine": "e" * 64} for each in records(submitted(), 1)]
    replay = Replay()
    for each in call:
        assert replay.take(canonical(each).encode()) is None
    assert (replay.asked, {table: len(calls) for table, calls in replay.others.items()}) == (0, {"e" * 64: 1})


def test_the_chain_of_removals_has_no_part_in_it() -> None:
    from mortgage_fsm.audit.chain import START  # noqa: PLC0415 - only here
    from mortgage_fsm.audit.record import PURGES  # noqa: PLC0415

    removal = Draft(
        type=RecordType.PURGED,
        purged_call="a" * 32,
        purged_hash="b" * 64,
        purged_seq=3,
        purged_ts="2026-03-10T12:00:00.000Z",
    )
    assert replayed(sealed_on([removal, removal], PURGES, START)).asked == 0


def test_a_replay_needs_no_key_and_holds_nothing_private() -> None:
    export = log(60)
    replay = Replay()
    for each in export:
        replay.take(each)
    assert replay.asked > 40
    standing = json.dumps([str(each.call) for each in replay.calls.values()])
    assert "1000000" not in standing
    assert KEY.loan_ref("10000001") in standing
