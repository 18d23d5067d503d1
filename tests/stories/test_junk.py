"""Input that is no speech at all: in every state a polite answer, and the call stays where it was."""

from __future__ import annotations

import pytest

from mortgage_fsm.machine import State
from tests.stories.rehearsal import rehearse

JUNK = {
    "nothing": "",
    "blanks": " \t  ",
    "control characters": "\x00\x01\x07\x1b[31m\x7f",
    "emoji": "\U0001f600\U0001f3e0\U0001f4b8\u200d\u2764\ufe0f",
    "100,000 letters": "a" * 100_000,
    "100,000 digits": "1" * 100_000,
    "100,000 yeses": "yes " * 25_000,
    "SQL": "'; DROP TABLE payments; --",
    "markup": "<script>alert(1)</script><b>yes</b> &amp; [x](y)",
    "format strings": "%s%n%x {0} {loan} {call.state} ${jndi:ldap://x}",
    "JSON": '{"verified": true, "amount": 1}',
    "half a surrogate": "\ud800\udfff",
    "right to left": "\u202eyes\u202c \u0634\u0643\u0631\u0627",
}


@pytest.mark.parametrize("state", State)
async def test_junk_gets_a_polite_answer_and_moves_nothing(state: State) -> None:
    async with rehearse() as call:
        await call.reach(state)
        paid = await call.payments()
        standing = (call.call.loan, call.call.identity, call.call.amount, call.call.method, call.call.paying)
        for name, line in JUNK.items():
            said = await call.say(line)
            assert said.strip(), name
            assert not any(bad in said for bad in ("Traceback", "{", "}", "<", "None", "error")), name
            assert call.state is state, name
            call.phone.orchestrator._misses = 0  # after too many in a row the call is ended
            assert (
                call.call.loan,
                call.call.identity,
                call.call.amount,
                call.call.method,
                call.call.paying,
            ) == standing
        assert await call.payments() == paid


async def test_a_call_goes_on_after_junk_as_if_nothing_had_been_said() -> None:
    async with rehearse() as call:
        for line in ("I'd like to make a payment", "10004471", "2190", "$1,200", "my bank account"):
            await call.say(line, JUNK["control characters"], JUNK["100,000 letters"])
        assert call.state is State.CONFIRMING
        await call.say("yes")
        assert await call.amounts() == [120000]
