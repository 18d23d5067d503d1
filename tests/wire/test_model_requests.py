"""What the OpenAI plug-in sends for us, byte for byte: what is configured, nothing more, and no number of the caller."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from mortgage_fsm.machine import State
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import provider
from mortgage_fsm.voice.tools import offered_in, tool_name
from tests.spoken.renderings import CANARIES, Kind, renderings
from tests.stories.rehearsal import WAY
from tests.stories.test_private_numbers import SENTENCES, digits_in
from tests.wire.calls import KEY, VAGUE, call_over, openai_settings
from tests.wire.openai_server import OpenAIServer, openai_server, picks, writes

CHOOSING = {"messages", "model", "stream", "stream_options", "store", "tools", "parallel_tool_calls"}
ANSWERING = CHOOSING - {"tools", "parallel_tool_calls"}


@pytest.mark.parametrize("state", State)
async def test_in_every_state_the_model_is_asked_for_one_of_its_tools_and_to_keep_nothing(state: State) -> None:
    async with openai_server(writes("I do not know.")) as server, call_over(server.base_url) as call:
        await call.reach(state)
        assert await call.say(VAGUE)
        body = server.bodies[0]
    assert set(body) == CHOOSING
    assert body["model"] == "gpt-4.1"
    assert body["store"] is False
    assert body["parallel_tool_calls"] is False
    assert [each["function"]["name"] for each in body["tools"]] == [tool_name(each) for each in offered_in(state)]
    assert all(each["function"]["strict"] for each in body["tools"])
    taking = {each["function"]["name"]: list(each["function"]["parameters"]["properties"]) for each in body["tools"]}
    assert {name: values for name, values in taking.items() if values} in ({}, {"look_up": ["question"]})


async def _asked_a_question(server: OpenAIServer) -> None:
    async with call_over(server.base_url) as call:
        assert "escrow" in (await call.say("so my neighbour was on about escrow, what might that be")).lower()


async def test_an_answer_is_asked_for_without_tools_and_without_what_vendors_refuse_where_there_are_none() -> None:
    wanted = picks("look_up", arguments='{"question": "what is escrow"}')
    async with openai_server(wanted, writes("Escrow pays your taxes.")) as server:
        await _asked_a_question(server)
    asked = [body for body in server.bodies if "tools" not in body]
    assert len(asked) == 1
    assert set(asked[0]) == ANSWERING
    assert asked[0]["store"] is False


async def test_requests_go_to_the_address_that_is_set_and_the_key_stands_in_one_header() -> None:
    wanted = picks("look_up", arguments='{"question": "what is escrow"}')
    async with openai_server(wanted, writes("Escrow pays your taxes.")) as server:
        await _asked_a_question(server)
    assert {(each.method, each.path) for each in server.requests} == {("POST", "/v1/chat/completions")}
    for each in server.requests:
        assert each.places_of(KEY) == {"header authorization"}
        assert each.headers["Authorization"] == f"Bearer {KEY}"


async def test_the_model_that_is_set_is_the_one_asked() -> None:
    async with openai_server(writes("?")) as server, call_over(server.base_url, llm_model="gpt-4.1-mini") as call:
        await call.say(VAGUE)
    assert {body["model"] for body in server.bodies} == {"gpt-4.1-mini"}


async def test_no_number_of_the_caller_is_in_any_byte_that_is_sent() -> None:
    sentences = [
        SENTENCES[kind].format(text) for kind in SENTENCES for text in renderings(kind, CANARIES[kind]).values()
    ]
    async with openai_server(writes("?")) as server, call_over(server.base_url) as call:
        await call.reach(State.CONFIRMING)
        for sentence in (VAGUE, *sentences[:: len(sentences) // 12]):
            await call.say(sentence)
    assert len(server.requests) >= 2
    said = [text for line in WAY[State.CONFIRMING] for text in (line,) if any(map(str.isdigit, line))]
    for sent, body in zip(server.requests, server.bodies, strict=True):
        words = " | ".join(str(each["content"]) for each in body["messages"])
        caller = " | ".join(str(each["content"]) for each in body["messages"] if each["role"] == "user")
        for number in said:
            assert number not in sent.body.decode()
        for kind in (Kind.LOAN, Kind.SSN, Kind.CARD, Kind.ACCOUNT):
            assert CANARIES[kind] not in digits_in(caller)
            assert CANARIES[kind] not in digits_in(words)
        assert CANARIES[Kind.LAST_FOUR] not in digits_in(caller)


def test_without_an_address_it_is_the_vendors_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    made = provider("llm", Settings(_env_file=None, OPENAI_API_KEY=SecretStr(KEY)))()
    assert made.provider == "api.openai.com"
    assert provider("llm", openai_settings("https://llm.example/v1"))().provider == "llm.example"
