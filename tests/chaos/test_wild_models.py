"""A model that calls tools at random, thousands of times, in whole calls: nothing moves but by the table, nothing leaks.

`CHAOS_TOOL_CALLS` and `CHAOS_SEQUENCES` raise the numbers; the figures in the README are of 100,000 and 10,000.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from mortgage_fsm.audit.logs import Style
from mortgage_fsm.machine import Moved, State, Trigger
from tests.chaos.adversary import PRIVATE, Adversary
from tests.leaks.canaries import found
from tests.leaks.sinks import Sinks, sinks
from tests.stories.rehearsal import WAY, Rehearsal, Reply, Request, ScriptedModel, rehearse
from tests.stories.test_misbehaving_models import VAGUE, standing

TOOL_CALLS = int(os.environ.get("CHAOS_TOOL_CALLS", "14000"))
SEQUENCES = int(os.environ.get("CHAOS_SEQUENCES", "200"))
TURNS_PER_CALL = 40
CALLS_PER_REPLY = 25
TURNS_PER_SEQUENCE = 5
SEQUENCES_PER_CALL = 8

WORDS = (VAGUE, *WAY[State.SUBMITTED], "no", "$900", "my debit card", "10005582", "7304", "what is escrow?", "hm, okay")
"""What a caller says while the model does as it likes; most of it is heard without asking the model."""


@pytest.fixture
def out() -> Iterator[Sinks]:
    with sinks() as opened:
        yield opened


class Told:
    """A script that gives whatever reply it was given last."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.asked = 0

    def __call__(self, _: Request) -> Reply:
        self.asked += 1
        return self.reply


def assert_nothing_failed_or_leaked(out: Sinks, asked: int) -> None:
    events = [json.loads(line) for line in out.logs[Style.START].getvalue().splitlines()]
    ours = [each for each in events if each["logger"].startswith("mortgage_fsm")]
    assert [each["event"] for each in ours if each["level"] in {"error", "critical"}] == []
    failed = sum(each["event"] == "model_failed" for each in ours)
    assert failed < asked / 4, "too many replies were not even read: the test shows nothing"
    leaked = {(kind, name) for kind in PRIVATE for name, text in out.texts().items() if list(found(kind, text))}
    assert leaked == set()


def assert_moved_by_the_table(call: Rehearsal) -> None:
    """Each decision was recorded and replays (`rehearse` has looked); and no money moved but on a caller's yes."""
    moves = [each for each in call.decided if isinstance(each, Moved)]
    confirmed = [each for each in moves if each.trigger is Trigger.PAYMENT_CONFIRMED]
    assert all(each.finding.yes for each in confirmed)
    accepted = sum(each.trigger is Trigger.PAYMENT_ACCEPTED for each in moves)
    assert accepted <= len(confirmed)


@pytest.mark.slow
@pytest.mark.parametrize("state", State)
async def test_malformed_tool_calls_move_nothing_raise_nothing_and_leave_no_private_byte(
    state: State, out: Sinks
) -> None:
    script, adversary = Told(), Adversary(seed=list(State).index(state))
    made = 0
    while made < TOOL_CALLS / len(State):
        async with rehearse(model=ScriptedModel(script), watch=out.watch, capture=False) as call:
            await call.reach(state)
            before, paid = standing(call.call), await call.payments()
            for _ in range(TURNS_PER_CALL):
                script.reply = adversary.malformed(state, CALLS_PER_REPLY)
                made += CALLS_PER_REPLY
                assert await call.say(VAGUE)
                assert standing(call.call) == before
                call.phone.orchestrator._misses = 0  # after too many in a row the call is ended
            assert await call.payments() == paid
    print(f"{made} malformed tool calls in {state}")
    assert_nothing_failed_or_leaked(out, script.asked)


@pytest.mark.slow
async def test_random_sequences_of_tools_move_only_as_the_table_says(out: Sinks) -> None:
    script, adversary = Told(), Adversary(seed=6)
    seeds = list(WAY)
    made, moved = 0, 0
    while made < SEQUENCES:
        async with rehearse(model=ScriptedModel(script), watch=out.watch, capture=False) as call:
            await call.reach(seeds[made // SEQUENCES_PER_CALL % len(seeds)])
            for _ in range(SEQUENCES_PER_CALL):
                made += 1
                for _ in range(TURNS_PER_SEQUENCE):
                    if call.call.ended:
                        break
                    script.reply = adversary.any_tools()
                    words = VAGUE if adversary.choice((True, False)) else adversary.choice(WORDS)
                    assert await call.say(words) or call.call.ended
        assert_moved_by_the_table(call)
        moved += sum(isinstance(each, Moved) for each in call.decided)
    print(f"{made} sequences, {moved} moves")
    assert moved > made
    assert_nothing_failed_or_leaked(out, script.asked)
