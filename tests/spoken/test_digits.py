"""Loan numbers and last fours, as callers read them out and recognisers write them."""

# ruff: noqa: RUF001 - look-alike characters are among what is tested
from __future__ import annotations

import pytest

from mortgage_fsm.heard import Intent, Slot
from mortgage_fsm.spoken import digits, hear

LOAN = """
10004471|1000 4471|1-0-0-0-4-4-7-1|1, 0, 0, 0, 4, 4, 7, 1|1. 0. 0. 0. 4. 4. 7. 1.|1 0 0 0 4 4 7 1|1000-4471
100 044 71|10 00 44 71|1,0,0,0,4,4,7,1
1.0.0.0.4.4.7.1|10,004,471|１０００４４７１|one zero zero zero four four seven one|one oh oh oh four four seven one
one o o o four four seven one
one triple zero four four seven one|one triple zero double four seven one|one oh oh oh double four seven one
one treble zero double four seven one
one zero zero zero, four four seven one|one zero zero zero. four four seven one.
one zero zero zero ... four four seven one|1000... 4471
uh one zero zero zero um four four seven one|one uh zero uh zero uh zero uh four uh four uh seven uh one
er, 1000, 4471|1000 dash 4471|1000 hyphen 4471
it's 10004471|it is 10004471|that's 10004471|my loan number is 10004471
the loan number is one zero zero zero four four seven one|loan number 10004471
loan 10004471|loan number: 10004471|loan #10004471|#10004471|10004471 please|10004471, thank you
sure, it's 10004471|yes it's 10004471|okay 10004471
my account number is 10004471|account 10004471|mortgage number 10004471|mortgage 10004471
it's for loan number 10004471|10004471 is my loan number
that would be 10004471|my number is 10004471|the number is 10004471|number 10004471|hello, 10004471
no, it's 10004471|sorry, it's 10004471|10004471, it's 10004471
one zero zero zero forty four seventy one|ten double oh forty four seventy one|ten zero zero four four seven one
1 triple 0 4 4 7 1|one double 0 0 double 4 7 1
ten million four thousand four hundred seventy one|1 zero 0 zero 4 four 7 one
one-zero-zero-zero-four-four-seven-one|ONE ZERO ZERO ZERO FOUR FOUR SEVEN ONE
my loan number would be 10004471 honestly|yeah so the loan number, I looked it up, is here: loan number 10004471
Loan ID 10004471
"""
NO_LOAN = """
1000447|100044711|1000 4471 1|AB10004471|10004471B|10004471 B|B 10004471|1000447I|1OOO4471|10004471x|x10004471
10004471%|$10004471|10004471 dollars
-10004471|1000/4471|1000:4471|12/25/1980|12-25-1980|12 25 1980|1980 12 25|12.25.1980|10004471 or 10004472
10004471 no 10004472|10004471, sorry, 10004472
10004471 wait|10004471 I mean 10004472|maybe 10004471|I think 10004471|not 10004471|it's not 10004471
is it 10004471|is it 10004471?|10004471?|do you have 10004471
phone number 10004471|my phone is 10004471|routing number 10004471|case number 10004471
confirmation number is 10004471|my zip is 10004471|card number 10004471
my social is 10004471|the last four 10004471|checking account number 10004471|bank account number 10004471
10004471 is my phone number|member id 10004471
one zero zero zero for four seven one|one zero zero zero four four seven won
won zero zero zero four four seven one|one zero zero to four four seven one
one zero zero zero four four seven to|one zero zero zero ate four seven one|1000 and 4471|1000 plus 4471
one thousand and four thousand four hundred seventy one
nine one two three four five six seven eight|4111 1111 1111 1111
four one double one triple one one one one one double one double one
one hundred million|double double 1000447|double one zero zero zero four four seven one|point 10004471
10004471 point five|1000,4471|1,0004471|100,044,71
twenty, one zero zero four four seven one|one zero zero zero forty, four seventy one|hundred 1000 4471
10004471 and one more five|ten thousand four four seven one dozen
10004471²|①0004471|10004471👍|1000\u200b4471|٣0004471|one zero zero zero four four seven|if it's 10004471
the loan amount is 10004471|loan of 10004471|loan from 10004471|wrong loan 10004471|not that loan 10004471
no 10004471|loan balance 10004471|unless it's 10004471|my wife's number is 10004471|or 10004471
10004471 and|10004471 -|the old one was 10004471|previously 10004471 or so|somewhere around 10004471
10004471 except the last digit|10004471 wrong
"""
LAST_FOUR = """
2190|2 1 9 0|2-1-9-0|2, 1, 9, 0|2. 1. 9. 0.|21 90|21-90|2,190|two one nine zero|two one nine oh
twenty one ninety|twenty-one ninety|two one ninety
uh two one nine zero|it's 2190|it is two one nine zero|that's 2190|2190 please|my last four is 2190
last four 2190|the last four are 2190|last 4 2190
last four of my social 2190|the last four of my social is 2190
last four digits of my social security number are two one nine zero|ssn ending in 2190
my social ends in 2190|social ending 2190|2190 are the last four|the last four digits are 2190|2190, that's 2190
sure, 2190|yes, it's 2190|okay two one nine zero
two thousand one hundred ninety|twenty one hundred ninety|oh it's two one nine zero|oh, two one nine zero
um, 2190.|2 one 9 zero|last four: 2190|２１９０
"""
NO_LAST_FOUR = """
219|21901|$2,190|2190 dollars|2,190.00|21.90|my pin is 2190|my zip is 2190|card ending in 2190
the last four of my card 2190|last four of my debit card is 2190
last four of my account 2190|last four of my phone number are 2190|last four of my loan number is 2190
2190 on my visa|2190 is my pin|last four 2190 of my card
pay 2190|pay 2190 please|for two one nine|two one nine to|too one nine zero|two one nine ate|not 2190
2190 or 2191|2190 no 2191|2190, sorry, 2191|is it 2190|2190?
what's the last four of my social|last four|I think 2190|maybe 2190|2190 I guess|912345678
912 34, last four 2190|4111 1111 1111 2190
my wife's last four is 2190|his last four is 2190|Morgan's last four is 2190|first four 2190|twenty, one ninety
twenty uh one ninety|twenty 1 90|2190%|21:90|5:06|oh 219
I live at 2190|in 2190|at 2190|the 2190|my 2190|use 2190|2190 is it|social media 2190|ssn starts with 2190
2190 on my loan|no 2190|2/19/0|2190B|B2190|2190 and|half of 2190|2190 minus one|two one nine zero five
triple two|last four is 219|dollar two one nine zero|2190 dozen
"""


