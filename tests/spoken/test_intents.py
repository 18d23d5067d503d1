"""What callers want, in their words."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Heard, Intent, LoanFact, Slot
from mortgage_fsm.spoken import hear

WANTS = {
    Intent.PAY: """
        I'd like to make a payment|I would like to make a payment please|can I make a payment
        can I make a payment?|could I pay please|I want to pay|I want to pay my mortgage
        pay my mortgage|I need to pay my bill|can I pay my bill|let me pay|I'm calling to make a payment
        I'd like to pay my mortgage payment|make a payment|make a payment please
        hi, I'd like to make a payment|um I wanna pay|I gotta make my payment|could you help me make a payment
        yes I'd like to make a payment|pay|mortgage payment
        hello I'd like to pay my bill today|I'm trying to make a payment|I just want to make my mortgage payment
        may I make a payment?|let's make a payment""",
    Intent.CANCEL: """
        cancel|cancel it|cancel that|cancel the payment|forget it|never mind|nevermind|stop the payment|stop
        I don't want to pay|I changed my mind|no, cancel|please cancel
        I don't want to make a payment|I do not want to pay anymore|just forget it|can you cancel the payment
        call it off|don't charge me""",
    Intent.HUMAN: """
        a person please|agent|representative|operator|speak to someone|I want to speak to someone
        let me talk to a human|can I talk to a person|talk to a representative
        a real person|I'd like to speak with an agent|customer service|connect me to an agent
        transfer me to a representative|supervisor|can I speak to a manager please|human
        I didn't authorise this|I didn't authorize that payment|I never authorized this|that's fraud
        unauthorized charge|I want to speak to a human being|put me through to someone""",
    Intent.ADVISOR: """
        go back to the advisor|I have a question|I have another question|back to the advisor
        can I ask a question|I have a quick question|can I ask you something|take me back to the advisor""",
    Intent.REPEAT: """
        repeat that|say that again|what was that|pardon|pardon?|sorry?|come again|what?|can you repeat that
        could you say that again please|one more time|please repeat|excuse me?|huh?
        what did you say|I didn't catch that|I didn't hear you|one more time please|can you repeat that please?""",
    Intent.CHANGE_LOAN: """
        different loan|wrong loan number|another account|that's the wrong loan number
        use a different loan|change the loan number
        no, wrong loan""",
    Intent.CHANGE_AMOUNT: """
        change the amount|I want to change the amount|can I change the amount|wrong amount
        that's the wrong amount|a different amount|no, change the amount|not that amount
        change the payment amount""",
    Intent.CHANGE_METHOD: """
        not that card|use another method|use a different card|change the payment method|another card
        a different payment method|can I use another card|not that bank account""",
    Intent.NOT_OFFERED: """
        I want to pay off my loan|pay it off|the payoff|pay off my mortgage|the whole loan|can I pay off my loan
        an extra 200 toward principal|I'd like to pay an extra 200 toward principal
        I'd like to pay 500 on friday|pay 500 tomorrow|can I pay next month|pay it next week
        I want to make an extra payment|principal only|credit card|schedule it for friday|500 on the 15th
        pay everything I owe|the full balance""",
    Intent.GOODBYE: """
        goodbye|bye|that's all|that's it|no that's it thanks|nothing else|no, nothing else|that's all thank you
        no thanks, bye|I'm all set|no, I'm good|have a good day|that will be all|thank you bye""",
    Intent.GREETING: "hi|hello|hello there|good morning|hey|hi there|good afternoon|hello, how are you",
}
QUESTIONS = """
what is escrow|what's escrow?|tell me about PMI|how do I remove PMI|why did my payment go up
how do I pay my bill|can you explain escrow|what happens if I pay late|do you take credit cards
is there a fee for paying by phone|when can I drop PMI|how do I cancel autopay|what is a payoff
I have a question about escrow|could you tell me about refinancing|I'd like to know about recasts
where do I send my payment|what's my payment going to be next year|how much do I owe on my escrow
what is a form 1098|is my loan fixed|what robots do you use|escrow?|can I get a payoff letter mailed
does my payment include taxes|I was wondering about forbearance|what is my balance|how much is the late fee
when is my payment due if I refinance|how do I make a payment|will my rate change
what if I can't pay|my escrow went up, why|how do I change the due date|what's the last four of my social
and what about insurance|who owns my loan
"""
FACTS = {
    LoanFact.AMOUNT_DUE: """
        how much do I owe|how much do I owe?|what's my payment|what is my amount due|what do I owe
        how much is my payment|how much is due|what's my monthly payment|how much do I need to pay
        what's due this month|can you tell me how much I owe|hi, how much is my mortgage payment
        how much do I owe this month|what is my bill""",
    LoanFact.DUE_DATE: """
        when is my payment due|what's my due date|when is my next payment due|when's my mortgage due
        when is it due|what day is my payment due|when do I have to pay""",
    LoanFact.LAST_PAYMENT: """
        when did you get my last payment|did you receive my payment|did you get my payment
        did my payment go through|have you received my payment|has my payment been received
        when was my last payment
        did you get my payment yet|has my last payment posted""",
}
UNFINISHED = """
   |um|uh|okay so|I'd like to|my loan number is|can I|the|purple monkey|I need help with my roof|five|500
hello my name is Ann|I'd like to pay and|pay my loan with love|loan|my social
pay 500 or cancel|cancel and pay 500|goodbye, pay 500|yes and|my phone number|two different loans|last four
pay five hundred, six hundred|sure maybe|he will pay|robert'); drop table loans;--
%s %d {0} {{x}}|<script>alert(1)</script>|${jndi:ldap://x}|null|I want to pay 12 34|yes?|500?
autopay and debit card|i paid
"""


