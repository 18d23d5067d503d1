"""Answers that only the last question makes clear: what to change, and a loan number where the last four was asked."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Heard, Intent, Slot
from mortgage_fsm.spoken import hear


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("the amount", Intent.CHANGE_AMOUNT),
        ("um, the amount please", Intent.CHANGE_AMOUNT),
        ("how I pay", Intent.CHANGE_METHOD),
        ("the account", Intent.CHANGE_METHOD),
        ("the loan", Intent.CHANGE_LOAN),
        ("the loan number.", Intent.CHANGE_LOAN),
    ],
)
def test_what_to_change_can_be_named_alone_at_the_read_back(words: str, part: Intent) -> None:
    assert hear(words, Slot.ASSENT) == Heard(intents=frozenset({part}), complete=True)


@pytest.mark.parametrize("words", ["the amount is fine", "yes the amount", "the amount and the loan", "the amount ..."])
def test_a_part_named_beside_anything_else_is_not_a_wish_to_change_it(words: str) -> None:
    assert hear(words, Slot.ASSENT).intents & {Intent.CHANGE_AMOUNT, Intent.CHANGE_LOAN} == frozenset()


@pytest.mark.parametrize("words", ["10004471", "it's 10004471", "sorry, 10004471"])
def test_a_loan_number_written_in_one_corrects_the_loan_where_the_last_four_was_asked(words: str) -> None:
    heard = hear(words, Slot.LAST_FOUR)
    assert (heard.loan, heard.last_four, heard.complete) == ("10004471", None, True)


@pytest.mark.parametrize("words", ["2190 2191", "2190 2190", "two one nine zero two one nine one", "21-90-21-91"])
def test_a_last_four_said_twice_is_no_loan_number(words: str) -> None:
    heard = hear(words, Slot.LAST_FOUR)
    assert (heard.loan, heard.last_four) == (None, None)


@pytest.mark.parametrize(
    "words", ["set up autopay", "I'd like to set up autopay please", "set up autopay for the amount due"]
)
def test_asking_for_autopay_is_asking_to_pay(words: str) -> None:
    heard = hear(words)
    assert Intent.PAY in heard.intents
    assert heard.complete


@pytest.mark.parametrize("words", ["what is autopay", "is autopay free?", "does autopay cost anything"])
def test_a_question_about_autopay_is_only_a_question(words: str) -> None:
    heard = hear(words)
    assert Intent.QUESTION in heard.intents
    assert Intent.PAY not in heard.intents


def test_thanks_alone_is_thanks() -> None:
    assert hear("thank you so much").intents == {Intent.THANKS}
    assert hear("thank you so much").complete


@pytest.mark.parametrize(
    "words", ["who are you", "are you a robot?", "am I talking to a real person?", "is this a recording"]
)
def test_whoever_asks_whom_they_talk_to_is_understood_without_a_model(words: str) -> None:
    assert hear(words) == Heard(intents=frozenset({Intent.WHO}), complete=True)


def test_asking_for_a_real_person_is_not_asking_who_this_is() -> None:
    assert hear("can I talk to a real person").intents == {Intent.HUMAN}


@pytest.mark.parametrize("slot", [None, *Slot])
def test_a_bare_what_asks_for_the_same_again(slot: Slot | None) -> None:
    assert hear("what", slot).intents == {Intent.REPEAT}


@pytest.mark.parametrize("words", ["uh huh, hmm", "yes hmm", "okay, mm"])
def test_who_is_still_thinking_after_a_yes_has_not_said_it(words: str) -> None:
    assert hear(words, Slot.ASSENT).assent is None


@pytest.mark.parametrize("words", ["hmm yes", "mm hmm", "um, yes", "yes um"])
def test_a_hesitation_before_a_yes_leaves_it_a_yes(words: str) -> None:
    assert hear(words, Slot.ASSENT).assent is True


@pytest.mark.parametrize(
    "words", ["let's go on with the payment", "continue with my payment", "go on", "ok, continue please"]
)
def test_going_on_with_the_payment_is_asking_to_pay(words: str) -> None:
    heard = hear(words)
    assert heard.intents == {Intent.PAY}
    assert heard.complete


@pytest.mark.parametrize(
    "words", ["no I don't want to pay", "no, I don't want to pay anymore", "I don't want to pay anything"]
)
def test_not_wanting_to_pay_is_never_asking_to_pay(words: str) -> None:
    heard = hear(words)
    assert Intent.PAY not in heard.intents
    assert Intent.CANCEL in heard.intents


def test_a_fact_asked_of_a_loan_that_was_not_caught_is_no_fact_of_the_loan_at_hand() -> None:
    assert hear("what's the amount due on loan 10005582").loan_fact is None
