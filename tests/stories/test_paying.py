"""Whole payment calls as callers make them, heard by our own rules alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.ports import Loan
from mortgage_fsm.machine import State
from tests.stories.rehearsal import AMOUNT, LAST_FOUR, LOAN, METHOD, PAY, YES, Rehearsal, rehearse

READ_BACK = (
    "One payment of {amount}, today, from your checking account ending 6021, toward your loan ending in 4 4 7 1."
)


async def hear(call: Rehearsal, line: str, *sentences: str) -> str:
    said = await call.say(line)
    for sentence in sentences:
        assert sentence in said
    return said


async def test_a_straight_call_ends_with_one_payment_and_its_confirmation_number() -> None:
    async with rehearse() as call:
        [greeting] = call.spoken
        assert greeting.startswith("Thank you for calling Example Mortgage Servicing. I'm an automated assistant.")
        assert greeting.endswith("How can I help?")
        await hear(call, PAY, "What's your loan number?")
        await hear(call, LOAN, "I have loan 1 0 0 0, 4 4 7 1.", "last four digits of your Social Security number?")
        await hear(call, LAST_FOUR, "Thank you, that matches.", "$1,850.00", "How much would you like to pay?")
        await hear(call, AMOUNT, "checking account ending 6021", "debit card ending 8830")
        await hear(call, METHOD, READ_BACK.format(amount="$1,200.00"), "less than the $1,850.00", "yes or no")
        said = await hear(call, YES, "Your payment of $1,200.00 has been submitted.", "Your confirmation number is")
        [payment] = await call.payments()
        assert (payment["amount_cents"], payment["method"], payment["status"]) == (120000, "bank_transfer", "accepted")
        assert payment["confirmation"] in said
        assert call.state is State.SUBMITTED


async def test_a_caller_with_questions_mistakes_and_changes_of_mind_pays_exactly_the_last_amount() -> None:
    async with rehearse() as call:
        await hear(call, "what is an escrow shortage?", "A shortage means", "What else can I help you with?")
        await hear(call, "how do I get rid of PMI?", "80 percent", "What else can I help you with?")
        await hear(call, "I want to pay $1,450 on loan 10004471", "I have loan 1 0 0 0, 4 4 7 1.", "last four digits")
        await hear(call, "2191", "I wasn't able to match that.", "last four digits", "or your loan number")
        assert call.call.identity is None
        await hear(call, "2190", "Thank you, that matches.", "Would you like to pay from your checking account")
        await hear(call, "what's the late fee?", "late", "Would you like to go on with your payment?")
        await hear(call, "yes", "Would you like to pay from your checking account")
        await hear(call, "checking account", READ_BACK.format(amount="$1,450.00"), "Shall I submit it?")
        said = await hear(call, "no, make it 1600", READ_BACK.format(amount="$1,600.00"), "Shall I submit it?")
        assert "What should I change" not in said
        await hear(call, "yes", "Your payment of $1,600.00 has been submitted.")
        assert await call.amounts() == [160000]


async def test_facts_given_before_they_are_asked_for_are_not_asked_for_again() -> None:
    async with rehearse() as call:
        await hear(call, "I'd like to pay $500 from my checking account", "What's your loan number?")
        await hear(call, LOAN, "last four digits")
        await hear(call, LAST_FOUR, "Thank you, that matches.", READ_BACK.format(amount="$500.00"))
        await hear(call, YES, "has been submitted")
        assert await call.amounts() == [50000]


async def test_everything_in_one_breath_still_asks_who_is_calling_and_reads_back() -> None:
    async with rehearse() as call:
        await hear(call, "I want to pay $900 with my debit card on loan 10004471", "last four digits")
        await hear(call, LAST_FOUR, "One payment of $900.00, today, with your debit card ending 8830")
        assert await call.payments() == []
        await hear(call, YES, "has been submitted")
        assert [each["method"] for each in await call.payments()] == ["debit_card"]


async def test_the_amount_due_is_the_loans_own_figure() -> None:
    async with rehearse() as call:
        await call.say(PAY, LOAN, LAST_FOUR, "the amount due")
        said = await hear(call, METHOD, READ_BACK.format(amount="$1,850.00"))
        assert "less than" not in said
        await call.say(YES)
        assert await call.amounts() == [185000]


@pytest.mark.parametrize(
    ("state", "line", "then"),
    [
        (State.METHOD, "make it $700", "Would you like to pay"),
        (State.CONFIRMING, "change the amount", "How much would you like to pay?"),
        (State.CONFIRMING, "I want to use my debit card instead", "with your debit card ending 8830"),
        (State.CONFIRMING, "no", "What should I change: the amount, how you pay, or the loan?"),
    ],
)
async def test_a_fact_can_be_changed_and_is_read_back_anew(state: State, line: str, then: str) -> None:
    async with rehearse() as call:
        await call.reach(state)
        await hear(call, line, then)
        assert await call.payments() == []


async def test_a_yes_after_a_no_pays_nothing_and_reads_back_again() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        await hear(call, "no", "I haven't submitted anything.")
        await hear(call, "yes", READ_BACK.format(amount="$1,200.00"))
        assert await call.payments() == []
        await hear(call, "yes", "has been submitted")
        assert await call.amounts() == [120000]


@pytest.mark.parametrize(
    "hedge",
    [
        "I guess so",
        "yes, I think",
        "yes but make it 1600",
        "maybe",
        "sure, why not, or actually wait",
        "hmm, let me think",
    ],
)
async def test_a_hedged_yes_pays_nothing(hedge: str) -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        assert await call.say(hedge)
        assert await call.payments() == []


@pytest.mark.parametrize("line", ["pay $20,000", "$0.50", "one cent"])
async def test_an_amount_outside_the_limits_is_said_to_be_and_asked_for_again(line: str) -> None:
    async with rehearse() as call:
        await call.reach(State.AMOUNT)
        await hear(call, line, "between $1.00 and $10,000.00", "How much would you like to pay?")
        assert call.state is State.AMOUNT
        await hear(call, "$1,000", "Would you like to pay")


@pytest.mark.parametrize(
    "line",
    [
        "repeat that",
        "what was my confirmation number?",
        "can you repeat the confirmation number please",
        "my confirmation number please",
    ],
)
async def test_a_confirmation_number_is_told_again_to_who_asks(line: str) -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        [payment] = await call.payments()
        await hear(call, line, f"The number is {payment['confirmation']}.", "anything else")
        assert call.state is State.SUBMITTED
        assert len(await call.payments()) == 1


async def test_an_amount_given_too_early_to_be_checked_is_refused_with_its_reason_once_it_can_be() -> None:
    async with rehearse() as call:
        assert "between" not in await call.say("I want to pay $25,000")
        assert "between" not in await call.say("10004471")
        await hear(call, "2190", "that matches", "between $1.00 and $10,000.00", "How much would you like to pay?")
        await hear(call, "what is escrow?", "Escrow")
        assert "between" not in await call.say("I want to pay"), "it is not said of an amount that is no longer there"
        await hear(call, "what is escrow?", "Escrow")
        await hear(call, "$30,000", "between $1.00 and $10,000.00", "How much would you like to pay?")
        assert await call.payments() == []


async def test_an_amount_changed_beyond_the_limits_after_the_read_back_is_asked_for_again() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        await hear(call, "no, make it $25,000", "between $1.00 and $10,000.00", "How much would you like to pay?")
        await hear(call, "$900", READ_BACK.format(amount="$900.00"))
        await call.say(YES)
        assert await call.amounts() == [90000]


async def test_a_way_to_pay_that_is_not_on_file_is_not_taken() -> None:
    async with rehearse() as call:
        await call.say(PAY, "10005582", "7304", "$800")
        await hear(call, "my debit card", "I don't have that on file for this loan.", "checking account ending 3345")
        assert call.state is State.METHOD
        await hear(call, "my bank account", "from your checking account ending 3345")
        await hear(call, YES, "has been submitted")
        assert await call.amounts() == [80000]


async def test_a_cancelled_payment_is_said_to_be_and_nothing_is_paid() -> None:
    for state in (State.COLLECTING_LOAN, State.VERIFYING, State.AMOUNT, State.METHOD, State.CONFIRMING):
        async with rehearse() as call:
            await call.reach(state)
            await hear(call, "cancel the payment", "Nothing was paid.", "What else can I help you with?")
            assert call.state is State.ADVISING
            assert not call.call.paying
            assert await call.payments() == []


async def test_a_second_payment_of_the_same_amount_is_announced_before_it_is_made() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        said = await hear(
            call, "I'd like to make another payment of $1,200 from my bank account", "already made a payment"
        )
        assert "this would be a second one" in said
        await call.say(YES)
        assert await call.amounts() == [120000, 120000]


async def test_a_second_payment_in_one_call_takes_its_own_amount_and_confirmation() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        await hear(call, "I want to make another payment", "How much would you like to pay?")
        said = await call.say("$300", METHOD)
        assert "second one" not in said
        await call.say(YES)
        assert await call.amounts() == [30000, 120000]
        assert len({each["confirmation"] for each in await call.payments()}) == 2


class NearlyPaidOff:
    """A loan system that takes in payments at night: what was paid today is not in its figures."""

    async def find(self, loan: str) -> Loan | None:
        known = {each.loan.number: each.loan for each in DEMO_LOANS}
        return replace(known[loan], payoff=800_00) if loan in known else None


async def test_payments_of_one_day_are_together_no_more_than_what_pays_the_loan_off() -> None:
    async with rehearse(directory=NearlyPaidOff()) as call:
        await call.say(PAY, LOAN, LAST_FOUR)
        await hear(call, "$800.01", "between $1.00 and $800.00")
        await call.say("$600", METHOD, YES)
        await call.say("I want to make another payment")
        await hear(call, "$300", "between $1.00 and $200.00")
        await call.say("$200", METHOD, YES)
        assert await call.amounts() == [20000, 60000]


async def test_what_was_just_paid_is_the_last_payment() -> None:
    async with rehearse(directory=NearlyPaidOff()) as call:
        await call.say(PAY, LOAN, LAST_FOUR, "$600", METHOD, YES)
        said = await hear(call, "did my payment go through?", "The last payment we received was $600.00")
        assert "November 1st" not in said


async def test_a_yes_said_twice_pays_once() -> None:
    async with rehearse() as call:
        await call.reach(State.SUBMITTED)
        await call.say("yes", "yes please", "yes, submit it", "go ahead")
        assert await call.amounts() == [120000]


async def test_enrolling_in_automatic_payments_takes_no_money_and_says_so() -> None:
    async with rehearse() as call:
        await call.say(PAY, LOAN, LAST_FOUR, "the amount due")
        await hear(
            call, "set up autopay", "Nothing is paid today.", "you can cancel at any time", "Shall I set that up?"
        )
        said = await hear(call, YES, "enrollment in automatic payments", "Nothing was paid today.")
        [enrolment] = await call.payments()
        assert (enrolment["method"], enrolment["status"]) == ("autopay", "pending_authorisation")
        assert enrolment["confirmation"] in said
        assert await call.amounts() == []
        assert "automatic" not in await call.say(PAY, "the amount due")


async def test_back_to_questions_and_on_with_the_payment_at_the_first_missing_fact() -> None:
    async with rehearse() as call:
        await call.reach(State.METHOD)
        await hear(call, "I have a question", "go on with your payment?")
        between = call.state
        assert between is State.ADVISING
        await hear(call, "what is a grace period?", "grace", "Would you like to go on with your payment?")
        await hear(call, "yes please", "Would you like to pay from your checking account")
        assert call.state is State.METHOD
        assert call.call.amount == 120000


async def test_a_question_at_the_read_back_is_answered_and_the_old_read_back_confirms_nothing() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        await hear(call, "what is escrow?", "Escrow", "go on with your payment?")
        await hear(call, "yes", READ_BACK.format(amount="$1,200.00"), "Shall I submit it?")
        assert await call.payments() == []
        await call.say("yes")
        assert await call.amounts() == [120000]


async def test_another_loan_after_proof_asks_again_who_is_calling() -> None:
    async with rehearse() as call:
        await call.reach(State.CONFIRMING)
        await hear(call, "no, it's loan 10005582", "I have loan 1 0 0 0, 5 5 8 2.", "last four digits")
        await hear(call, "2190", "I wasn't able to match that.")
        said = await hear(call, "7304", "$2,412.36", "How much would you like to pay?")
        assert "$1,850.00" not in said
        assert await call.payments() == []
