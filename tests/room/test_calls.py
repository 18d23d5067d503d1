"""Calls in a LiveKit room: who is heard, who pays, and what becomes of a call whose caller is gone."""

from __future__ import annotations

import asyncio

import pytest

from tests.room.conftest import Office
from tests.room.house import new_room
from tests.room.payment import LOAN, OTHER_LAST_FOUR, OTHER_LOAN, agree, pay, up_to_the_yes

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_a_call_by_text_stream_pays_once_and_says_the_confirmation_number(office: Office) -> None:
    async with office.house.call() as caller:
        confirmation = await pay(caller, "$50.25")
        (payment,) = await office.evidence.listed_payments()
        assert (payment["amount_cents"], payment["method"], payment["status"]) == (5025, "bank_transfer", "accepted")
        assert payment["confirmation"] == confirmation
    (kept,) = await office.evidence.ended()
    assert [each["seq"] for each in kept] == list(range(len(kept)))
    assert kept[0]["type"] == "call_started"
    assert LOAN not in office.worker.log


async def test_two_calls_at_once_in_one_worker_do_not_know_each_other(office: Office) -> None:
    async with office.house.call() as one, office.house.call() as two:
        first, second = await asyncio.gather(
            pay(one, "$61"), pay(two, "$75.50", loan=OTHER_LOAN, last_four=OTHER_LAST_FOUR)
        )
        amounts = {each["confirmation"]: each["amount_cents"] for each in await office.evidence.payments()}
        assert amounts == {first: 6100, second: 7550}
        assert not any("75.50" in sentence for sentence in one.heard)
        assert not any("$61" in sentence for sentence in two.heard)
    await office.evidence.ended(2)


async def test_a_second_participant_is_never_heard_as_the_caller(office: Office) -> None:
    room = new_room()
    async with office.house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        async with office.house.caller(room, "somebody-else") as other:
            for words in ("yes", "make it $900", LOAN):
                await other.say(words)
                # When the caller has received it, the agent was sent it as well, and before what the caller says next.
                await caller.see_typed(words)
            await caller.say("could you repeat that?")
            await caller.hear("one payment of $50.00")
            await caller.hear("submit")
            assert await office.evidence.payments() == []
        confirmation = await agree(caller)
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["confirmation"]) == (5000, confirmation)
    await office.evidence.ended()


async def test_who_was_there_first_is_the_caller_and_the_call_ends_when_they_leave(office: Office) -> None:
    room = new_room()
    async with office.house.caller(room) as caller, office.house.caller(room, "aaa-comes-later") as other:
        await office.house.dispatch(room)
        await up_to_the_yes(caller, "$50")
        await caller.hang_up()
        await other.gone()
    (kept,) = await office.evidence.ended()
    assert kept[-2]["trigger"] == "call_hung_up"
    assert await office.evidence.payments() == []


async def test_a_call_that_the_server_ends_is_recorded_to_its_end(office: Office) -> None:
    server, room = office.house.own, new_room()
    async with office.house.call(room) as caller:
        await up_to_the_yes(caller, "$50")
        (job,) = (each for each in server.dispatch.jobs if each.room.name == room)
        await server.dispatch.terminate(job)
        await caller.gone()
        await server.seen.until(lambda: server.workers.has_ended(job.id))
    (kept,) = await office.evidence.ended()
    assert [each["type"] for each in kept].count("call_ended") == 1
    assert await office.evidence.payments() == []
