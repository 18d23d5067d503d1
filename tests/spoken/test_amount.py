"""Amounts, as callers name them."""

# ruff: noqa: RUF001 - look-alike characters are among what is tested
from __future__ import annotations

import pytest

from mortgage_fsm.heard import Intent, Slot, Wish
from mortgage_fsm.spoken import amount, hear

AMOUNTS = [
    (145_025, (
        "$1,450.25|1,450.25|1450.25|$1450.25|$ 1,450.25|1450.25 dollars|1450 dollars and 25 cents|"
        "$1,450 and 25 cents|1,450 dollars, 25 cents"
    )),
    (145_025, (
        "fourteen hundred fifty dollars and twenty five cents|"
        "one thousand four hundred fifty dollars and twenty-five cents"
    )),
    (145_025, (
        "one thousand four hundred and fifty dollars and twenty five cents|1450 dollars 25 cents|"
        "make it $1,450.25|let's do 1,450.25"
    )),
    (145_000, (
        "1450|1,450|$1450|$1,450.00|1450 dollars|1450 bucks|1450 even|fourteen hundred fifty|"
        "fourteen hundred and fifty|one thousand four hundred fifty"
    )),
    (145_000, (
        "one thousand four hundred and fifty|a thousand four hundred fifty|FOURTEEN HUNDRED FIFTY"
    )),
    (120_000, (
        "twelve hundred|12 hundred|twelve hundred dollars|1200 please|uh, twelve hundred|"
        "I'd like to pay twelve hundred|pay 1200|1.2k|$1.2k"
    )),
    (100_000, (
        "a thousand|one thousand|a thousand dollars|1 thousand|1k|one grand|a grand|1 grand"
    )),
    (200_000, "two grand|two thousand|2 thousand dollars|2k|$2,000|two thousand even|two thousand bucks"),
    (180_000, "eighteen hundred bucks|eighteen hundred dollars please"),
    (50_000, (
        "500|500 even|500 flat|exactly 500|just 500|only 500|five hundred|500 dollars|$500|$500 please|"
        "500 bucks|500 today|500 dollars now|make it 500|let's do 500"
    )),
    (50_000, (
        "I'll do 500|I'll pay 500|put 500|I want to pay 500|I would like to pay 500 dollars|"
        "can I pay 500?|could I pay $500 please|let me pay five hundred|go with 500"
    )),
    (50_000, (
        "yes 500|yes, five hundred|okay 500 then|500, yes 500|500 dollars. 500.|no, 500|no, make it 500|"
        "actually make it 500|sorry, 500|a payment of 500|500 instead"
    )),
    (50_000, (
        "500 on my loan|500 toward my mortgage|change it to 500|change the amount to 500|"
        "the amount is 500|I'd like to make a payment of $500 today please"
    )),
    (50, "fifty cents|50 cents|$0.50"),
    (5, "five cents|$0.05"),
    (50_000, (
        "a 500 dollar payment|I want to make a 500 dollar payment|make a payment in the amount of 500|"
        "500 and use my bank account|500 from my bank account"
    )),
    (100, "one dollar|$1|1 dollar|$1.00"),
    (100_000_000, "one million dollars|1,000,000|$1,000,000.00|a million dollars|1000000"),
    (12_345_600, "one hundred and twenty three thousand four hundred fifty six|123,456"),
    (250_000, "twenty five hundred|2500|two thousand five hundred"),
    (105_000, "one thousand fifty|one thousand and fifty|1050"),
    (99_999_999, "$999,999.99"),
]  # fmt: skip
NONE = """
twelve fifty|twelve fifty dollars|fourteen fifty|one fifty|five fifty|nine ninety nine|one thousand four fifty
one two zero zero|one four five oh|hundred|hundred bucks
five hundred or six hundred|500 or 600|five hundred, no six hundred|five hundred no six hundred|500 wait 600
500 actually 600|500 sorry 600|500 I mean 600|500 and 600
500 600|500, 600|$500 $600|between 500 and 600|500 to 600|500-600|maybe 500|around 500|about 500|roughly 500
approximately 500|like 500 or so|500 or so|500ish|500 ish
at most 500|at least 500|up to 500|no more than 500|less than 500|more than 500|over 500|under 500|not 500
not 500 dollars|don't pay 500|I don't want to pay 500|never 500
is it 500|is it 500?|was it 500|500?|how about 500?|what about 500|why 500|do I owe 500|if it's 500|500 if I can
500 unless it's due|500 when I get paid|I think 500|I guess 500
0|zero|$0|$0.00|zero dollars|-500|minus 500|negative 500|-$500|$-500|500-|(500)|500.255|500.2|1e5|1E5|5e2|NaN
inf|0500|007|$1,45|1,45|1,4500|1.450,25|$1,450.2|1..5
500 euros|€500|£500|500 pounds|500 pesos|500 canadian dollars|500 yen|five hundred quid|500 gbp|1000000.01
1,000,001|two million|ten million dollars|1000k|1000001 dollars
500%|500 percent|half of 500|500 per month|500 a month|500 every month|500 each|500 plus fees|500 minus 20
double 500|twice 500|500 point five|five point five|1/2|500/2
my payment is 500|my bill is 500|the payment would be 500|it was 500|I paid 500|I paid 500 last month
my wife paid 500|he will pay 500|they charged me 500|I have 500 dollars
the late fee is 500|500 in late fees|my balance is 500|loan 500|my rate is 500|500 of them|twelve uh hundred
twenty uh five hundred|five hundred and|five hundred and...|500,
twenty, five hundred|a thousand, five hundred|a thousand and five hundred|five hundred fifty cents and
500 dollars or whatever|500 dollars right|500 dollars right?|500, correct?
500 for|500 to|five hundred ate|won thousand|to hundred|five hundred to|for hundred|too hundred dollars
two hundred won|500B|A500|500x|401k|401(k)|500²|5 00|٥٠٠
split 500 in two|500 instead of 600|500 rather than 600|five hundreds|hundreds of dollars|a few hundred
a couple hundred|several hundred|dozen dollars|a billion|1 billion
extra 500 toward principal|an extra 500|500 on friday|500 tomorrow|500 next month|500 on the 15th
500 by credit card|my neighbor said 500 dollars|cancel the 500|stop the 500 payment
what is the fee on 500|can you explain 500|tell me about the 500|500 blah|blah 500|500 🙂|$|dollars
five hundred dollars two cents three cents|500 dollars cents|one thousand twelve hundred
hundred thousand|twenty hundred|twelve hundred thousand|two thousand three thousand|one million two million
5 hundred million|12345678901234567890|10004471|five hundred dollars fifty
500 to go|the 500|my 500|500 off|take 500 off|send me 500|give me 500|I need 500 dollars
can you send 500 dollars to me|will you pay 500|I have to pay 500|pay me 500
send 500 to my bank account|my bank account is 500|500 in my account|there is 500 dollars in my account
I'm calling about my 500 dollar payment|the payment of 500|my payment of 500
lower the amount by 500|increase the payment by 500|raise it by 500|and fifty dollars|and 500|but 500|from 500
in 2024|at 5|I'm 62|number 1|the right one|one|five|$500 is wrong|that $500
wrong amount 500|no 500|don't 500|don't make it 500|no way 500|autopay 500 is on|from 500 to 600|500 again
500 like|you are 500|we are 500|here is 500|put off 500|use 500
would 500 work|could it be 500|can it be 500|I could pay 500|I might pay 500|I should pay 500|say 500
hold on 500 wait|once I pay 500|after 500|until 500
"""
DUE = """
the amount due|amount due|my regular payment|my usual payment|the usual|the regular payment
what I owe this month|what I owe|the full payment|my monthly payment
the monthly payment|whatever is due|whatever's due|whatever I owe|just the amount due|the amount due please
this month's payment|the current payment|my full monthly payment
I'd like to pay the amount due|pay the amount due|I'll pay my regular payment|let me pay what I owe
the same as always|the payment due|the minimum amount due|my normal payment
the balance due|my balance due please|I'd like to pay my balance due|pay the total balance due today
"""
NOT_DUE = """
the whole loan|pay it off|the payoff|the full balance|pay off my mortgage|everything I owe|the entire balance
the total balance|the remaining balance|pay in full|the principal
the amount due and 500|the amount due or 500|the amount due plus 500|not the amount due|what is the amount due
what's my monthly payment|is it the amount due|half the amount due
the amount due if it's under 500|twice my regular payment|more than the amount due|an extra payment
the amount due on friday|maybe the amount due|the amount due, no wait
my balance|the balance due on friday|what's my balance due|the payoff balance due|half the balance due
"""


