"""What a language model is told, read from prompts/<language>.toml. Nothing of a caller stands in it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from mortgage_fsm.machine import Call, State


class Prompts:
    """The instructions of one language."""

    def __init__(self, texts: dict[str, Any]) -> None:
        self._texts = texts

    def tool(self, name: str) -> str:
        """What a tool is for."""
        return str(self._texts["tool"][name])

    def routing(self, call: Call, topics: tuple[str, ...] = ()) -> str:
        """Instructions of an agent: choose one tool. With a summary by code: which facts are known, never their values."""
        known = [
            name
            for name, fact in (
                ("loan number", call.loan),
                ("identity", call.identity),
                ("amount", call.amount),
                ("method", call.method),
            )
            if fact is not None
        ]
        routing = self._texts["routing"]
        return "\n".join(
            [
                routing["task"],
                routing["state"][call.state],
                routing["known"].format(known=", ".join(known) or routing["nothing"]),
                routing["topics"].format(topics=", ".join(topics) or routing["nothing"]),
            ]
        )

    def answering(self) -> str:
        """Instructions for answering a question from passages."""
        return str(self._texts["answering"]["task"])

    def passage(self, name: str, text: str) -> str:
        """One passage as data, marked as such."""
        return str(self._texts["answering"]["passage"]).format(id=name, text=text)

    def states(self) -> frozenset[State]:
        """The states that have instructions."""
        return frozenset(State(name) for name in self._texts["routing"]["state"])


@cache
def prompts(language: str = "en") -> Prompts:
    """The instructions of a language."""
    return Prompts(tomllib.loads((files(__name__) / f"{language}.toml").read_text(encoding="utf-8")))
