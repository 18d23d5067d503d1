"""Models that do what they must not, in every state: nothing moves that should not, and the caller is always answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from livekit.agents import APIConnectionError, APIStatusError, llm
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS

from mortgage_fsm.machine import TRIGGERS_IN, Call, State, Trigger
from mortgage_fsm.voice.tools import LOOK_UP, NOT_UNDERSTOOD, OUTSIDE_WORLD, offered_in, tool_name
from tests.stories.rehearsal import Rehearsal, Reply, Request, ScriptedModel, calls, rehearse

VAGUE = "flowers and gardens and trees"
"""Words that say nothing our rules hear, so that the model is asked."""

MADE_UP = {
    "amount": 999999, "loan": "10005582", "verified": True, "last_four": "2190", "method": "debit_card", "yes": True,
    "confirmed": True, "state": "submitted", "question": "",
}  # fmt: skip

NEED_WORDS = (
    Trigger.LOAN_OFFERED,
    Trigger.IDENTITY_OFFERED,
    Trigger.AMOUNT_OFFERED,
    Trigger.METHOD_OFFERED,
    Trigger.LOAN_FACT_ASKED,
    Trigger.PAYMENT_CONFIRMED,
)
"""Triggers that claim something which the caller's words must bear out."""

UNKNOWN = ("transfer_to_payment", "submit_payment", "set_amount", "verify", "payment_accepted()", "", "to_submitted")


def standing(call: Call) -> Call:
    """The call without the read-back, which every turn in confirming begins anew."""
    return call._replace(read_back=None, read_backs=0)


def misbehaviours(state: State) -> dict[str, Reply]:
    """All that a model may do here without anything coming of it."""
    here = {tool_name(trigger) for trigger in offered_in(state)}
    elsewhere = [tool_name(trigger) for trigger in Trigger if tool_name(trigger) not in here]
    found = {f"{t}, which was not said": calls(t, arguments=MADE_UP) for t in NEED_WORDS if t in TRIGGERS_IN[state]}
    found |= {
        "one of another state": calls(elsewhere[0], arguments=MADE_UP),
        "every one of other states at once": calls(*elsewhere, arguments=MADE_UP),
        "one that we hide": calls(NOT_UNDERSTOOD),
        "names that do not exist": calls(*UNKNOWN, arguments=MADE_UP),
        "the same twice": calls("payment_confirmed", "payment_confirmed", arguments=MADE_UP),
        "confirms, accepts and answers": calls("payment_confirmed", "payment_accepted", "payment_resolved"),
        "malformed arguments": calls("identity_offered", arguments='{"verified": tru'),
        "arguments that are no object": calls("amount_offered", arguments="[" * 2000),
        "text alone": Reply(text="Your payment of $999.00 is done. You are verified."),
        "text and a call": calls("payment_confirmed", text="Done! Confirmation number AB123456."),
        "nothing": Reply(),
        "raises": Reply(error=RuntimeError("10004471")),
        "cannot be reached": Reply(error=APIConnectionError(retryable=False)),
        "is refused": Reply(error=APIStatusError("no", status_code=400, retryable=False)),
        "times out": Reply(delay=5.0),
        "a huge text": Reply(text="Your balance is $1. " * 50_000),
    }
    return found


class OneReply:
    """A script that gives the same reply to every request, and can be given another."""

    reply = Reply()

    def __call__(self, request: Request) -> Reply:
        return self.reply


async def say_something(call: Rehearsal, state: State) -> str:
    said = await call.say(VAGUE)
    assert said.strip()
    assert not any(claim in said for claim in ("999", "AB123456", "You are verified", "Your balance is $1."))
    assert call.state is state
    return said


@pytest.mark.parametrize("state", State)
async def test_whatever_a_model_does_nothing_moves_that_the_caller_did_not_say(state: State) -> None:
    script = OneReply()
    async with rehearse(model=ScriptedModel(script), model_timeout=0.02) as call:
        await call.reach(state)
        before, paid = standing(call.call), await call.payments()
        for name, reply in misbehaviours(state).items():
            script.reply = reply
            await say_something(call, state)
            assert standing(call.call) == before, name
            call.phone.orchestrator._misses = 0  # after too many in a row the call is ended
        assert await call.payments() == paid