def _lines(table: str) -> list[str]:
    return [words for row in table.strip("\n").split("\n") for words in row.split("|")]


@pytest.mark.parametrize(("cents", "words"), [(cents, words) for cents, row in AMOUNTS for words in row.split("|")])
def test_an_amount_is_heard_to_the_cent(cents: int, words: str) -> None:
    assert amount(words) == cents


@pytest.mark.parametrize("words", _lines(NONE))
def test_what_is_not_certainly_one_amount_is_none(words: str) -> None:
    for slot in (Slot.AMOUNT, Slot.ASSENT, None):
        assert hear(words, slot).amount is None


@pytest.mark.parametrize("words", _lines(DUE))
def test_the_amount_due_can_be_asked_for_by_name(words: str) -> None:
    assert amount(words) is Wish.AMOUNT_DUE


@pytest.mark.parametrize("words", _lines(NOT_DUE))
def test_what_is_not_just_the_amount_due_is_none(words: str) -> None:
    assert amount(words) is None


@pytest.mark.parametrize("words", ["$21.90", "$2,190", "2190 dollars", "$19.99."])
def test_four_digits_written_as_money_where_the_last_four_was_asked_are_neither(words: str) -> None:
    heard = hear(words, Slot.LAST_FOUR)
    assert (heard.amount, heard.last_four) == (None, None)
    assert hear("$500", Slot.LAST_FOUR).amount == 50_000


