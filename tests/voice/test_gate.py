from __future__ import annotations

import pytest

from mortgage_fsm.voice import gate

PASSAGES = (
    "You can ask in writing to end private mortgage insurance when your balance reaches 80 percent of its original value.",
    "At 78 percent it ends by itself. A shortage may be spread over at least 12 months.",
    "A late charge is added when a payment arrives after the grace period, often fifteen days.",
)


@pytest.mark.parametrize(
    "answer",
    [
        "You can ask to end private mortgage insurance once the balance reaches 80 percent of the original value.",
        "Private mortgage insurance ends by itself at 78%.",
        "A shortage may be spread over 12 months.",
        "A late charge comes after the grace period, often fifteen days.",
        "Private mortgage insurance ends when the balance reaches a share of the original value.",
    ],
)
def test_an_answer_that_the_passages_bear_out_is_spoken(answer: str) -> None:
    assert gate.passes(answer, PASSAGES)


@pytest.mark.parametrize(
    "answer",
    [
        "You can ask to end private mortgage insurance when your balance reaches 75 percent of the original value.",
        "A late charge of $35 is added after the grace period.",
        "A late charge is added when a payment arrives after sixteen days, the grace period.",
        "A shortage may be spread over twenty four months.",
        "A late charge is added when a payment arrives after March, the grace period.",
        "A late charge is added tomorrow, after the grace period.",
        "A late charge is added after the grace period, often half a month.",
        "The late charge is 5% after the grace period.",
    ],
)
def test_an_invented_figure_date_or_percentage_is_not_spoken(answer: str) -> None:
    assert not gate.passes(answer, PASSAGES)


@pytest.mark.parametrize(
    "answer",
    [
        "Your payment is late, so a late charge is added after the grace period.",
        "Your payment was received within the grace period.",
        "Your loan balance is low enough to end private mortgage insurance.",
        "I have processed the late charge.",
        "I've scheduled that payment after the grace period.",
        "You are verified, and the balance reaches the original value.",
        "You're approved to end private mortgage insurance.",
        "You owe a late charge after the grace period.",
        "The confirmation number is in the mortgage insurance shortage.",
        "The payment was made within the grace period.",
        "Tell me the social security number for the mortgage insurance.",
        "You\u2019re verified for the private mortgage insurance.",
        "\uff39our payment is late after the grace period.",
    ],
)
def test_a_claim_about_the_caller_their_loan_or_a_payment_is_not_spoken(answer: str) -> None:
    assert not gate.passes(answer, PASSAGES)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "   ",
        "Yes.",
        "I think so.",
        "Sure, happy to help with that!",
        "The weather in Paris is lovely at the moment.",
    ],
)
def test_an_answer_that_says_nothing_of_the_passages_is_not_spoken(answer: str) -> None:
    assert not gate.passes(answer, PASSAGES)


@pytest.mark.parametrize(
    "mark", ["**late**", "<b>late</b>", "[late](x)", "# late", "https://example.com", "{late}", "`late`"]
)
def test_markup_is_not_spoken(mark: str) -> None:
    assert not gate.passes(f"A {mark} charge is added after the grace period when a payment arrives.", PASSAGES)


def test_an_answer_too_long_to_listen_to_is_not_spoken() -> None:
    sentence = "A late charge is added when a payment arrives after the grace period. "
    assert gate.passes(sentence, PASSAGES)
    assert not gate.passes(sentence * 11, PASSAGES)


def test_no_passages_let_nothing_through() -> None:
    assert not gate.passes("A late charge is added when a payment arrives after the grace period.", [])


def test_a_figure_of_another_form_is_the_same_figure() -> None:
    assert gate.passes("Conforming limits reach $1,000 this year.", ["Conforming limits reach 1000 dollars this year."])
