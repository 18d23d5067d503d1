from __future__ import annotations

from typing import Any

import pytest

from mortgage_fsm.machine import TRIGGERS_IN, State, Trigger
from mortgage_fsm.voice.tools import LOOK_UP, NOT_UNDERSTOOD, OUTSIDE_WORLD, offered_in, tool_name, tools_of


class Owner:
    def __init__(self) -> None:
        self.fired_with: list[tuple[Trigger | None, str | None]] = []

    async def fired(self, trigger: Trigger | None, ctx: Any, question: str | None = None) -> None:
        self.fired_with.append((trigger, question))


@pytest.mark.parametrize("state", State)
def test_a_state_has_one_tool_for_each_of_its_triggers_and_the_hidden_one(state: State) -> None:
    names = [tool.info.name for tool in tools_of(state, Owner())]
    assert names == [*(tool_name(t) for t in TRIGGERS_IN[state] if t not in OUTSIDE_WORLD), NOT_UNDERSTOOD]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("state", State)
async def test_calling_a_tool_fires_its_trigger_and_owes_no_reply(state: State) -> None:
    owner = Owner()
    for tool in tools_of(state, owner):
        done = await tool(None, {})
        assert (done.output, done.reply_required) == ("ok", False)
    assert [trigger for trigger, _ in owner.fired_with] == [*offered_in(state), None]


async def test_only_the_look_up_takes_something_and_that_is_the_question() -> None:
    owner = Owner()
    for tool in tools_of(State.ADVISING, owner):
        schema = tool.info.raw_schema
        assert set(schema["parameters"]["properties"]) == ({"question"} if tool.info.name == LOOK_UP else set())
        if tool.info.name == LOOK_UP:
            await tool(None, {"question": "what is escrow?"})
    assert owner.fired_with == [(Trigger.QUESTION_ASKED, "what is escrow?")]


def test_a_person_and_the_advisor_can_be_asked_for_in_every_state() -> None:
    for state in State:
        assert {Trigger.HUMAN_ASKED, Trigger.QUESTION_ASKED, Trigger.ADVISOR_ASKED} <= set(offered_in(state))


def test_only_confirming_can_be_confirmed() -> None:
    assert [state for state in State if Trigger.PAYMENT_CONFIRMED in offered_in(state)] == [State.CONFIRMING]
