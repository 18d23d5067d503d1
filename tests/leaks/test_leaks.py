"""No byte of what a caller says, in any rendering, comes out anywhere; and without the boundary it would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from mortgage_fsm.audit.store import Journal
from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.machine import State
from mortgage_fsm.voice.desk import Desk
from mortgage_fsm.voice.orchestrator import Orchestrator
from tests.leaks.babbling import PRIVATE, misbehaving
from tests.leaks.canaries import KINDS, NAME, SENTENCES, found, said
from tests.leaks.sinks import Sinks, sinks
from tests.spoken.renderings import Kind
from tests.stories.rehearsal import WAY, ScriptedModel, rehearse

NOT_MASKED = {NAME}
"""Kinds that a model is sent as they were said: we claim no more than numbers."""


@pytest.fixture
def out() -> Iterator[Sinks]:
    with sinks() as opened:
        yield opened


def leaks(kind: str, out: Sinks) -> dict[str, list[str]]:
    """The renderings that stand in each sink, where any do."""
    searched = {name: text for name, text in out.texts().items() if name != "model" or kind not in NOT_MASKED}
    return {name: names for name, text in searched.items() if (names := list(found(kind, text)))}


async def tell_in_every_state(kind: str, renderings: Sequence[str], out: Sinks, **around: Any) -> None:
    """A whole call; in each state the caller says a share of the renderings, and then what leads on."""
    model = ScriptedModel(misbehaving(renderings), only_messages=False)
    lines = (*WAY[State.SUBMITTED], "thank you")
    async with rehearse(model=model, watch=out.watch, capture=False, **around) as call:
        for number, line in enumerate(lines):
            for rendered in renderings[number :: len(lines)]:
                if not call.call.ended:
                    await call.say(SENTENCES[kind].format(rendered))
            if not call.call.ended:
                await call.say(line)
    out.keep(call, model)


@pytest.mark.parametrize("kind", [Kind.LOAN, NAME])
async def test_a_call_in_which_everything_goes_wrong_lets_nothing_out(kind: str, out: Sinks) -> None:
    renderings = list(said(kind).values())
    await tell_in_every_state(kind, renderings[::3], out)
    assert list(found(kind, out.unguarded.text.getvalue())), "the same search must find it in unguarded logs"
    assert leaks(kind, out) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
async def test_no_rendering_of_any_kind_comes_out_in_any_state(kind: str, out: Sinks) -> None:
    renderings = said(kind)
    assert len(renderings) >= 15
    await tell_in_every_state(kind, list(renderings.values()), out)
    unguarded = set(found(kind, out.unguarded.text.getvalue()))
    assert unguarded == set(renderings), "the same search must find every one of them in unguarded logs"
    assert leaks(kind, out) == {}


QUOTING: dict[str, tuple[type, str]] = {
    "the loan system": (EmbeddedLoans, "find"),
    "the identity check": (EmbeddedLoans, "identity_matches"),
    "the payment processor": (EmbeddedGateway, "submit"),
    "the knowledge base": (EmbeddedKnowledge, "search"),
    "the log of records": (Journal, "append"),
    "our own facts": (Desk, "find"),
    "our own hand-off": (Orchestrator, "entered"),
}
"""Parts that fail with everything they were given, and everything that was said, in the message."""
MOST_FAILURES = 9
"""Then all is well again: a call that cannot even be hung up is another test."""


@pytest.mark.slow
@pytest.mark.parametrize("part", QUOTING)
async def test_a_part_that_fails_quoting_all_it_was_given_lets_nothing_out(
    part: str, out: Sinks, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name = QUOTING[part]
    original = getattr(owner, name)
    asked = 0

    async def quoting(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        # A call whose very first record fails as no database does is not answered at all.
        if asked % 2 == (part == "the log of records") or asked > MOST_FAILURES:
            return await original(self, *given, **named)
        raise RuntimeError(f"cannot do with {given} {named} {PRIVATE}") from KeyError(PRIVATE)

    monkeypatch.setattr(owner, name, quoting)
    model = ScriptedModel(misbehaving(PRIVATE), only_messages=False)
    async with rehearse(model=model, watch=out.watch, capture=False, whole=False) as call:
        for line in (*PRIVATE, *WAY[State.SUBMITTED], *PRIVATE, *WAY[State.SUBMITTED], "what is escrow?", "yes"):
            if not call.call.ended:
                with suppress(Exception):  # a part of ours that fails so is a fault: what matters here is what it tells
                    await call.say(line)
    out.keep(call, model)
    assert asked, "it was never asked: the test shows nothing"
    assert {kind: leaks(kind, out) for kind in KINDS if leaks(kind, out)} == {}
