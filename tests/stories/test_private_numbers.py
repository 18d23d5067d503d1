"""What a model is sent: no number of the caller's, in any rendering, in any state, and no tool that takes a value."""

from __future__ import annotations

import re

import pytest
from livekit.agents import llm

from mortgage_fsm.machine import State
from mortgage_fsm.voice.agents import Agents
from mortgage_fsm.voice.speech import Speech
from tests.spoken.renderings import CANARIES, Kind, renderings
from tests.stories.rehearsal import Reply, Request, ScriptedModel, calls, rehearse

SENTENCES = {
    Kind.LOAN: "so about that thing, the loan is {}",
    Kind.LAST_FOUR: "well my social ends in {}, if that is what you people want",
    Kind.SSN: "look, my whole social security number is {}, okay, whatever helps",
    Kind.CARD: "can I just read you my card, it's {}, never mind the rest",
    Kind.ACCOUNT: "my account number at the bank is {}, I suppose that helps",
}


def digits_in(text: str) -> str:
    """The digits of a text, written or spelt, with all that stands between them gone."""
    names = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    text = text.casefold().replace("oh", "zero")
    for value, name in enumerate(names):
        text = re.sub(rf"\b{name}\b", str(value), text)
    return re.sub(r"\D", "", text)


@pytest.mark.parametrize("kind", SENTENCES)
async def test_no_private_number_reaches_a_model_however_it_is_said(kind: Kind) -> None:
    number = CANARIES[kind]
    requests: list[Request] = []

    def note(request: Request) -> Reply:
        requests.append(request)
        return Reply()

    said = renderings(kind, number)
    async with rehearse(model=ScriptedModel(note)) as call:
        await call.say("I'd like to make a payment")
        for rendered in said.values():
            await call.say(SENTENCES[kind].format(rendered))
    assert requests, "the model was never asked: the test shows nothing"
    for request in requests:
        caller = [text for role, text in request.messages if role == "user"]
        for name, rendered in said.items():
            assert not [text for text in caller if rendered in text], name
        assert not [text for text in caller if number in digits_in(text)]


async def test_a_whole_call_tells_a_model_no_number_of_the_caller_or_the_loan() -> None:
    requests: list[Request] = []

    def note(request: Request) -> Reply:
        requests.append(request)
        return Reply()

    async with rehearse(model=ScriptedModel(note)) as call:
        for state in State:
            before = len(requests)
            line = {
                State.ADVISING: "I'd like to make a payment",
                State.COLLECTING_LOAN: "10004471",
                State.VERIFYING: "2190",
                State.AMOUNT: "$1,234.56",
                State.METHOD: "my bank account",
                State.CONFIRMING: "yes",
                State.SUBMITTED: "thank you",
            }[state]
            await call.say("flowers and gardens and trees")
            assert len(requests) == before + 1
            await call.say(line)
        assert call.state is State.SUBMITTED
    sent = " ".join(text for request in requests for _, text in request.messages)
    for secret in ("10004471", "1 0 0 0", "4 4 7 1", "2190", "1,234.56", "1234", "1,850", "6021", "8830"):
        assert secret not in sent, secret


async def test_a_model_is_offered_the_tools_of_the_state_and_no_other() -> None:
    model = ScriptedModel(lambda request: calls())
    async with rehearse(model=model) as call:
        await call.reach(State.VERIFYING)
        await call.say("flowers and gardens and trees")
    [request] = model.requests
    assert "identity_offered" in request.tools
    assert not {"payment_confirmed", "read_back_rejected", "not_understood", "payment_accepted"} & set(request.tools)


@pytest.mark.parametrize("state", State)
async def test_no_tool_has_a_parameter_but_the_question_to_look_up(state: State) -> None:
    async with rehearse() as call:
        await call.reach(state)
        agent = Agents().agent(call.phone.orchestrator, call.call, opening=Speech())
        for tool in agent.tools:
            assert isinstance(tool, llm.RawFunctionTool)
            schema = tool.info.raw_schema
            parameters = set(schema["parameters"]["properties"])
            assert parameters == ({"question"} if tool.info.name == "look_up" else set())