def _lines(table: str) -> list[str]:
    return [words.strip() for row in table.strip("\n").split("\n") for words in row.split("|")]


def _of(table: dict[Intent, str]) -> list[tuple[Intent, str]]:
    return [(wanted, words) for wanted, rows in table.items() for words in _lines(rows)]


@pytest.mark.parametrize(("wanted", "words"), _of(WANTS))
def test_a_wish_is_heard_and_needs_no_model(wanted: Intent, words: str) -> None:
    heard = hear(words)
    assert wanted in heard.intents
    assert heard.complete
    assert Intent.QUESTION not in heard.intents
    assert (heard.amount, heard.method) == (None, None)


@pytest.mark.parametrize("words", _lines(QUESTIONS))
def test_a_question_is_heard_as_one_and_left_to_be_answered(words: str) -> None:
    heard = hear(words)
    assert Intent.QUESTION in heard.intents
    assert not heard.complete
    assert (heard.loan, heard.last_four, heard.amount, heard.method, heard.assent) == (None,) * 5
    assert not heard.intents & {Intent.PAY, Intent.CANCEL, Intent.NOT_OFFERED, Intent.GOODBYE}


@pytest.mark.parametrize(("fact", "words"), [(fact, words) for fact, rows in FACTS.items() for words in _lines(rows)])
def test_a_question_about_the_own_loan_is_heard(fact: LoanFact, words: str) -> None:
    heard = hear(words)
    assert heard.loan_fact is fact
    assert Intent.LOAN_FACT in heard.intents
    assert Intent.QUESTION not in heard.intents
    assert heard.complete


@pytest.mark.parametrize("words", _lines(UNFINISHED))
def test_what_is_not_wholly_understood_is_not_complete(words: str) -> None:
    for slot in (None, Slot.METHOD):
        assert not hear(words, slot).complete


@pytest.mark.parametrize(
    "words",
    [
        "how much do I owe and when is my last payment due, did you get my payment",
        "what's my due date, and how much do I owe?",
    ],
)
def test_two_loan_facts_at_once_are_a_question(words: str) -> None:
    heard = hear(words)
    assert heard.loan_fact is None
    assert Intent.QUESTION in heard.intents


@pytest.mark.parametrize(
    "words",
    [
        "I don't have it",
        "I don't know it",
        "I don't have my loan number",
        "I don't know",
        "I don't have that with me",
        "I forgot it",
        "where do I find that",
    ],
)
def test_a_caller_without_the_loan_number_is_understood(words: str) -> None:
    heard = hear(words, Slot.LOAN)
    assert Intent.NO_LOAN_NUMBER in heard.intents
    assert heard.loan is None


def test_not_knowing_something_else_is_not_lacking_the_loan_number() -> None:
    assert Intent.NO_LOAN_NUMBER not in hear("I don't know it", Slot.AMOUNT).intents


def test_several_wishes_and_values_in_one_breath() -> None:
    heard = hear("hello I'd like to pay twelve hundred on loan 10004471 from my bank account")
    assert heard.complete
    assert heard.intents == {Intent.GREETING, Intent.PAY}
    assert (heard.loan, heard.amount, heard.method) == ("10004471", 120_000, "bank_transfer")
    heard = hear("I don't have my loan number but the last four of my social is 2190")
    assert Intent.NO_LOAN_NUMBER in heard.intents
    assert heard.last_four == "2190"
    heard = hear("I'd like to pay 500 dollars. What is escrow?")
    assert heard.intents == {Intent.PAY, Intent.QUESTION}
    assert heard.amount == 50_000
    assert not heard.complete
    heard = hear("what's my due date on loan 10004471?")
    assert (heard.loan, heard.loan_fact) == ("10004471", LoanFact.DUE_DATE)


@pytest.mark.parametrize(
    "words",
    [
        "",
        " ",
        "\x00\x07\x1b[31m",
        "😀" * 50,
        "a" * 100_000,
        "1 " * 50_000,
        "yes " * 30_000,
        "\ufdfa" * 999,
        "\ud800",
        "\u202e1\u202c",
    ],
)
def test_hostile_words_say_nothing(words: str) -> None:
    for slot in (None, *Slot):
        assert hear(words, slot) == Heard()


@pytest.mark.parametrize(
    "words",
    [
        "pay, I'd like to, thank you",
        "hi, my house payment",
        "pay my mortgage. I'd like to, please.",
        "hi, my phone number",
    ],
)
def test_a_wish_left_hanging_is_not_complete(words: str) -> None:
    assert not hear(words).complete


def test_two_facts_in_two_sentences_are_a_question() -> None:
    heard = hear("What's my due date? How much do I owe?")
    assert heard.loan_fact is None
    assert heard.intents == {Intent.QUESTION}


def test_a_loan_and_an_amount_side_by_side_are_told_apart() -> None:
    for words in (
        "loan 10004471, $500",
        "loan 10004471 $500",
        "$500, loan 10004471",
        "loan 10004471, 500 dollars, 25 cents",
    ):
        heard = hear(words)
        assert heard.loan == "10004471"
        assert heard.amount in (50_000, 50_025)
        assert heard.complete
