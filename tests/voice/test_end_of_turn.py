"""How long each state's agent waits for the end of a caller's turn."""

from __future__ import annotations

import pytest
from livekit.agents.utils import is_given

from mortgage_fsm.machine import State
from mortgage_fsm.voice.agents import END_OF_TURN, PaymentFlowAgent
from mortgage_fsm.voice.speech import Speech

DIGITS = {State.COLLECTING_LOAN, State.VERIFYING, State.AMOUNT}


class Nobody:
    """No door is used while an agent is made."""


def agent(state: State) -> PaymentFlowAgent:
    return PaymentFlowAgent(Nobody(), state, instructions="", opening=Speech(""))  # type: ignore[arg-type] # see Nobody


@pytest.mark.parametrize("state", State)
def test_the_agent_of_each_state_carries_its_own_patience(state: State) -> None:
    made = agent(state)
    assert made.min_endpointing_delay == END_OF_TURN[state]["min_delay"]
    assert made.max_endpointing_delay == END_OF_TURN[state]["max_delay"]


def test_where_digits_are_waited_for_a_pause_between_two_groups_does_not_end_the_turn() -> None:
    longest_elsewhere = max(END_OF_TURN[state]["min_delay"] for state in State if state not in DIGITS)
    for state in DIGITS:
        delay = agent(state).min_endpointing_delay
        assert is_given(delay)
        assert delay >= 1.0 > longest_elsewhere


def test_no_turn_is_waited_for_longer_than_a_caller_would_bear() -> None:
    assert set(END_OF_TURN) == set(State)
    assert all(0 < each["min_delay"] < each["max_delay"] <= 4.0 for each in END_OF_TURN.values())
