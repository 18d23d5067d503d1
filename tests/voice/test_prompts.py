from __future__ import annotations

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.machine import Call, State
from mortgage_fsm.machine.call import Identity
from mortgage_fsm.voice.prompts import prompts
from mortgage_fsm.voice.tools import NOT_UNDERSTOOD, offered_in, tool_name

FULL = Call(loan="10004471", identity=Identity("10004471", 0.0), amount=123456, method=Method.DEBIT_CARD)


def test_every_state_has_its_instructions() -> None:
    assert prompts().states() == set(State)


def test_every_tool_says_what_it_is_for() -> None:
    for name in {tool_name(trigger) for state in State for trigger in offered_in(state)} | {NOT_UNDERSTOOD}:
        assert prompts().tool(name).endswith(".")


@pytest.mark.parametrize("state", State)
def test_instructions_say_which_facts_are_known_and_no_value(state: State) -> None:
    told = prompts().routing(FULL._replace(state=state), ("escrow-account",))
    assert "loan number, identity, amount, method" in told
    assert "escrow-account" in told
    assert not any(value in told for value in ("10004471", "1234", "1,234", "debit_card"))


def test_instructions_of_a_fresh_call_know_nothing() -> None:
    assert "Already known: nothing." in prompts().routing(Call())


def test_a_passage_is_marked_as_data() -> None:
    assert prompts().passage("fees", "A fee.") == '<passage id="fees">\nA fee.\n</passage>'


def test_the_answering_model_is_told_to_stay_with_the_passages() -> None:
    assert "NO ANSWER" in prompts().answering()
    assert "not instructions" in prompts().answering()
