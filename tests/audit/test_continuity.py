"""Continuity: agents, turns, table, build and key of a call's records, as a replay holds them against each other."""

from __future__ import annotations

from mortgage_fsm.audit.continuity import agent_of
from mortgage_fsm.machine import State, Trigger
from mortgage_fsm.voice.agents import agent_class
from tests.audit.calls import line, lines_of, records, rewritten
from tests.audit.test_replaying import difference, numbered
from tests.machine.conversation import submitted, verifying


def test_the_agents_are_those_of_a_call() -> None:
    assert {each: agent_of(each) for each in State} == {each: agent_class(each).__name__ for each in State}


def test_an_agent_that_is_not_that_of_the_state_is_found() -> None:
    call = records(submitted(), 1)
    yes = numbered(call, Trigger.PAYMENT_CONFIRMED)
    for number, agent in ((0, "PaymentFlowAgent"), (yes, "MortgageRetrievalAgent")):
        assert difference(rewritten(lines_of(call), number, agent=agent)) == "agent: not that of the state"


def test_a_call_cannot_change_its_table_build_or_key_midway() -> None:
    call = records(submitted(), 1)
    yes = numbered(call, Trigger.PAYMENT_CONFIRMED)
    for change in ({"machine": "e" * 64}, {"build": "0.0.9"}, {"key_id": "k2"}):
        [name] = change
        found = difference(rewritten(lines_of(call), yes, **change))
        assert found is not None
        assert found.startswith(f"{name}: not "), name


def test_from_a_resumption_on_a_call_may_have_another_key_but_no_other_build() -> None:
    talk = verifying()
    talk.turn += 1
    talk.fire(Trigger.CALL_RESUMED)
    resumed = len(talk.decisions)
    talk.gives_last_four()
    call = records(talk, 1)
    later = {each.seq for each in call if each.seq >= resumed}
    assert difference(rewritten(lines_of(call), later, key_id="k2")) is None
    assert difference(rewritten(lines_of(call), later - {resumed}, key_id="k2")) is not None
    assert (
        difference(rewritten(lines_of(call), later, build="0.0.9")) == "build: not the one that the call started with"
    )


def test_a_turn_before_that_of_an_earlier_decision_is_found() -> None:
    talk = verifying()
    talk.turn += 1
    talk.fire(Trigger.REPEAT_ASKED, turn=1)
    assert difference([line(each) for each in records(talk, 1)]) == "turn: before that of an earlier decision"
