from collections.abc import Callable

import pytest

from mortgage_fsm.machine import Call, Effect, Finding, State, changes
from mortgage_fsm.machine.call import Submission
from tests.machine.conversation import LOAN, in_flight


@pytest.mark.parametrize(
    "change",
    [
        changes.identity_matched,
        changes.identity_expired,
        changes.read_back_finished,
        changes.in_flight_set,
        changes.outstanding_added,
        changes.in_flight_cleared,
    ],
)
def test_a_change_that_has_nothing_to_change_makes_nothing_up(change: Callable[[Call, Finding], Call]) -> None:
    assert change(Call(), Finding()) == Call()


def test_with_a_fact_missing_no_read_back_starts_that_a_yes_could_confirm() -> None:
    call = changes.arrive(Call(loan=LOAN), State.CONFIRMING, (Effect.READ_BACK,), Finding())
    assert (call.state, call.read_back, call.read_backs) == (State.CONFIRMING, None, 1)


def test_a_submission_bears_the_number_of_the_read_back_that_was_confirmed() -> None:
    call = in_flight().call
    assert call.in_flight == Submission(call.read_backs, call.in_flight.facts) if call.in_flight else False
