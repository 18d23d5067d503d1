"""Figures are read out to the caller as they stand, and come back as themselves when they are heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.spoken import aloud, amount, digits
from mortgage_fsm.voice.rendering import money, spelled
from tests.spoken.renderings import CANARIES, Kind, amounts, words

_FOURS = st.text("0123456789", min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("$1,206.40", "one thousand two hundred six dollars and forty cents"),
        ("$350.00", "three hundred fifty dollars"),
        ("$350", "three hundred fifty dollars"),
        ("$1.01", "one dollar and one cent"),
        ("$0.50", "fifty cents"),
        ("$0.00", "zero dollars"),
        ("$214,380.55", "two hundred fourteen thousand three hundred eighty dollars and fifty five cents"),
        ("$1,000,000.00", "one million dollars"),
        ("checking account ending 6021", "checking account ending six zero two one"),
        ("ending in 0042.", "ending in zero zero four two."),
        ("loan 1 0 0 0, 4 4 7 1.", "loan one zero zero zero, four four seven one."),
        ("number is MP-KT4WB7HN2R.", "number is M P, K T four W, B seven H N, two R."),
        ("number is C7Q4.", "number is C seven Q four."),
        ("number is 583920184.", "number is five eight three nine, two zero one eight, four."),
    ],
)
def test_figures_of_ours_are_written_out(written: str, said: str) -> None:
    assert aloud(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "How can I help?",
        "December 1st, 30 years, 80 percent, 401K, Form 1098, Form 6050H, section 1024.41, COVID-19",
        "You can also press 1 for yes, or 2 for no.",
        "$1.5 million, $2 million, $20k, $1,45, US$5",
        "Call 800-669-4268 between 8 and 5 in 2026.",
        "a rate ending 12.5 percent",
        "",
    ],
)
def test_what_is_no_figure_of_ours_stays_as_it_is(text: str) -> None:
    assert aloud(text) == text


@given(st.integers(1, 100_000_000))
def test_an_amount_read_out_is_the_same_amount_when_it_is_heard(cents: int) -> None:
    assert amount(aloud(money(cents))) == cents


@given(_FOURS)
def test_an_account_ending_and_a_loan_ending_are_read_digit_by_digit(four: str) -> None:
    assert aloud(f"checking account ending {four}") == f"checking account ending {words(four)}"
    assert digits(aloud(spelled(four))) == four


@given(
    st.from_regex(
        r"[A-HJ-NP-Z]{2}-[A-HJ-NP-Z]{2}[2-9][A-HJ-NP-Z]{2}[2-9][A-HJ-NP-Z]{2}[2-9][A-HJ-NP-Z]", fullmatch=True
    )
)
def test_of_a_confirmation_number_no_character_is_lost(number: str) -> None:
    said = aloud(f"Your confirmation number is {number}.").removeprefix("Your confirmation number is ").rstrip(".")
    figures = {words(each): each for each in "0123456789"}
    assert "".join(figures.get(each, each) for each in said.replace(",", "").split()) == number.replace("-", "")


@given(st.text(max_size=60))
def test_reading_out_what_was_read_out_changes_nothing(text: str) -> None:
    once = aloud(text)
    assert aloud(once) == once


@pytest.mark.parametrize("way", ["sign", "sign and commas", "sign and cents"])
def test_every_way_to_write_an_amount_with_a_dollar_sign_is_read_as_the_same_words(way: str) -> None:
    cents = int(CANARIES[Kind.AMOUNT])
    assert aloud(amounts(cents)[way]) == "one thousand four hundred fifty dollars and twenty five cents"
