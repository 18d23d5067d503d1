"""The two tiers behind one llm.LLM, held alone: no session, no call."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.agents import llm

from mortgage_fsm.machine import State
from mortgage_fsm.voice.listener import LONGEST_QUESTION, MODEL, RULES, Listener, heard_by
from mortgage_fsm.voice.patience import Patience
from mortgage_fsm.voice.tools import LOOK_UP, NOT_UNDERSTOOD, tools_of
from tests.stories.rehearsal import Reply, ScriptedModel, calls


class Ears:
    """Answers as it is told."""

    def __init__(self, rule: str | None = None, fallback: str = NOT_UNDERSTOOD) -> None:
        self.rule = rule
        self.fallback = fallback
        self.reasons: list[str] = []

    def rule_for(self, message_id: str, words: str) -> str | None:
        return self.rule

    def fallback_for(self, message_id: str, words: str) -> str:
        return self.fallback

    def refused(self, reason: str) -> None:
        self.reasons.append(reason)


class Owner:
    async def fired(self, *_: Any) -> None:
        raise AssertionError("listening calls nothing by itself")


TOOLS: list[llm.Tool] = [*tools_of(State.ADVISING, Owner())]


def conversation(*said: str) -> llm.ChatContext:
    context = llm.ChatContext.empty()
    context.add_message(role="system", content="Instructions about form 1098.")
    for number, words in enumerate(said):
        context.add_message(role="assistant" if number % 2 else "user", content=words)
    return context


async def listen(listener: Listener, context: llm.ChatContext) -> list[llm.FunctionToolCall]:
    async with listener.chat(chat_ctx=context, tools=TOOLS) as stream:
        return [call async for chunk in stream if chunk.delta for call in chunk.delta.tool_calls]


async def test_words_that_a_rule_hears_never_reach_the_model() -> None:
    model = ScriptedModel([])
    listener = Listener(Ears(rule="payment_requested"), model, Patience(1.0))
    [call] = await listen(listener, conversation("pay"))
    assert (call.name, heard_by(call.call_id)) == ("payment_requested", RULES)
    assert (listener.by_rules, listener.by_model, model.requests) == (1, 0, [])


async def test_the_rest_is_asked_of_the_model_with_numbers_masked_at_this_one_place() -> None:
    model = ScriptedModel([calls("human_asked")])
    context = conversation("my loan is 10004471", "I have loan 1 0 0 0, 4 4 7 1.", "and the last four are 2190")
    [call] = await listen(Listener(Ears(), model, Patience(1.0)), context)
    assert (call.name, heard_by(call.call_id)) == ("human_asked", MODEL)
    [request] = model.requests
    assert "form 1098" in request.text
    assert not any(secret in request.text for secret in ("10004471", "4 4 7 1", "2190"))
    first = context.items[1]
    assert isinstance(first, llm.ChatMessage)
    assert "10004471" in (first.text_content or ""), "the session's own message is left as it is"


async def test_a_model_never_sees_the_hidden_tool_and_nothing_but_messages() -> None:
    model = ScriptedModel([Reply()])
    context = conversation("flowers")
    context.items.insert(1, llm.FunctionCall(call_id="1", name="loan_offered", arguments="{}"))
    context.items.insert(2, llm.FunctionCallOutput(call_id="1", name="loan_offered", output="ok", is_error=False))
    await listen(Listener(Ears(), model, Patience(1.0)), context)
    assert NOT_UNDERSTOOD not in model.requests[0].tools
    assert LOOK_UP in model.requests[0].tools


@pytest.mark.parametrize(
    "reply", [Reply(delay=5.0), Reply(error=RuntimeError("x")), Reply(), Reply(text="words"), calls("nope")]
)
async def test_a_model_that_is_no_use_leaves_the_fallback(reply: Reply) -> None:
    [call] = await listen(
        Listener(Ears(fallback="payment_cancelled"), ScriptedModel([reply]), Patience(0.05)), conversation("x")
    )
    assert (call.name, heard_by(call.call_id)) == ("payment_cancelled", RULES)


async def test_without_a_model_the_fallback_decides() -> None:
    [call] = await listen(Listener(Ears(fallback=LOOK_UP), None, Patience(1.0)), conversation("flowers"))
    assert call.name == LOOK_UP


async def test_unknown_names_and_all_but_the_first_known_one_are_refused_by_reason() -> None:
    ears = Ears()
    model = ScriptedModel([calls("nope", "human_asked", "payment_cancelled", NOT_UNDERSTOOD)])
    [call] = await listen(Listener(ears, model, Patience(1.0)), conversation("x"))
    assert call.name == "human_asked"
    assert ears.reasons == ["not_offered", "already_answered", "not_offered"]


async def test_the_question_of_a_look_up_is_masked_and_cut() -> None:
    for arguments, expected in (
        ({"question": "is 10004471 mine"}, "is [8 digits] mine"),
        ({"question": 7}, ""),
        ("{", ""),
    ):
        [call] = await listen(
            Listener(Ears(), ScriptedModel([calls(LOOK_UP, arguments=arguments)]), Patience(1.0)), conversation("x")
        )
        assert call.arguments == f'{{"question": "{expected}"}}'
    [call] = await listen(
        Listener(Ears(), ScriptedModel([calls(LOOK_UP, arguments={"question": "x" * 9000})]), Patience(1.0)),
        conversation("x"),
    )
    assert len(call.arguments) < LONGEST_QUESTION + 40


async def test_arguments_for_any_other_tool_are_dropped() -> None:
    model = ScriptedModel([calls("loan_offered", arguments={"loan": "10005582"})])
    [call] = await listen(Listener(Ears(), model, Patience(1.0)), conversation("x"))
    assert call.arguments == "{}"


async def test_a_rule_for_a_tool_that_the_agent_does_not_have_is_not_called() -> None:
    [call] = await listen(Listener(Ears(rule="payment_confirmed"), None, Patience(1.0)), conversation("yes"))
    assert call.name == NOT_UNDERSTOOD


async def test_what_was_answered_already_is_not_listened_to_again() -> None:
    context = conversation("pay")
    context.items.append(llm.FunctionCallOutput(call_id="1", name="x", output="ok", is_error=False))
    assert await listen(Listener(Ears(rule="human_asked"), None, Patience(1.0)), context) == []
    assert await listen(Listener(Ears(rule="human_asked"), None, Patience(1.0)), llm.ChatContext.empty()) == []
