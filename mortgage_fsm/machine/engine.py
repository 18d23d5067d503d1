"""decide(): one trigger, one answer. The only place that asks `transitions`; it knows no word of the flow it runs.

A table row becomes one transition of a `transitions` machine, which holds which rows leave a state on a trigger, in
their order. Its model is one question, thrown away after the answer, so nothing of a call is ever kept here. A row has
guards and nothing else: the callbacks, the queue and the log of a full transition would be nine tenths of a decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transitions import Event, Machine, Transition

from mortgage_fsm.machine.call import Call, Finding
from mortgage_fsm.machine.changes import arrive, begins, take_in
from mortgage_fsm.machine.decisions import NO_ROW, Decision, Moved, Refused
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TABLE, Guard, Row


class _Question:
    """What `transitions` calls a model: the state, and what one decision looks at and leaves behind."""

    __slots__ = ("asked", "call", "failed", "finding", "row", "state")

    def __init__(self, state: State, call: Call, finding: Finding) -> None:
        self.state = state
        self.call = call
        self.finding = finding
        self.row = -1
        self.failed = NO_ROW
        self.asked: dict[str, bool] = {}


class _RowTransition(Transition):
    """One row, with its guards."""

    def __init__(self, source: str, dest: str, *_: object, row: int, only_if: Sequence[Guard]) -> None:
        super().__init__(source, dest)
        self.row = row
        self.guards = tuple((guard.__name__, guard) for guard in only_if)


class _RowEvent(Event):
    """One trigger: the rows that leave the question's state on it, tried in order until all guards of one hold."""

    def trigger(self, model: Any, *_: Any, **__: Any) -> bool:
        """Whether a row was taken; the question then knows which, and what was asked of it on the way."""
        call, finding, asked = model.call, model.finding, model.asked
        row: Any  # a _RowTransition, by transition_cls
        for row in self.transitions[model.state]:
            for name, guard in row.guards:
                holds = asked[name] = guard(call, finding)
                if not holds:
                    model.failed = name
                    break
            else:
                model.row = row.row
                return True
        return False


class _RowMachine(Machine):
    event_cls = _RowEvent
    transition_cls = _RowTransition


class Engine:
    """A table, made into a machine that answers and remembers nothing."""

    def __init__(self, table: Sequence[Row]) -> None:
        self._table = table
        self._machine = _RowMachine(model=None, states=[str(s) for s in State], initial=None, auto_transitions=False)
        for number, row in enumerate(table):
            self._machine.add_transition(str(row.when), str(row.state), str(row.to), row=number, only_if=row.only_if)
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
