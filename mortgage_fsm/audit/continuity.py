"""What the records of one call cannot change between them: table and build, the key while one process holds it, turns.

A call is gone on with only by a process of the same build and table; the key's name may be another one from
`call_resumed` on. What is written from outside (`resolution`, `call_ended` of a call left behind) comes from whatever
process finds it. Times are not held against each other: they are those of a system's clock, which is set back at times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mortgage_fsm.audit.record import HeardBy, RecordType
from mortgage_fsm.machine import State, Trigger

_Record = Mapping[str, Any]

_DECIDED: Final = frozenset({RecordType.DECISION, RecordType.REFUSAL})
_WITHIN: Final = _DECIDED | {RecordType.EDGE_REFUSAL, RecordType.HANDOFF}
"""Written only by a process that holds the call."""

_BROUGHT: Final = frozenset({HeardBy.RULES, HeardBy.MODEL, HeardBy.KEYPAD, HeardBy.TIMER})
"""Nothing of these comes before `call_resumed` in a process that goes on with a call."""

_AGENTS: Final = {State.ADVISING: "MortgageRetrievalAgent"}
_PAYMENT_AGENT: Final = "PaymentFlowAgent"


def agent_of(state: State) -> str:
    """The agent that a record names: that of the state in which it leaves the call."""
    return _AGENTS.get(state, _PAYMENT_AGENT)


class Continuity:
    """One call, from its first record on."""

    def __init__(self, started: _Record) -> None:
        self._started = started
        self._key_id = started["key_id"]
        self._turn = 0

    def broken(self, record: _Record) -> str | None:
        """What is wrong with the next record, as a sentence that begins with the field; None: nothing is."""
        kind = record["type"]
        state = record.get("state_to", record.get("state_from"))
        if "agent" in record and record["agent"] != agent_of(state):
            return "agent: not that of the state"
        if kind not in _WITHIN:
            return None
        for name in ("machine", "build"):
            if record[name] != self._started[name]:
                return f"{name}: not the one that the call started with"
        if record.get("trigger") == Trigger.CALL_RESUMED and kind == RecordType.DECISION:
            self._key_id = record["key_id"]
        if record.get("heard_by") in _BROUGHT and record["key_id"] != self._key_id:
            return "key_id: not that of the process that holds the call"
        if kind in _DECIDED:
            if record["turn"] < self._turn:
                return "turn: before that of an earlier decision"
            self._turn = record["turn"]
        return None
