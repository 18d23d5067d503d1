"""Whatever comes back over the wire, the caller is answered, soon, and nothing moves that the caller did not say."""

from __future__ import annotations

import time

import pytest

from mortgage_fsm.machine import Call, State
from tests.stories.rehearsal import Rehearsal
from tests.wire.calls import VAGUE, call_over
from tests.wire.openai_server import (
    Answer,
    breaks_off_after,
    hangs,
    openai_server,
    page,
    picks,
    raw,
    refuses,
    resets,
    stalls_after,
    trickles,
    writes,
)  # fmt: skip

pytestmark = pytest.mark.slow  # each failure waits for a real time-out


TIMEOUT = 1.5
"""Seconds that the model may take in these calls: a request must arrive in them, whatever else the machine does."""
OURS = 6.0
"""Seconds that our own work may take on a busy machine; far below what the plug-ins' own retries would be."""

YES = "payment_confirmed"
FAILURES: dict[str, Answer] = {
    "400": refuses(400),
    "401": refuses(401),
    "404": refuses(404),
    "429, come back in an hour": refuses(429, **{"Retry-After": "3600"}),
    "500": refuses(500),
    "503": refuses(503),
    "a page of a proxy": page("<html><body>Sign in</body></html>"),
    "no stream": page('{"choices": [{"message": {"content": "hi"}}]}', "application/json"),
    "nothing": raw(),
    "chunks that are no JSON": raw(b'data: {"choices": [{"delta"\n\n', b"data: [DONE]\n\n"),
    "chunks that are no text": raw(b"data: \xff\xfe\x00\n\n"),
    "chunks of another shape": raw(b'data: {"choices": null}\n\n', b"data: [1, 2]\n\n", b"data: [DONE]\n\n"),
    "an error in the stream": raw(b'data: {"error": {"message": "overloaded", "code": 500}}\n\n'),
    "a reset": resets,
    "a reset in the middle of a call": breaks_off_after(YES),
    "no answer": hangs,
    "no end of a call": stalls_after(YES),
    "no end of an answer": trickles,
    "a tool that nobody has": picks("submit_payment", arguments='{"amount": 999999}'),
    "a yes that was not said": picks(YES, arguments='{"confirmed": true}'),
    "arguments that are no JSON": picks("identity_offered", arguments='{"verified": tru'),
    "words alone": writes("Your payment of $999.00 is done."),
}  # fmt: skip


def standing(call: Call) -> Call:
    """The call without the read-back, which every turn in confirming begins anew."""
    return call._replace(read_back=None, read_backs=0)


async def answered(call: Rehearsal, state: State, failure: str) -> None:
    began = time.monotonic()
    said = await call.say(VAGUE)
    took = time.monotonic() - began
    assert said.strip(), failure
    assert "999" not in said, failure
    assert call.state is state, failure
    # In advising the model is asked for a tool, and then for an answer: both in the time of one.
    assert took < TIMEOUT + OURS, failure


@pytest.mark.parametrize("state", [State.ADVISING, State.VERIFYING, State.CONFIRMING])
async def test_no_failure_of_a_model_moves_a_call_or_leaves_the_caller_in_silence(state: State) -> None:
    async with openai_server(writes("?")) as server, call_over(server.base_url, model_timeout=TIMEOUT) as call:
        await call.reach(state)
        await call.say(VAGUE)  # connects
        before = standing(call.call)
        for failure, answer in FAILURES.items():
            server.answers = [answer]
            asked = len(server.requests)
            await answered(call, state, failure)
            assert len(server.requests) > asked, failure
            assert standing(call.call) == before, failure
            call.phone.orchestrator._misses = 0  # after too many in a row the call is ended
        assert await call.payments() == []


@pytest.mark.parametrize("failure", ["500", "a reset", "no answer", "chunks that are no JSON"])
async def test_a_payment_needs_no_model_that_works(failure: str) -> None:
    async with openai_server(FAILURES[failure]) as server, call_over(server.base_url, model_timeout=TIMEOUT) as call:
        await call.reach(State.AMOUNT)
        await call.say(VAGUE, "$1,200", VAGUE, "my bank account", VAGUE, "yes")
        assert call.state is State.SUBMITTED
        assert await call.amounts() == [120000]
        assert len(server.requests) >= 3


@pytest.mark.parametrize("failure", ["500", "a reset in the middle of a call", "no answer", "words alone"])
async def test_a_question_is_answered_from_the_passages_where_the_model_fails(failure: str) -> None:
    async with openai_server(FAILURES[failure]) as server, call_over(server.base_url, model_timeout=TIMEOUT) as call:
        said = await call.say("so tell me about that escrow shortage thing")
        assert "escrow" in said.lower()
        assert "999" not in said


async def test_a_model_that_answers_again_is_asked_again() -> None:
    wants_to_pay = picks("payment_requested")
    async with openai_server(refuses(500)) as server, call_over(server.base_url, model_timeout=TIMEOUT) as call:
        await answered(call, State.ADVISING, "500")
        server.answers = [wants_to_pay]
        await call.say("you know that thing people do every month, let us get it out of the way")
        assert call.state is State.COLLECTING_LOAN


async def test_a_model_that_is_refused_for_its_rate_is_tried_once_more_and_then_left_alone() -> None:
    async with openai_server(refuses(429)) as server, call_over(server.base_url, model_timeout=TIMEOUT) as call:
        await call.reach(State.METHOD)
        await answered(call, State.METHOD, "429")
        assert 1 <= len(server.requests) <= 2
