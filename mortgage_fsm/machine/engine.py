"""decide(): one trigger, one answer. The only place that asks `transitions`; it knows no word of the flow it runs.

A table row becomes one transition whose conditions are the row's guards in their order. The model given to the machine
is thrown away after each question, so nothing of a call is ever kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from transitions import EventData, Machine

from mortgage_fsm.machine.call import Call, Finding
from mortgage_fsm.machine.changes import arrive, begins, take_in
from mortgage_fsm.machine.decisions import NO_ROW, Decision, Moved, Refused
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Guard, Row


class _Question:
    """What `transitions` calls a model: the state, and what one decision looks at and leaves behind."""

    __slots__ = ("asked", "call", "failed", "finding", "row", "state")

    def __init__(self, state: State, call: Call, finding: Finding) -> None:
        self.state = str(state)
        self.call = call
        self.finding = finding
        self.row = -1
        self.failed = NO_ROW
        self.asked: dict[str, bool] = {}


def _question(event: EventData) -> _Question:
    return cast(_Question, event.model)


def _holds(guards: tuple[Guard, ...]) -> Callable[[EventData], bool]:
    """One condition for a whole row: each guard asked in order, until one fails."""

    def ask(event: EventData) -> bool:
        question = _question(event)
        for guard in guards:
            holds = guard(question.call, question.finding)
            question.asked[guard.__name__] = holds
            if not holds:
                question.failed = guard.__name__
                return False
        return True

    return ask


def _taken(row: int) -> Callable[[EventData], None]:
    def note(event: EventData) -> None:
        _question(event).row = row

    return note


class Engine:
    """A table, made into a machine that answers and remembers nothing."""

    def __init__(self, table: Sequence[Row]) -> None:
        self._table = table
        self._machine = Machine(
            model=None, states=[str(s) for s in State], initial=None, auto_transitions=False, send_event=True
        )
        for number, row in enumerate(table):
            self._machine.add_transition(
                str(row.when),
                str(row.state),
                str(row.to),
                conditions=_holds(row.only_if),
                before=_taken(number),
            )
        self._pairs = {(row.state, row.when) for row in table}

    def decide(self, call: Call, trigger: Trigger, finding: Finding) -> Decision:
        """Ask the machine. Nothing but the answer comes of it; the caller adopts it after it was recorded."""
        if (call.state, trigger) not in self._pairs:
            return Refused(trigger, call, finding, NO_ROW, {})
        question = _Question(call.state, take_in(call, trigger, finding), finding)
        if not self._machine.events[trigger].trigger(question):
            return Refused(trigger, call, finding, question.failed, question.asked)
        row = self._table[question.row]
        after = question.call
        for change in row.facts:
            after = change(after, finding)
        after = arrive(after, row.to, row.then, finding)
        effects = (*row.then, *begins(call, after))
        return Moved(trigger, call, after, finding, question.row, question.asked, effects)


_ENGINE = Engine(TABLE)
decide = _ENGINE.decide
