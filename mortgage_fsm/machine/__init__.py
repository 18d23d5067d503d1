"""The machine: what may happen in a call, decided without I/O. Importing it loads neither LiveKit nor SQLAlchemy."""

from mortgage_fsm.machine.call import Call, Facts, Finding, Policy, Transfer
from mortgage_fsm.machine.decisions import NO_ROW, Decision, Moved, Refused
from mortgage_fsm.machine.engine import decide
from mortgage_fsm.machine.states import Effect, State, Trigger
from mortgage_fsm.machine.table import TABLE, TABLE_HASH, TRIGGERS_IN

__all__ = [
    "NO_ROW",
    "TABLE",
    "TABLE_HASH",
    "TRIGGERS_IN",
    "Call",
    "Decision",
    "Effect",
    "Facts",
    "Finding",
    "Moved",
    "Policy",
    "Refused",
    "State",
    "Transfer",
    "Trigger",
    "decide",
]
