"""Callers on a telephone: the number they dialled, the keys they press, and the people they are sent on to."""

from __future__ import annotations

import re

import pytest
from livekit import api

from mortgage_fsm.machine import Trigger
from tests.room.caller import Caller
from tests.room.conftest import Office
from tests.room.house import PHONE, new_room
from tests.room.payment import LAST_FOUR, LOAN, agree
from tests.room.tenants import ASHS_NUMBER, ASKED, DISPUTE, FALLBACK, FRAUD, OAKS_NUMBER

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def typed_up_to_the_yes(caller: Caller, amount: str) -> None:
    """From the greeting to the question whether to submit; whatever the keys can say is typed."""
    await caller.greeted()
    await caller.say("I'd like to make a payment")
    await caller.hear("loan number")
    for keys, heard in ((LOAN, "social security"), (LAST_FOUR, "how much"), (amount, "checking account")):
        await caller.press(keys)
        await caller.hear(heard)
    await caller.say("my bank account")
    await caller.hear("submit")


async def test_a_payment_is_typed_on_the_keys_of_a_telephone_and_no_log_holds_a_digit_of_it(office: Office) -> None:
    async with office.house.call(dialled=OAKS_NUMBER) as caller:
        await typed_up_to_the_yes(caller, "1357#24")
        confirmation = await agree(caller, "1")
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["confirmation"]) == (135724, confirmation)
    (kept,) = await office.evidence.ended()
    typed = [each["trigger"] for each in kept if each.get("heard_by") == "keypad"]
    assert typed[:3] == ["loan_offered", "identity_offered", "amount_offered"]
    assert set(typed[3:]) == {"payment_confirmed"}
    shown = re.sub(r'"?pid"?[:=] ?\d+', "", office.worker.log)
    for private in (LOAN, LAST_FOUR, "1357", "135724", "1,357"):
        assert not re.search(rf"(?<![0-9A-Za-z.]){re.escape(private)}(?![0-9A-Za-z])", shown), private


async def test_two_at_the_read_back_changes_and_submits_nothing(office: Office) -> None:
    async with office.house.call(dialled=OAKS_NUMBER) as caller:
        await typed_up_to_the_yes(caller, "61##")
        await caller.press("2")
        await caller.hear("haven't submitted anything")
        assert await office.evidence.payments() == []
    await office.evidence.ended()


async def test_keys_that_somebody_else_in_the_room_presses_are_not_the_callers(office: Office) -> None:
    room = new_room()
    async with office.house.call(room, dialled=OAKS_NUMBER) as caller, office.house.caller(room, "other") as other:
        await typed_up_to_the_yes(caller, "62##")
        await other.press("1")
        # The server passes on in order: when the caller has these words, the agent was sent the key before them.
        await other.say("that was me")
        await caller.see_typed("that was me")
        await caller.press("2")
        await caller.hear("haven't submitted anything")
        assert await office.evidence.payments() == []
    await office.evidence.ended()


async def test_the_number_dialled_chooses_the_tenant_where_the_dispatch_says_nothing_that_means_anything(
    office: Office,
) -> None:
    room = new_room()
    async with office.house.api() as client:
        await client.room.create_room(api.CreateRoomRequest(name=room, metadata='{"tenant": {"not": ["ours"'))
    for number, name, asked_for, metadata in (
        (OAKS_NUMBER, "Oak Home Loans", room, ""),
        (ASHS_NUMBER, "Ash Servicing", None, "{not json \x00"),
        (OAKS_NUMBER, "Oak Home Loans", None, "x" * 20_000),
    ):
        async with office.house.call(asked_for, metadata=metadata, dialled=number) as caller:
            assert name in await caller.hear("thank you for calling")
    await office.evidence.ended(3)


def transfers(office: Office, since: int) -> list[api.TransferSIPParticipantRequest]:
    """What the server was asked to do with the lines of callers, repetitions of the SDK left out."""
    asked = [each.message for each in office.house.own.seen.entries[since:] if each.what == "TransferSIPParticipant"]
    return [each for index, each in enumerate(asked) if index == 0 or each != asked[index - 1]]


@pytest.mark.parametrize(
    ("words", "busy", "tried"),
    [
        ("let me talk to a person please", set(), [ASKED]),
        ("I didn't authorise this, get me a person", set(), [DISPUTE]),
        ("this is fraud, get me a person", set(), [FRAUD]),
        ("let me talk to a person please", {ASKED}, [ASKED, FALLBACK]),
    ],
    ids=["asked for", "dispute", "fraud", "nobody answers"],
)
async def test_a_caller_who_asks_is_sent_on_to_the_person_for_their_reason_and_then_to_the_next(
    office: Office, words: str, busy: set[str], tried: list[str]
) -> None:
    server, room = office.house.own, new_room()
    server.faults.unanswered = busy
    since = len(server.seen.entries)
    async with office.house.call(room, dialled=OAKS_NUMBER) as caller:
        await typed_up_to_the_yes(caller, "63##")
        await caller.say(words)
        await caller.hear("get you to a person")
        await caller.gone()
        asked = transfers(office, since)
        assert [each.transfer_to for each in asked] == tried
        assert {(each.room_name, each.participant_identity) for each in asked} == {(room, PHONE)}
        for each in asked:
            assert {"X-Transfer-Reason", "X-Transfer-State"} <= set(each.headers) | {"X-Transfer-Topics"}
            assert not re.search(r"\d", " ".join(each.headers.values()))
    (kept,) = await office.evidence.ended()
    assert Trigger.TRANSFER_FAILED not in [each.get("trigger") for each in kept]
    assert await office.evidence.payments() == []


async def test_a_caller_whom_nobody_takes_is_told_so_and_goes_on_where_they_were(office: Office) -> None:
    server = office.house.own
    server.faults.unanswered = {ASKED, FALLBACK}
    since = len(server.seen.entries)
    async with office.house.call(dialled=OAKS_NUMBER) as caller:
        await typed_up_to_the_yes(caller, "64##")
        await caller.say("let me talk to a person please")
        await caller.hear("couldn't reach anyone")
        await caller.hear("submit")
        assert [each.transfer_to for each in transfers(office, since)] == [ASKED, FALLBACK]
        confirmation = await agree(caller, "1")
        (payment,) = await office.evidence.payments()
        assert (payment["amount_cents"], payment["confirmation"]) == (6400, confirmation)
    await office.evidence.ended()
