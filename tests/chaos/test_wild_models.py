"""A model that calls tools at random, thousands of times, in whole calls: nothing moves but by the table, nothing leaks.

`CHAOS_TOOL_CALLS` and `CHAOS_SEQUENCES` raise the numbers; the figures in the README are of 100,000 and 10,000.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
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
SEQUENCES = int(os.environ.get("CHAOS_SEQUENCES", "350"))
TURNS_PER_CALL = 40
CALLS_PER_REPLY = 25
TURNS_PER_SEQUENCE = 5
SEQUENCES_PER_CALL = 8

WORDS = (VAGUE, *WAY[State.SUBMITTED], "no", "$900", "my debit card", "10005582", "7304", "what is escrow?", "hm, okay")
"""What a caller says while the model does as it likes; most of it is heard without asking the model."""

FAILED = frozenset({"error", "critical"})
_COUNTED = re.compile(r"""(?:(?<=":)|(?<=": )|(?<==))[0-9]{1,6}(\.[0-9]+)?(?=[\s,}]|$)""", re.MULTILINE)
"""The whole value of a field, where it is a number: it counts or times something, as a closed schema has no number of a
caller's. Among thousands of them one looks like a card's code."""

UNREAD = frozenset({"model_failed"})
"""Our event for a reply that LiveKit could not even take apart."""


class Told:
    """A script that gives whatever reply it was given last."""

    def __init__(self) -> None:
        self.reply = Reply()
        self.asked = 0
        self.private: set[str] = set()
        """Kinds of private numbers that were in its replies: what is looked for was there."""

    def __call__(self, _: Request) -> Reply:
        self.asked += 1
        given = str(self.reply.calls)
        self.private |= {kind for kind, rendered in PRIVATE.items() if rendered in given}
        return self.reply


class Searcher:
    """Looks through all that each call leaves behind, and forgets it."""

    def __init__(self, out: Sinks) -> None:
        self.out = out
        self.unread = 0

    def look(self, call: Rehearsal) -> None:
        """Nothing of ours failed or was left to fail by itself, and no private number came out."""
        events = [json.loads(line) for line in self.out.logs[Style.START].getvalue().splitlines()]
        answerable = [each for each in events if each["logger"].startswith(("mortgage_fsm", "asyncio"))]
        assert [each["event"] for each in answerable if each["level"] in FAILED] == []
        self.unread += sum(each["event"] in UNREAD for each in answerable)
        written = "\n".join(str(value) for each in call.written for value in each.values() if isinstance(value, str))
        texts = {name: _COUNTED.sub("", text) for name, text in self.out.texts().items()} | {"records": written}
        texts["metrics"] = "\n".join(line.rpartition(" ")[0] for line in texts["metrics"].splitlines())
        assert {(kind, name) for name, text in texts.items() for kind in PRIVATE if list(found(kind, text))} == set()
        self.out.forget()

    def has_looked_at(self, script: Told) -> None:
        """The test showed what it is to show."""
        assert script.private, "nothing private was in the replies"
        assert self.unread < script.asked / 4, "too many replies were not even read"


@pytest.fixture
def searcher() -> Iterator[Searcher]:
    with sinks() as opened:
        yield Searcher(opened)


def moves_of(call: Rehearsal) -> list[Moved]:
    """What moved. Each decision was recorded and replays (`rehearse` has looked); no money moved but on a caller's yes."""
    moves = [each for each in call.decided if isinstance(each, Moved)]
    confirmed = [each for each in moves if each.trigger is Trigger.PAYMENT_CONFIRMED]
    assert all(each.finding.yes for each in confirmed)
    assert sum(each.trigger is Trigger.PAYMENT_ACCEPTED for each in moves) <= len(confirmed)
    return moves


@pytest.mark.slow
@pytest.mark.parametrize("state", State)
async def test_malformed_tool_calls_move_nothing_raise_nothing_and_leave_no_private_byte(
    state: State, searcher: Searcher
) -> None:
    script, adversary = Told(), Adversary(seed=list(State).index(state))
    made = 0
    while made < TOOL_CALLS / len(State):
        async with rehearse(model=ScriptedModel(script), watch=searcher.out.watch, capture=False) as call:
            await call.reach(state)
            before, paid = standing(call.call), await call.payments()
            for _ in range(TURNS_PER_CALL):
                script.reply = adversary.malformed(state, CALLS_PER_REPLY)
                made += CALLS_PER_REPLY
                assert await call.say(VAGUE)
                assert standing(call.call) == before
                call.phone.orchestrator._misses = 0  # after too many in a row the call is ended
            assert await call.payments() == paid
        searcher.look(call)
    print(f"{made} malformed tool calls in {script.asked} replies in {state}, of which {searcher.unread} were not read")
    assert script.private == set(PRIVATE)
    searcher.has_looked_at(script)


@pytest.mark.slow
@pytest.mark.parametrize("state", State)
async def test_random_sequences_of_tools_move_only_as_the_table_says(state: State, searcher: Searcher) -> None:
    script, adversary = Told(), Adversary(seed=100 + list(State).index(state))
    made = 0
    moved: Counter[Trigger] = Counter()
    while made < SEQUENCES / len(State):
        async with rehearse(model=ScriptedModel(script), watch=searcher.out.watch, capture=False) as call:
            await call.reach(state)
            # The first begins in this state, the others where the one before has led.
            for turn in range(SEQUENCES_PER_CALL * TURNS_PER_SEQUENCE):
                if call.call.ended:
                    break
                made += turn % TURNS_PER_SEQUENCE == 0
                script.reply = adversary.any_tools()
                words = VAGUE if adversary.choice((True, False)) else adversary.choice(WORDS)
                assert await call.say(words) or call.call.ended
        moved.update(each.trigger for each in moves_of(call))
        searcher.look(call)
    print(f"{made} sequences from {state}, {script.asked} replies, {moved.total()} moves of {len(moved)} triggers")
    assert moved.total() > made
    searcher.has_looked_at(script)
