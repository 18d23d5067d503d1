"""Whole calls for tenants: their names, limits, methods and statements, side by side on one ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.machine import State
from mortgage_fsm.tenants import Limits, Tenant
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, Rehearsal, rehearse

ALLOW = "You allow Oak Home Loans to draw this payment from your account electronically."
FEE = "A payment that your bank returns costs 25 dollars."

OAK = Tenant(
    id="oak",
    name="Oak Home Loans",
    statements=(ALLOW,),
    methods=(Method.BANK_TRANSFER,),
    limits=Limits(minimum=500, maximum=250_000),
    records_calls=True,
)
ASH = Tenant(
    id="ash",
    name="Ash Servicing",
    methods=(Method.DEBIT_CARD, Method.AUTOPAY),
    limits=Limits(minimum=100, maximum=50_000),
    phrases={"question": {"collecting_loan": "What is the number of your loan?"}},
)
STRICT = OAK.model_copy(update={"id": "strict", "statements": (ALLOW, FEE)})


def _asked(said: str, statement: str) -> None:
    assert said.endswith(f"{statement} Do you agree?"), said
    assert "Here's what I have" not in said


async def _to_the_statement(call: Rehearsal) -> str:
    return await call.say(PAY, LOAN, LAST_FOUR, AMOUNT, METHOD)


async def test_two_tenants_on_one_ledger_are_each_served_by_their_own_terms(tmp_path: Path) -> None:
    async with rehearse(tmp_path, tenant=OAK) as oak:
        [greeting] = oak.spoken
        assert greeting.startswith("This call is being recorded. Thank you for calling Oak Home Loans.")
        assert "between $5.00 and $2,500.00" in await oak.say(PAY, LOAN, LAST_FOUR, "$2,600")
        assert await oak.say(AMOUNT) == "Okay, $1,200.00. Should I take that from your checking account ending 6021?"
        assert "I don't have that on file" in await oak.say("my debit card")
        _asked(await oak.say(METHOD), ALLOW)
        assert "Here's what I have. One payment of $1,200.00" in await oak.say("I agree")
        assert "has been submitted" in await oak.say("yes")

    async with rehearse(tmp_path, tenant=ASH) as ash:
        [greeting] = ash.spoken
        assert greeting.startswith("Thank you for calling Ash Servicing. I'm an automated assistant.")
        assert (await ash.say(PAY)).endswith("What is the number of your loan?")
        assert "between $1.00 and $500.00" in await ash.say(LOAN, LAST_FOUR, AMOUNT)
        said = await ash.say("$450")
        assert said.endswith("with your debit card ending 8830 or by setting up automatic payments?")
        assert "checking" not in said
        assert "I don't have that on file" in await ash.say("my bank account")
        assert "Here's what I have. One payment of $450.00" in await ash.say("my debit card")
        assert "has been submitted" in await ash.say("yes")
        assert sorted(await ash.amounts()) == [45_000, 120_000]

    for call, tenant in ((oak, OAK), (ash, ASH)):
        assert {record["tenant"] for record in call.written} == {tenant.id}
        pinned = [record.get("tenant_config") for record in call.written]
        assert pinned == [tenant.config_hash] + [None] * (len(pinned) - 1)


async def test_the_one_tenant_of_the_settings_is_pinned_too() -> None:
    async with rehearse() as call:
        pass
    assert call.written[0]["tenant"] == "default"
    assert len(call.written[0]["tenant_config"]) == 64


async def test_each_statement_takes_a_yes_of_its_own_before_the_facts_are_read_back() -> None:
    async with rehearse(tenant=STRICT) as call:
        _asked(await _to_the_statement(call), ALLOW)
        _asked(await call.say("yes"), FEE)
        assert "Here's what I have. One payment of $1,200.00" in await call.say("yes")
        assert await call.payments() == []
        assert "has been submitted" in await call.say("yes")
        assert await call.amounts() == [120_000]


@pytest.mark.parametrize("agreed", [0, 1])
async def test_a_no_to_a_statement_ends_the_payment_and_offers_a_person(agreed: int) -> None:
    async with rehearse(tenant=STRICT) as call:
        await _to_the_statement(call)
        await call.say(*["yes"] * agreed)
        said = await call.say("no")
        assert "I can't take a payment without your agreement to that. Nothing was paid." in said
        assert said.endswith("Would you like me to connect you with a person?")
        assert (call.state, call.call.paying, call.call.agreed) == (State.ADVISING, False, 0)
        assert await call.payments() == []


async def test_after_a_no_the_next_payment_is_asked_everything_anew() -> None:
    async with rehearse(tenant=STRICT) as call:
        await _to_the_statement(call)
        await call.say("yes", "no")
        _asked(await call.say(PAY, AMOUNT, METHOD), ALLOW)


async def test_a_statement_is_repeated_when_asked_for_and_after_what_is_no_answer() -> None:
    async with rehearse(tenant=OAK) as call:
        await _to_the_statement(call)
        _asked(await call.say("can you repeat that?"), ALLOW)
        first = await call.say("well the sky is blue")
        assert first.startswith("Sorry, I need a yes or a no.")
        _asked(first, ALLOW)
        second = await call.say("well the grass is green")
        assert "say yes if you agree" in second
        assert "submit" not in second
        assert call.call.agreed == 0
        assert "Here's what I have" in await call.say("yes")


async def test_a_question_in_between_does_not_agree_to_anything() -> None:
    async with rehearse(tenant=STRICT) as call:
        await _to_the_statement(call)
        _asked(await call.say("yes"), FEE)
        said = await call.say("what happens if I pay late?")
        assert said.endswith("Would you like to go on with your payment?")
        _asked(await call.say("yes"), FEE)
        assert call.call.agreed == 1
        assert "Here's what I have" in await call.say("yes")
        assert await call.payments() == []


async def test_a_yes_before_the_statement_was_heard_out_agrees_to_nothing() -> None:
    async with rehearse(tenant=OAK) as call:
        await call.say(PAY, LOAN, LAST_FOUR, AMOUNT)
        # The words of the turn that brought the statement about hold a yes: it was said before the statement was.
        _asked(await call.say("yes, my bank account"), ALLOW)
        assert call.call.agreed == 0
        # One yes is to the statement alone, not to the facts that are read back after it.
        assert "Here's what I have" in await call.say("yes")
        assert call.call.agreed == 1
        assert await call.payments() == []


async def test_a_change_after_the_statement_keeps_the_agreement_and_reads_the_new_facts_back() -> None:
    async with rehearse(tenant=OAK) as call:
        await _to_the_statement(call)
        await call.say("yes")
        assert "One payment of $900.00" in await call.say("no, make it $900")
        assert "has been submitted" in await call.say("yes")
        assert await call.amounts() == [90_000]


async def test_a_loan_with_no_way_to_pay_that_is_taken_leads_to_a_person_and_to_no_empty_question() -> None:
    cards_only = Tenant(id="elm", name="Elm", methods=(Method.DEBIT_CARD,))
    async with rehearse(tenant=cards_only) as call:
        said = await call.say(PAY, "10005582", "7304", "$300")
        assert call.state is State.METHOD
        assert said.endswith(
            "I don't have a way to pay on file for this loan. Would you like me to connect you with a person?"
        )
        assert "a way to pay on file" in await call.say("well the sky is blue")
        assert "couldn't reach anyone" in await call.say("yes")