@pytest.mark.parametrize("slot", [None, Slot.LOAN, Slot.METHOD])
def test_a_bare_number_is_an_amount_only_where_one_is_asked_for(slot: Slot | None) -> None:
    assert hear("1450", slot).amount is None
    assert hear("$1,450", slot).amount == 145_000
    assert hear("1450 dollars", slot).amount == 145_000
    assert hear("I'd like to pay 1450", slot).amount == 145_000


def test_a_new_amount_at_the_read_back_is_heard() -> None:
    assert hear("make it 1600", Slot.ASSENT).amount == 160_000
    assert hear("yes, but make it 1600", Slot.ASSENT).amount == 160_000
    assert hear("yes, but make it 1600", Slot.ASSENT).assent is None
    for yes_but in ("yes but make it 1600", "okay but please make that $1,600", "but make it 1600 dollars"):
        assert (hear(yes_but, Slot.ASSENT).amount, hear(yes_but, Slot.ASSENT).assent) == (160_000, None)
    for something_else in ("yes but make it quick", "yes but make it", "yes but don't make it 1600"):
        assert (hear(something_else, Slot.ASSENT).amount, hear(something_else, Slot.ASSENT).assent) == (None, None)
    assert hear("change the amount to 600", Slot.ASSENT).intents == {Intent.CHANGE_AMOUNT}


def test_a_payment_for_so_much_on_a_loan_is_heard() -> None:
    heard = hear("make a payment on loan 10004471 of 500")
    assert (heard.loan, heard.amount) == ("10004471", 50_000)
    assert hear("I'd like to make my regular payment").amount is Wish.AMOUNT_DUE
    assert hear("my regular payment").amount is None


@pytest.mark.parametrize(
    "words",
    [
        "$5 50 cents",
        "a 500",
        "a 500 on my loan",
        "500. ?",
        "500... ? uh ?",
        "500 . , ?",
        "two hundred. ? ! what",
        "500. Right?",
        "It is 500. Correct?",
        "500. Yes?",
        "500. Is that okay?",
        "500. Are you sure?",
        "500. About?",
        "500. How about it?",
        "500. No?",
        "500. Or?",
    ],
)
def test_an_amount_with_a_part_missing_or_in_question_is_none(words: str) -> None:
    assert amount(words) is None


@pytest.mark.parametrize(
    "words",
    [
        "Pay $500. What if the rate changes?",
        "$500. Is there a fee?",
        "How do I set up autopay? I'd like to pay 500 dollars.",
    ],
)
def test_a_question_about_something_else_leaves_the_amount(words: str) -> None:
    assert amount(words) == 50_000
    assert Intent.QUESTION in hear(words, Slot.AMOUNT).intents
