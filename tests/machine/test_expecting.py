"""What a bare number means: what the state waits for, and while a payment is paused, what it is to go on with."""

from __future__ import annotations

import pytest

from mortgage_fsm.heard import Method, Slot
from mortgage_fsm.machine import Call, State
from mortgage_fsm.machine.call import Identity
from mortgage_fsm.machine.turn import EXPECTS, expects

PAUSED = Call(paying=True)
KNOWN = PAUSED._replace(loan="10000001")
PROVED = KNOWN._replace(identity=Identity("10000001", 0.0))


@pytest.mark.parametrize("state", [state for state in State if state is not State.ADVISING])
def test_a_state_waits_for_its_own_value(state: State) -> None:
    assert expects(Call(state=state)) == EXPECTS.get(state)


@pytest.mark.parametrize(
    ("call", "slot"),
    [
        (PAUSED, Slot.LOAN),
        (KNOWN, Slot.LAST_FOUR),
        (PROVED._replace(identity=Identity("10000001", 0.0, expired=True)), Slot.LAST_FOUR),
        (PROVED, Slot.AMOUNT),
        (PROVED._replace(amount=50_000), Slot.METHOD),
        (PROVED._replace(amount=50_000, method=Method.BANK_TRANSFER), None),
        (Call(), None),
        (KNOWN._replace(locked=True), None),
    ],
)
def test_a_paused_payment_waits_for_its_first_missing_fact(call: Call, slot: Slot | None) -> None:
    assert expects(call) is slot
