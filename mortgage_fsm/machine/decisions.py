"""What the engine answers: a move or a refusal, as plain values."""

from __future__ import annotations

from typing import NamedTuple

from mortgage_fsm.machine.call import Call, Finding
from mortgage_fsm.machine.states import Effect, Trigger


class Moved(NamedTuple):
    """A row was taken. `before` and `after` are the call; `effects` are to be performed once, in their order."""

    trigger: Trigger
    before: Call
    after: Call
    finding: Finding
    row: int
    """Index of the row in TABLE, from 0."""
    guards: dict[str, bool]
    """Every guard that was asked, by name, with its answer."""
    effects: tuple[Effect, ...]


class Refused(NamedTuple):
    """No row's guards held; nothing changed."""

    trigger: Trigger
    before: Call
    finding: Finding
    reason: str
    """The first guard that failed of the last row tried, or `no_row`."""
    guards: dict[str, bool]

    @property
    def after(self) -> Call:
        """The call as it was."""
        return self.before


Decision = Moved | Refused
NO_ROW = "no_row"
"""Reason of a refusal when state and trigger have no row."""
