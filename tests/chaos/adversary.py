"""A model that calls tools at random: names that do not exist, arguments of every wrong shape, real tools out of turn."""

from __future__ import annotations

import json
import random
from typing import Any

from mortgage_fsm.machine import State, Trigger
from mortgage_fsm.voice.tools import NOT_UNDERSTOOD, offered_in, tool_name
from tests.leaks.canaries import KINDS, NAME, said
from tests.stories.rehearsal import Reply
from tests.stories.test_misbehaving_models import NEED_WORDS

TOOLS = sorted({tool_name(each) for each in Trigger} | {NOT_UNDERSTOOD})
PRIVATE = {kind: next(iter(said(kind).values())) for kind in KINDS if kind != NAME}
"""One rendering of each kind of number, which then must be nowhere."""

TOO_DEEP = 0.05
"""Share of the replies that hold JSON too deep to be read: LiveKit then fails as a whole, and with it the reply."""

_PLAIN = (None, True, -1, 10**30, 1e308, float("nan"), float("-inf"), 999999, "")
_CHARACTERS = "abcXYZ_-. 0123456789{}[]()\"'\\/<>%$;:\x00\x07\n\t\u00e9\u0660\uff11\u202e\U0001f4b8"


class Adversary:
    """Makes tool calls from a seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def text(self, longest: int = 40) -> str:
        """Characters that mean nothing, now and then with a private number among them."""
        length = self._chance.randrange(longest)
        text = "".join(self._chance.choices(_CHARACTERS, k=length))
        return f"{text} {self._chance.choice(list(PRIVATE.values()))}" if self._chance.random() < 0.3 else text

    def value(self, depth: int = 0) -> Any:
        """A JSON value, or what Python writes that is none."""
        if depth > 3 or self._chance.random() < 0.6:
            longest = self._chance.choice((0, 0, 0, 0, 40, 5000))
            return self.text(longest) if longest else self._chance.choice(_PLAIN)
        if self._chance.random() < 0.5:
            return [self.value(depth + 1) for _ in range(self._chance.randrange(4))]
        names = ("amount", "loan", "last_four", "method", "yes", "verified", "state", "question", "ctx", self.text())
        return {self._chance.choice(names): self.value(depth + 1) for _ in range(self._chance.randrange(5))}

    def arguments(self) -> str:
        """What stands where a JSON object of no values is wanted."""
        raw = json.dumps(self.value())
        shapes = (
            raw,
            raw[: self._chance.randrange(len(raw) + 1)],
            raw + raw,
            "[" * self._chance.choice((1, 50)),
            self.text(200),
            '{"question": ' + raw + "}",
            '{"amount": 1, "amount": 2}',
            "\ufeff{}",
            "",
        )
        return self._chance.choice(shapes)

    def unknown_name(self) -> str:
        """A name that no tool has."""
        real = self._chance.choice(TOOLS)
        shapes = (
            real.upper(),
            f"{real}()",
            f" {real}",
            f"{real}\x00",
            real * 200,
            self.text(),
            self.text(2000),
            "__init__",
        )
        name = self._chance.choice(shapes)
        return name if name not in TOOLS else f"{name}?"

    def malformed(self, state: State, how_many: int) -> Reply:
        """Calls of which none may move anything, whatever the arguments are: at most the first known one is looked at."""
        here = {tool_name(each) for each in offered_in(state)}
        elsewhere = [each for each in TOOLS if each not in here]
        empty = [tool_name(each) for each in NEED_WORDS if tool_name(each) in here]
        names = [self._chance.choice((self.unknown_name(), self._chance.choice(elsewhere))) for _ in range(how_many)]
        if empty and self._chance.random() < 0.8:
            names[self._chance.randrange(how_many)] = self._chance.choice(empty)
        made = [(name, self.arguments()) for name in names]
        if self._chance.random() < TOO_DEEP:
            made[0] = (made[0][0], "[" * 5_000)
        return Reply(calls=tuple(made))

    def any_tools(self) -> Reply:
        """One to five real tools, those of the outside world included, with any arguments."""
        names = [self._chance.choice(TOOLS) for _ in range(self._chance.randrange(1, 6))]
        return Reply(calls=tuple((name, self._chance.choice(("{}", self.arguments()))) for name in names))

    def choice(self, among: Any) -> Any:
        """One of these."""
        return self._chance.choice(among)
