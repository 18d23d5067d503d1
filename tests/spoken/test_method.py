"""Ways to pay, as callers name them."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Intent, Method, Slot
from mortgage_fsm.spoken import hear, method

BANK = """
bank|my bank|the bank|bank account|my bank account|from my bank account|checking|checking account
my checking account|from checking|bank transfer|ach|ACH please
direct debit|e-check|echeck|electronic check|use my bank account|with my checking account
from my bank account please|bank account, please|uh, checking|yes, my bank account
debit my checking account|debit from my bank account|I'd like to use my bank account|can I use my bank account?
bank account instead|it would be my checking account|a bank transfer
"""
DEBIT = """
debit|debit card|my debit card|the debit card|with my debit card|by debit card|debit card please
use my debit card|can I use my debit card?|Visa debit|debit card on file|uh debit
I'd like to pay with my debit card|could I use a debit card please|use the debit card instead|yes, debit card
no, debit card
"""
AUTOPAY = """
autopay|auto pay|auto-pay|automatic payments|automatic payment|recurring payments
set it up automatically every month|sign me up for autopay|set up automatic payments|enroll me in autopay
"""
NONE = """
|savings|my savings account|card|my card|the card|credit card|my credit card|bank card|cash|check|by check
money order|paypal|zelle|venmo|apple pay|wire|wire transfer
not my bank|not the bank|anything but my bank|don't use my bank|bank or debit card|bank account or autopay
debit card, no, bank account|bank account and debit card|both
either one|whichever|maybe my bank|I think checking|if it's free, my bank account|what about autopay
is autopay free|do you take debit cards|how does autopay work|bank?|autopay?
my bank is closed|my bank said no|I work at a bank|the bank charged me|bank of America told me|cancel autopay
stop autopay|turn off autopay|am I on autopay|I don't want autopay
no autopay|not autopay|without autopay|debit card, wait|debit card actually no|bank account, sorry
bank account instead of my debit card|another bank account|a different debit card
just checking|I'm just checking on this|checking my account|autopay is on|it is on autopay|send it to my bank
put it in my bank account|debit it|I have autopay|bank account number
no debit card|wrong card, hmm, the debit card is it|my bank account is empty|bank blah|my wife's debit card
my mother's checking account|last month it was my bank account|bank account if you can't do debit|everything
bank account tomorrow|autopay or whatever
"""


def _lines(table: str) -> list[str]:
    return [words for row in table.strip("\n").split("\n") for words in row.split("|")]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (said, words)
        for said, table in ((Method.BANK_TRANSFER, BANK), (Method.DEBIT_CARD, DEBIT), (Method.AUTOPAY, AUTOPAY))
        for words in _lines(table)
    ],
)
def test_a_method_is_heard(said: Method, words: str) -> None:
    assert method(words) is said
    assert hear(words, Slot.METHOD).complete


@pytest.mark.parametrize("words", _lines(NONE))
def test_what_is_not_certainly_one_method_is_none(words: str) -> None:
    for slot in (None, *Slot):
        assert hear(words, slot).method is None


@pytest.mark.parametrize(
    "words",
    [
        "credit card",
        "my credit card",
        "can I pay with a credit card",
        "visa credit card",
        "I'd like to use a credit card",
    ],
)
def test_a_credit_card_is_not_offered(words: str) -> None:
    assert Intent.NOT_OFFERED in hear(words, Slot.METHOD).intents
