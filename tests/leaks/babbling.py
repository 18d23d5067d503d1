"""A model that has heard everything, and says it back in every way in which a model can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from livekit.agents import APIConnectionError, APIStatusError

from tests.leaks.canaries import KINDS, SENTENCES, said
from tests.stories.rehearsal import Reply, Request, ScriptedModel, calls

PRIVATE = tuple(SENTENCES[kind].format(next(iter(said(kind).values()))) for kind in KINDS)
"""One sentence of each kind."""


def misbehaving(words: Sequence[str]) -> Callable[[Request], Reply]:
    """What it answers, each time in another way: tool calls, broken JSON, text, errors that quote."""
    turn = 0

    def answer(_: Request) -> Reply:
        nonlocal turn
        turn += 1
        word = words[turn % len(words)]
        ways = (
            calls("identity_offered", arguments={"last_four": word}),
            calls("look_up", arguments={"question": word}),
            calls("look_up", arguments='{"question": "' + word),
            calls("submit_payment", word[:40], arguments=word),
            Reply(text=word),
            Reply(error=APIConnectionError(f"no connection: {word}")),
            Reply(error=APIStatusError(f"bad request: {word}", status_code=400, body={"words": word})),
            Reply(error=RuntimeError(word)),
            Reply(error=TimeoutError(word)),
            calls("payment_confirmed", arguments={"amount": word}, text=word),
        )
        return ways[turn % len(ways)]

    return answer


def model() -> ScriptedModel:
    """For a worker, which is told of it by name."""
    return ScriptedModel(misbehaving(PRIVATE), only_messages=False)
