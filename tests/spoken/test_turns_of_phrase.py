"""Turns of phrase that were once heard wrong, or not at all; beside each, what it must not be taken for."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Heard, Intent, Method, Slot
from mortgage_fsm.spoken import hear, masked

LOAN = "10004471"


@pytest.mark.parametrize("words", [f"make a payment on {LOAN}", f"I'd like to make a payment on {LOAN} please"])
@pytest.mark.parametrize("slot", [None, Slot.LOAN])
def test_what_a_payment_is_made_on_is_a_loan(words: str, slot: Slot | None) -> None:
    heard = hear(words, slot)
    assert (heard.loan, heard.amount, heard.intents, heard.complete) == (LOAN, None, frozenset({Intent.PAY}), True)


@pytest.mark.parametrize(
    "words",
    [f"pay {LOAN}", f"make a payment of {LOAN}", f"make a payment for {LOAN}", "pay on ten million", "pay on 500"],
)
def test_what_is_paid_is_no_loan(words: str) -> None:
    assert hear(words).loan is None


@pytest.mark.parametrize(
    "words", ["it ends in 2190", "ending in two one nine zero", "ends with 2190", "My social ends in 2190."]
)
def test_the_digits_it_ends_in_are_the_last_four(words: str) -> None:
    assert hear(words, Slot.LAST_FOUR).last_four == "2190"


@pytest.mark.parametrize(
    "words",
    [
        "my card ends in 2190", "checking ending in 2190", "my loan ends in 4471", "it doesn't end in 2190",
        "does it end in 2190?", "my phone number ends in 2190", "it ends in 2190 or 2191", "hers ends in 2190",
        "the debit card, it ends in 2190",
    ],
)  # fmt: skip
def test_the_digits_that_something_else_ends_in_are_none(words: str) -> None:
    assert hear(words, Slot.LAST_FOUR).last_four is None


def test_the_digits_it_ends_in_are_nothing_where_no_last_four_is_asked_for() -> None:
    for slot in (None, *Slot):
        if slot is not Slot.LAST_FOUR:
            assert hear("it ends in 2190", slot).last_four is None


@pytest.mark.parametrize(
    "words", ["912-34-2190", "it's 912-34-2190", "my social is 912342190", "my ssn is 912 34 2190"]
)
def test_of_a_whole_social_security_number_the_last_four_are_taken(words: str) -> None:
    heard = hear(words, Slot.LAST_FOUR)
    assert (heard.last_four, heard.loan, heard.complete) == ("2190", None, True)
    assert "2190" not in repr(heard).replace("last_four='2190'", "")
    assert "912" not in masked(words)


@pytest.mark.parametrize(
    "words",
    [
        "912342190", "9123-42190", "my routing number is 912-34-2190", "912-34-219", "912-34-21900", "no, 912-34-2190?",
        "her social is 912-34-2190", "my card is 912-34-2190",
    ],
)  # fmt: skip
def test_nine_digits_that_may_be_something_else_are_none(words: str) -> None:
    assert hear(words, Slot.LAST_FOUR).last_four is None
    assert hear("912-34-2190", Slot.AMOUNT) == Heard()


@pytest.mark.parametrize("slot", [None, *Slot])
@pytest.mark.parametrize(
    "words",
    [
        "I don't want to use my debit card",
        "I do not want to use, uh, my debit card",
        "no, I don't want to use the debit card",
    ],
)
def test_who_does_not_want_to_use_a_card_wants_another_way_and_still_pays(words: str, slot: Slot | None) -> None:
    heard = hear(words, slot)
    assert heard.method is None
    assert Intent.CANCEL not in heard.intents
    assert Intent.CHANGE_METHOD in heard.intents


def test_who_does_not_want_to_still_cancels() -> None:
    assert hear("I don't want to", Slot.ASSENT).intents == {Intent.CANCEL}


@pytest.mark.parametrize("slot", [None, *Slot])
def test_who_forgets_one_thing_and_needs_to_pay_does_not_cancel(slot: Slot | None) -> None:
    assert hear("ok forget that, I need to pay", slot).intents == {Intent.PAY}


@pytest.mark.parametrize(
    "words", ["I need to pay, no, forget that", "make a payment... never mind", "pay it, don't cancel"]
)
def test_who_takes_the_payment_back_last_is_asked(words: str) -> None:
    heard = hear(words)
    assert Intent.CANCEL in heard.intents
    assert not heard.complete


@pytest.mark.parametrize(
    ("words", "cents"),
    [("Two k.", 200_000), ("twelve k", 1_200_000), ("make it two k", 200_000), ("two k dollars", 200_000)],
)
def test_a_k_after_a_number_in_words_is_a_thousand(words: str, cents: int) -> None:
    assert hear(words, Slot.AMOUNT).amount == cents
    assert "two" not in masked(words)
    assert "twelve" not in masked(words)


@pytest.mark.parametrize(
    "words", ["401 k", "from my 401 k", "four oh one k", "k", "ok k", "2 k", "k two", "two k five"]
)
def test_any_other_k_is_a_letter(words: str) -> None:
    assert hear(words, Slot.AMOUNT).amount is None
    assert hear(words, Slot.LOAN).loan is None


def test_a_way_to_pay_after_for_answers_how_to_pay_and_nothing_else() -> None:
    for words in ("For my checking account", "for my checking account please"):
        assert hear(words, Slot.METHOD).method is Method.BANK_TRANSFER
    for words in ("pay for my debit card", "for my checking account balance"):
        assert hear(words, Slot.METHOD).method is None
    assert hear("for my checking account", Slot.AMOUNT).method is None


@pytest.mark.parametrize(
    "words", ["what was the amount?", "What was the amount again?", "how much was that", "which card was that?"]
)
def test_a_question_about_what_was_read_back_asks_for_it_again(words: str) -> None:
    heard = hear(words, Slot.ASSENT)
    assert (heard.intents, heard.assent, heard.complete) == (frozenset({Intent.REPEAT}), None, True)
    assert Intent.REPEAT not in hear("what was the amount of that fee", Slot.ASSENT).intents


@pytest.mark.parametrize("slot", [None, *Slot])
def test_okay_before_a_question_is_no_answer_and_swallows_nothing(slot: Slot | None) -> None:
    heard = hear("okay and what's a recast?", slot)
    assert heard.assent is None
    assert Intent.QUESTION in heard.intents
