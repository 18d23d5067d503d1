"""One record for every decision and refusal; and without a record no money moves."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest

from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.machine import State
from tests.stories.rehearsal import LAST_FOUR, PAY, WAY, Rehearsal, rehearse


async def drop(call: Rehearsal, table: str = "audit_records") -> None:
    async with call.ledger.database.transaction() as connection:
        await connection.exec_driver_sql(f"DROP TABLE {table}")


async def gateway_entries(call: Rehearsal) -> int:
    async with call.ledger.database.reading() as connection:
        return int((await connection.exec_driver_sql("SELECT count(*) FROM gateway_entries")).scalar_one())


async def test_every_decision_and_refusal_of_a_call_has_its_record() -> None:
    async with rehearse() as call:
        await call.say(*WAY[State.CONFIRMING], "flowers", "no", "yes", "what is escrow?", "yes", "yes")
        assert await call.amounts() == [120000]
    kinds = {record["type"] for record in call.written}
    assert {"call_started", "decision", "edge_refusal", "call_ended"} <= kinds


async def test_what_is_turned_away_while_a_decision_is_written_stands_after_it_in_the_state_it_led_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with rehearse() as call:
        orchestrator = call.phone.orchestrator
        recorder, keeping = orchestrator._recorder, orchestrator._recorder.keep_standing

        async def meanwhile(*given: Any) -> None:
            recorder.edge_refusal(call.call, None, "already_answered", "model", orchestrator._turns.last)
            await keeping(*given)

        monkeypatch.setattr(recorder, "keep_standing", meanwhile)
        await call.say(PAY)
        monkeypatch.undo()
    decision, refused = next(pair for pair in pairwise(call.written) if pair[1]["type"] == "edge_refusal")
    assert (decision["state_from"], decision["state_to"]) == ("advising", "collecting_loan")
    assert refused["state_from"] == "collecting_loan"
    assert refused["agent"] == decision["agent"]


async def test_a_refusal_says_which_guard_failed() -> None:
    async with rehearse() as call:
        await call.say(*WAY[State.AMOUNT], "$20,000")
    [refusal] = [record for record in call.written if record["type"] == "refusal"]
    assert refusal["reason"] == "amount_is_within_limits"
    assert refusal["guards"]["amount_is_within_limits"] is False


async def test_records_hold_no_number_of_the_caller_and_no_amount() -> None:
    async with rehearse() as call:
        await call.say(*WAY[State.SUBMITTED])
    hashes = {"hash", "prev", "machine", "call"}  # four digits of a loan stand in some hash or other by chance
    written = json.dumps([{name: each[name] for name in each.keys() - hashes} for each in call.written])
    for secret in ("10004471", '"2190"', "120000", "1,200", "6021", "bank account"):
        assert secret not in written


async def test_a_yes_is_recorded_as_the_callers_own_and_by_which_tier() -> None:
    async with rehearse() as call:
        await call.say(*WAY[State.SUBMITTED])
    [confirmed] = [record for record in call.written if record.get("trigger") == "payment_confirmed"]
    assert confirmed["heard"].endswith(":plain_yes")
    assert confirmed["heard_by"] == "rules"
    assert confirmed["gateway_status"] == "submitting"


@pytest.mark.parametrize(
    "state", [State.COLLECTING_LOAN, State.VERIFYING, State.AMOUNT, State.METHOD, State.CONFIRMING]
)
async def test_when_no_record_can_be_written_no_money_moves_and_advising_goes_on(state: State) -> None:
    async with rehearse(whole=False) as call:
        await call.reach(state)
        await drop(call)
        way = [*WAY[State.SUBMITTED]][len(WAY[state]) :]
        said = await call.say(way[0])
        assert "can't take payments right now, and nothing was paid" in said
        assert call.state is State.ADVISING
        assert call.call.in_flight is None
        for line in (PAY, *way):
            await call.say(line)
        assert await call.payments() == []
        assert await gateway_entries(call) == 0
        assert "escrow" in (await call.say("what is escrow?")).lower()


async def test_an_answer_that_cannot_be_written_down_is_unresolved_and_never_a_success() -> None:
    async with rehearse(whole=False) as call:
        await call.reach(State.CONFIRMING)
        gateway = call.ledger.gateway
        submit = gateway.submit

        async def submit_then_lose_the_table(request: PaymentRequest) -> Accepted | Declined:
            answer = await submit(request)
            await drop(call)
            return answer

        gateway.submit = submit_then_lose_the_table  # type: ignore[method-assign] # the port, and then no table
        said = await call.say("yes")
        assert "can't confirm yet whether that payment went through" in said
        assert "submitted" not in said
        assert call.call.outstanding
        assert [each["status"] for each in await call.payments()] == ["submitting"]
        await call.say(PAY, "$1,200", "yes")
        assert await gateway_entries(call) == 1


async def test_an_identity_check_that_cannot_be_counted_compares_nothing() -> None:
    async with rehearse(whole=False) as call:
        await call.reach(State.VERIFYING)
        await drop(call, "identity_attempts")
        said = await call.say(LAST_FOUR)
        assert "having some trouble" in said
        assert call.call.identity is None
