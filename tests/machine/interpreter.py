"""The rows read in their order, without any state-machine library: what the engine is compared with."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mortgage_fsm.machine.call import Call, Finding
from mortgage_fsm.machine.changes import arrive, begins, take_in
from mortgage_fsm.machine.decisions import NO_ROW, Decision, Moved, Refused
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import Row


def interpreter(table: Sequence[Row]) -> Callable[[Call, Trigger, Finding], Decision]:
    """A second `decide`, for any table."""
    cells: dict[tuple[State, Trigger], list[tuple[int, Row]]] = {}
    for number, row in enumerate(table):
        cells.setdefault((row.state, row.when), []).append((number, row))

    def decide(call: Call, trigger: Trigger, finding: Finding) -> Decision:
        proposal, reason, asked = take_in(call, trigger, finding), NO_ROW, {}
        for number, row in cells.get((call.state, trigger), ()):
            for guard in row.only_if:
                asked[guard.__name__] = guard(proposal, finding)
                if not asked[guard.__name__]:
                    reason = guard.__name__
                    break
            else:
                after = proposal
                for change in row.facts:
                    after = change(after, finding)
                after = arrive(after, row.to, row.then, finding)
                return Moved(trigger, call, after, finding, number, asked, (*row.then, *begins(call, after)))
        return Refused(trigger, call, finding, reason, asked)

    return decide
