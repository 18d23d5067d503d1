"""How often a language model is asked in a straight payment call, by this program and by a plain two-agent one."""

from __future__ import annotations

import pytest
from livekit.agents import AgentSession

from tests.benchmarks.plain_agents import Facts, PlainAdvisor
from tests.stories.rehearsal import Reply, Request, ScriptedModel, calls, rehearse

LINES = ("I'd like to make a payment", "10004471", "2190", "$1,850", "my bank account", "yes")
TOOL_FOR = dict(
    zip(
        LINES,
        (
            calls("transfer_to_payment"),
            calls("set_loan", arguments={"loan": "10004471"}),
            calls("verify", arguments={"last_four": "2190"}),
            calls("set_amount", arguments={"amount": "1850"}),
            calls("set_method", arguments={"method": "bank"}),
            calls("submit"),
        ),
        strict=True,
    )
)


async def _ours() -> int:
    model = ScriptedModel([])  # raises when it is asked
    async with rehearse(model=model) as call:
        await call.say(*LINES)
        assert [payment["amount_cents"] for payment in await call.payments()] == [185000]
    return len(model.requests)


async def _plain() -> int:
    done: set[str] = set()

    def brain(request: Request) -> Reply:
        words = next((text for role, text in reversed(request.messages) if role == "user"), None)
        if words is None or words in done:
            return Reply(text="All right.")
        done.add(words)
        return TOOL_FOR[words]

    model = ScriptedModel(brain, only_messages=False)
    session = AgentSession(userdata=Facts(), llm=model, vad=None, turn_handling={"turn_detection": None})
    await session.start(PlainAdvisor(), record=False, session_host=False)
    for line in LINES:
        await session.run(user_input=line)
    assert session.userdata.submitted
    await session.aclose()
    return len(model.requests)


async def test_a_straight_payment_call_asks_the_model_at_most_twice(capsys: pytest.CaptureFixture[str]) -> None:
    ours, plain = await _ours(), await _plain()
    with capsys.disabled():
        print(f"\nmodel requests in a payment call of {len(LINES)} turns: {ours} here, {plain} in plain LiveKit")
    assert ours <= 2 < plain
