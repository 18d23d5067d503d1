"""The circuit breaker."""

from __future__ import annotations

import pytest

from mortgage_fsm.ledger.breaker import Breaker


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    return Breaker(failures=3, rest=20.0, monotonic=seconds)


def test_fewer_failures_than_the_limit_change_nothing(breaker: Breaker) -> None:
    for _ in range(2):
        breaker.failed()
    assert breaker.allows()


def test_a_success_between_failures_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(9):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()


def test_after_failures_in_a_row_nothing_is_asked_until_the_rest_is_over(breaker: Breaker, seconds: Seconds) -> None:
    for _ in range(3):
        breaker.failed()
    assert not breaker.allows()
    seconds.now += 19.9
    assert not breaker.allows()
    seconds.now += 0.1
    assert breaker.allows()


def test_only_one_trial_is_made_at_a_time(breaker: Breaker, seconds: Seconds) -> None:
    for _ in range(3):
        breaker.failed()
    seconds.now += 20
    assert [breaker.allows() for _ in range(5)] == [True, False, False, False, False]


def test_a_trial_that_fails_is_followed_by_another_rest_and_one_that_succeeds_by_none(
    breaker: Breaker, seconds: Seconds
) -> None:
    for _ in range(3):
        breaker.failed()
    seconds.now += 20
    assert breaker.allows()
    breaker.failed()
    assert not breaker.allows()
    seconds.now += 20
    assert breaker.allows()
    breaker.succeeded()
    assert all(breaker.allows() for _ in range(5))


def test_a_trial_of_which_nothing_is_heard_is_followed_by_another_one(breaker: Breaker, seconds: Seconds) -> None:
    for _ in range(3):
        breaker.failed()
    seconds.now += 20
    assert breaker.allows()
    seconds.now += 20
    assert breaker.allows()