def _lines(table: str) -> list[str]:
    return [words for row in table.strip("\n").split("\n") for words in row.split("|")]


@pytest.mark.parametrize("words", _lines(LOAN))
def test_a_loan_number_is_heard(words: str) -> None:
    assert hear(words, Slot.LOAN).loan == "10004471"


@pytest.mark.parametrize("words", _lines(NO_LOAN))
def test_what_may_be_another_number_is_no_loan_number(words: str) -> None:
    for slot in (Slot.LOAN, None, Slot.LAST_FOUR):
        assert hear(words, slot).loan is None
        assert hear(words, slot).last_four is None


@pytest.mark.parametrize("words", _lines(LAST_FOUR))
def test_a_last_four_is_heard_where_it_is_asked_for(words: str) -> None:
    heard = hear(words, Slot.LAST_FOUR)
    assert heard.last_four == "2190"
    assert heard.amount is None
    assert heard.loan is None


@pytest.mark.parametrize("words", _lines(NO_LAST_FOUR))
def test_what_may_be_another_number_is_no_last_four(words: str) -> None:
    for slot in (Slot.LAST_FOUR, None):
        assert hear(words, slot).last_four is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("oh two one nine", "0219"), ("zero two one nine", "0219"), ("four one double seven", "4177"),
        ("double four double seven", "4477"),
        ("triple four one", "4441"), ("four four seven one", "4471"), ("forty four seventy one", "4471"),
        ("nineteen oh five", "1905"),
        ("oh oh oh seven", "0007"), ("quadruple nine", "9999"), ("nineteen hundred", "1900"),
        ("two thousand one", "2001"), ("1098", "1098"),
        ("last four four one seven seven", "4177"), ("last 4 4177", "4177"), ("ten ten", "1010"),
        ("twenty twenty", "2020"),
    ],
)  # fmt: skip
def test_digits_are_put_together_as_people_say_them(words: str, said: str) -> None:
    assert hear(words, Slot.LAST_FOUR).last_four == said


@pytest.mark.parametrize("slot", [None, Slot.LOAN, Slot.AMOUNT, Slot.METHOD, Slot.ASSENT])
def test_four_digits_without_their_name_are_no_last_four_elsewhere(slot: Slot | None) -> None:
    assert hear("2190", slot).last_four is None
    assert hear("the last four of my social is 2190", slot).last_four == "2190"


@pytest.mark.parametrize(
    ("words", "slot"),
    [
        *((words, slot) for words in ("2190 2190", "1450 1450") for slot in Slot if slot is not Slot.LOAN),
        *(("10004471", slot) for slot in (Slot.AMOUNT, Slot.METHOD, Slot.ASSENT)),
    ],
)
def test_eight_digits_are_no_loan_number_where_other_numbers_are_asked_for(words: str, slot: Slot) -> None:
    assert hear(words, slot).loan is None


@pytest.mark.parametrize(
    "words", ["4111 1111 1111 1111", "my card number is 4111111111111111", "it's 4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"]
)
def test_a_card_number_read_out_is_not_offered_and_gives_nothing(words: str) -> None:
    for slot in (None, *Slot):
        heard = hear(words, slot)
        assert Intent.NOT_OFFERED in heard.intents
        assert (heard.loan, heard.last_four, heard.amount, heard.method) == (None, None, None, None)


@pytest.mark.parametrize(
    "words", ["my social is 912-34-5678", "912-34-5678", "912345678", "nine one two three four five six seven eight"]
)
def test_a_full_social_security_number_gives_nothing_but_its_last_four_where_they_are_asked_for(words: str) -> None:
    for slot in (None, *Slot):
        heard = hear(words, slot)
        assert heard.loan is None
        assert heard.last_four in ((None, "5678") if slot is Slot.LAST_FOUR else (None,))
        assert slot in (Slot.AMOUNT, Slot.ASSENT) or heard.amount is None


def test_loan_numbers_have_the_lengths_that_the_caller_of_hear_says() -> None:
    assert hear("100044", Slot.LOAN, loan_digits=(6, 10)).loan == "100044"
    assert hear("1000447199", Slot.LOAN, loan_digits=(6, 10)).loan == "1000447199"
    assert hear("10004471", Slot.LOAN, loan_digits=(6, 10)).loan is None
    assert hear("pay 100044", loan_digits=(6,)).loan is None
    assert hear("pay 100044", loan_digits=(6,)).amount == 10_004_400


def test_digits_reads_one_string_of_any_length() -> None:
    assert digits("one two three") == "123"
    assert digits("uh 4471 please") == "4471"
    assert digits("one two or three four") is None
    assert digits("hello") is None
    assert digits("12 monkeys") is None
    assert digits("is it 4471") is None
    assert digits("twelve fifty dollars") is None
