"""Payment calls in which the model, asked over the wire, picks triggers; every value is the caller's own."""

from __future__ import annotations

from mortgage_fsm.machine import State
from tests.wire.calls import call_over
from tests.wire.openai_server import openai_server, picks

BY_MODEL = (
    ("let us get that monthly thing out of the way, shall we", "payment_requested", State.COLLECTING_LOAN),
    ("well my paperwork here, loan number 10004471", "loan_offered", State.VERIFYING),
    ("ok I found the card. The last four of my social are 2190.", "identity_offered", State.AMOUNT),
)
"""What our rules do not wholly account for, the tool that the model picks, and where that leads."""
BY_RULES = (("$1,200", State.METHOD), ("my checking account", State.CONFIRMING), ("yes", State.SUBMITTED))
MADE_UP = '{"loan": "10005582", "last_four": "7304", "amount": 999999, "confirmed": true}'


async def test_the_model_picks_the_trigger_and_the_caller_supplies_each_value() -> None:
    script = [picks(tool, arguments=MADE_UP) for _, tool, _ in BY_MODEL]
    async with openai_server(*script) as server, call_over(server.base_url) as call:
        for words, _, state in BY_MODEL:
            await call.say(words)
            assert call.state is state, words
        for words, state in BY_RULES:
            await call.say(words)
            assert call.state is state, words
        assert await call.amounts() == [120000]
        assert len(server.requests) == len(BY_MODEL)


async def test_of_several_calls_in_one_answer_one_is_taken() -> None:
    both = picks("payment_requested", "human_asked", "payment_requested")
    async with openai_server(both) as server, call_over(server.base_url) as call:
        await call.say(BY_MODEL[0][0])
        assert call.state is State.COLLECTING_LOAN
        assert len(server.requests) == 1
