"""An amount that is heard is the same however it is spelled, and another however alike it sounds."""

from __future__ import annotations

import pytest

from tests.speech.figures import figures

CENTS = 230640


@pytest.mark.parametrize(
    ("heard", "cents"),
    [
        ("one payment of two thousand three hundred six dollars and forty cents today", {CENTS}),
        ("One payment of $2,306.40, today.", {CENTS}),
        ("one payment of 2,306 dollars and 40 cents", {CENTS}),
        ("one payment of 2306.40 today", {CENTS}),
        ("one payment of two thousand three hundred sixteen dollars and forty cents", {231640}),
        ("one payment of two thousand three hundred six dollars", {230600}),
        ("One payment of $2,360.40. One of $2,306.40", {236040, CENTS}),
        ("fifty dollars", {5000}),
        ("$50", {5000}),
        ("50.25", {5025}),
        ("one payment of a thousand things", set[int]()),
    ],
)
def test_amounts_are_compared_by_what_they_say(heard: str, cents: set[int]) -> None:
    assert figures(heard).cents == cents


@pytest.mark.parametrize(
    "heard",
    ["account ending six zero two one toward", "ending 6021, toward", "ending 60 21 toward", "ending 6 0 2 1. It"],
)
def test_digits_are_compared_one_by_one(heard: str) -> None:
    assert figures(heard).digits == {"6021"}
    assert figures(heard).cents == frozenset()
