"""What a bank debit authorised by telephone leaves behind: a notice to be sent or a recording, and what was read back."""

from __future__ import annotations

import pytest

from mortgage_fsm.machine import State
from mortgage_fsm.tenants import Tenant
from tests.stories.rehearsal import WAY, rehearse


@pytest.mark.parametrize(("recorded", "queued"), [(False, ["telephone_authorisation"]), (True, [])])
async def test_a_bank_debit_is_followed_by_a_notice_in_writing_unless_the_call_is_recorded(
    recorded: bool, queued: list[str]
) -> None:
    tenant = Tenant(name="Oak", records_calls=recorded, inquiry_number="+15105550101")
    async with rehearse(tenant=tenant) as call:
        await call.say(*WAY[State.SUBMITTED])
        assert any("call 5 1 0, 5 5 5, 0 1 0 1." in said for said in call.spoken)
        notices = await call.ledger.notices.waiting()
        [payment] = await call.payments()
        assert [each["kind"] for each in notices] == queued
        assert all(each["confirmation"] == payment["confirmation"] for each in notices)


async def test_the_first_record_holds_the_hash_of_the_sentences_that_payments_are_read_back_with() -> None:
    async with rehearse() as call:
        first, *later = await call.records()
        assert first["wording"] == call.phone.orchestrator._wording.read_back_hash
        assert not any("wording" in each for each in later)
