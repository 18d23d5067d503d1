from __future__ import annotations

from datetime import date, timedelta

import pytest

from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.rendering import day, either, money, spelled


@pytest.mark.parametrize(
    ("cents", "said"),
    [(1, "$0.01"), (99, "$0.99"), (100, "$1.00"), (185000, "$1,850.00"), (123456789, "$1,234,567.89")],
)
def test_money_is_said_to_the_cent(cents: int, said: str) -> None:
    assert money(cents) == said


def test_money_is_never_rounded() -> None:
    for cents in [*range(2000), *range(99_999_000, 100_000_001)]:
        assert int(money(cents).replace("$", "").replace(",", "").replace(".", "")) == cents


def test_digits_are_said_one_by_one_in_groups() -> None:
    assert spelled("10004471") == "1 0 0 0, 4 4 7 1"
    assert spelled("4471") == "4 4 7 1"
    assert spelled("12345") == "1 2 3 4, 5"
    assert spelled("") == ""


def test_a_date_is_said_without_its_year() -> None:
    said = {day(date(2026, 1, 1) + timedelta(days=n), phrases()) for n in range(31)}
    assert {"January 1st", "January 2nd", "January 3rd", "January 4th", "January 11th", "January 12th"} <= said
    assert {"January 13th", "January 21st", "January 22nd", "January 23rd", "January 30th", "January 31st"} <= said


def test_every_month_has_its_name() -> None:
    assert len({day(date(2026, month, 1), phrases()).split()[0] for month in range(1, 13)}) == 12


def test_options_are_said_as_people_list_them() -> None:
    assert either([], phrases()) == ""
    assert either(["a"], phrases()) == "a"
    assert either(["a", "b"], phrases()) == "a or b"
    assert either(["a", "b", "c"], phrases()) == "a, b, or c"