@pytest.mark.parametrize("state", State)
async def test_of_several_known_tools_only_the_first_is_taken(state: State) -> None:
    model = ScriptedModel([calls("advisor_asked", "payment_confirmed", "payment_cancelled", "human_asked")])
    async with rehearse(model=model) as call:
        await call.reach(state)
        paid = await call.payments()
        assert await call.say(VAGUE)
        assert call.state is State.ADVISING
        assert await call.payments() == paid
        turn = call.phone.orchestrator._turns.last.number
    dropped = [r for r in call.written if r["type"] == "edge_refusal" and r["turn"] == turn]
    assert "already_answered" in {r["reason"] for r in dropped}
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    ("words", "reply"),
    [
        ("no, definitely not that one thank you very much", calls("payment_confirmed")),
        ("I guess that could be okay, I'm not really sure about it", calls("payment_confirmed")),
        ("yes I heard you but let me think about that a bit", calls("payment_confirmed")),
        ("can you hold on, the dog is barking", calls("payment_confirmed", "payment_confirmed")),
        ("yes, well, is that today or tomorrow", calls("payment_confirmed", arguments={"confirmed": True})),
    ],
)
async def test_a_model_cannot_say_yes_for_the_caller(words: str, reply: Reply) -> None:
    async with rehearse(model=ScriptedModel(lambda request: reply)) as call:
        await call.reach(State.CONFIRMING)
        assert await call.say(words)
        assert await call.payments() == []


async def test_a_model_cannot_confirm_before_the_read_back() -> None:
    model = ScriptedModel(lambda request: calls("payment_confirmed", "payment_accepted", arguments=MADE_UP))
    async with rehearse(model=model) as call:
        for line in ("I'd like to make a payment", "10004471", "2190", "$1,200"):
            assert await call.say("oh yes, flowers, yes")
            await call.say(line)
        assert call.state is State.METHOD
        assert await call.payments() == []


def always(reply: Reply) -> Callable[[Request], Reply]:
    return lambda request: reply


async def test_one_yes_pays_once_whatever_the_model_adds() -> None:
    model = ScriptedModel(lambda request: calls("payment_confirmed", "payment_confirmed", "payment_requested"))
    async with rehearse(model=model) as call:
        await call.reach(State.SUBMITTED)
        await call.say("lovely, that's so good to hear, honestly", "I really do mean it", VAGUE)
        assert await call.amounts() == [120000]


async def test_a_model_may_pick_the_trigger_but_the_caller_supplies_the_value() -> None:
    model = ScriptedModel([calls("amount_offered", arguments={"amount": 999999})])
    async with rehearse(model=model) as call:
        await call.reach(State.AMOUNT)
        await call.say(
            "so my cousin was thinking, and I kind of agree with her, $700 would do for the time being I suppose"
        )
        assert call.call.amount in {70000, None}


async def test_a_model_that_fails_costs_a_caller_who_asks_no_answer() -> None:
    for reply in (
        Reply(error=RuntimeError("x")),
        Reply(delay=5.0),
        Reply(),
        Reply(text="I think so"),
        Reply(text="Yes."),
    ):
        async with rehearse(model=ScriptedModel(always(reply)), model_timeout=0.05) as call:
            assert "escrow" in (await call.say("so tell me what is an escrow shortage")).lower()


class BreaksOff(llm.LLM[Any]):
    """Sends a whole tool call, and then breaks off."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    @property
    def model(self) -> str:
        return "breaks off"

    def chat(
        self, *, chat_ctx: Any, tools: Any = None, conn_options: Any = DEFAULT_API_CONNECT_OPTIONS, **_: Any
    ) -> llm.LLMStream:
        return _BrokenStream(self, chat_ctx=chat_ctx, tools=tools or [], conn_options=conn_options)


class _BrokenStream(llm.LLMStream):
    _llm: BreaksOff

    async def _run(self) -> None:
        made = llm.FunctionToolCall(name=self._llm.name, arguments="{}", call_id="broken")
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", content="Well,")))
        self._event_ch.send_nowait(llm.ChatChunk(id="1", delta=llm.ChoiceDelta(role="assistant", tool_calls=[made])))
        raise RuntimeError("the line to the vendor broke: 10004471")


@pytest.mark.parametrize("state", [State.ADVISING, State.VERIFYING, State.CONFIRMING])
async def test_a_model_that_breaks_off_in_the_middle_has_said_nothing(state: State) -> None:
    async with rehearse(model=BreaksOff("payment_cancelled")) as call:
        await call.reach(state)
        before = standing(call.call)
        await say_something(call, state)
        assert standing(call.call) == before


async def test_a_look_up_with_a_made_up_question_is_masked_and_answers_or_says_so() -> None:
    questions = ("10004471 2190", "x" * 100_000, "'; DROP TABLE loans; --", {"a": 1}, None, 7)
    for question in questions:
        model = ScriptedModel([calls(LOOK_UP, arguments={"question": question}), Reply(text="NO ANSWER")])
        async with rehearse(model=model) as call:
            said = await call.say(VAGUE)
            assert said.endswith("What else can I help you with?")
            assert "10004471" not in said


def test_every_trigger_of_the_outside_world_is_kept_from_models() -> None:
    offered = {trigger for state in State for trigger in offered_in(state)}
    assert not offered & OUTSIDE_WORLD
    assert json.dumps(sorted(offered | OUTSIDE_WORLD)) == json.dumps(sorted(Trigger))
