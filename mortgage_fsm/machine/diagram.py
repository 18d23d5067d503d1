"""docs/state-diagram.md, drawn from TABLE: the main road at a glance, then every row, guard and invariant in words."""

from __future__ import annotations

from collections.abc import Iterable

from mortgage_fsm.machine import guards as guard_functions
from mortgage_fsm.machine.invariants import INVARIANTS
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import ALSO_ON_A_CLOSED_CALL, SECTIONS, TABLE, TABLE_HASH, Line

MAIN_ROAD: tuple[tuple[State, State, str], ...] = (
    (State.ADVISING, State.COLLECTING_LOAN, "wants to pay"),
    (State.COLLECTING_LOAN, State.VERIFYING, "loan number"),
    (State.VERIFYING, State.AMOUNT, "identity matches"),
    (State.AMOUNT, State.METHOD, "amount"),
    (State.METHOD, State.CONFIRMING, "method"),
    (State.CONFIRMING, State.SUBMITTED, "yes, and the gateway accepts"),
    (State.SUBMITTED, State.ADVISING, "a question"),
)
_ROAD_TRIGGERS = {
    Trigger.PAYMENT_REQUESTED,
    Trigger.LOAN_OFFERED,
    Trigger.IDENTITY_OFFERED,
    Trigger.AMOUNT_OFFERED,
    Trigger.METHOD_OFFERED,
    Trigger.PAYMENT_ACCEPTED,
    Trigger.QUESTION_ASKED,
}


def _mermaid() -> Iterable[str]:
    drawn = {(row.state, row.to) for row in TABLE if row.when in _ROAD_TRIGGERS}
    missing = [f"{a} -> {b}" for a, b, _ in MAIN_ROAD if (a, b) not in drawn]
    if missing:
        raise AssertionError(f"the main road has no row for {missing}")
    yield "```mermaid"
    yield "stateDiagram-v2"
    yield "    direction LR"
    yield f"    [*] --> {State.ADVISING}"
    for source, to, label in MAIN_ROAD:
        yield f"    {source} --> {to}: {label}"
    yield f"    {State.VERIFYING} --> {State.ADVISING}: locked out, or only a loan fact was asked"
    yield f"    {State.CONFIRMING} --> {State.AMOUNT}: change"
    yield f"    {State.CONFIRMING} --> {State.ADVISING}: cancel, a question, outcome not known"
    yield f"    {State.CONFIRMING} --> {State.METHOD}: declined"
    yield "```"


def _every_edge() -> Iterable[str]:
    edges: dict[tuple[State, State], list[str]] = {}
    for row in TABLE:
        if row.state is not row.to:
            triggers = edges.setdefault((row.state, row.to), [])
            if row.when not in triggers:
                triggers.append(row.when)
    yield "| from | to | when |"
    yield "|---|---|---|"
    for source in State:
        for to in State:
            if (source, to) in edges:
                yield f"| {source} | {to} | {', '.join(edges[source, to])} |"


def _words(name: str) -> str:
    return name.replace("_", " ").strip()


def _line(line: Line) -> str:
    cells = (
        ", ".join(line.states),
        line.when,
        ", ".join(guard.__name__ for guard in line.only_if),
        line.to or "same",
        ", ".join(line.then),
        "; ".join(_words(change.__name__) for change in line.facts),
    )
    return f"| {' | '.join(cells)} |"


def _table() -> Iterable[str]:
    for title, lines in SECTIONS:
        yield f"### {title}"
        yield ""
        yield "| in | when | only if | go to | and then | facts |"
        yield "|---|---|---|---|---|---|"
        yield from (_line(line) for line in lines)
        yield ""


def _guards() -> Iterable[str]:
    used = dict.fromkeys(guard.__name__ for row in TABLE for guard in row.only_if)
    yield "| guard | holds when |"
    yield "|---|---|"
    for name in used:
        sentence = " ".join((getattr(guard_functions, name).__doc__ or "").split())
        yield f"| {name} | {sentence} |"


def render() -> str:
    """The whole page, as Markdown."""
    pairs = len({(row.state, row.when) for row in TABLE})
    closed = ", ".join(sorted(ALSO_ON_A_CLOSED_CALL))
    lines = [
        "# The machine",
        "",
        "Generated from `mortgage_fsm/machine/table.py` by `python -m mortgage_fsm diagram`; do not edit.",
        f"Table `{TABLE_HASH}`. Every record of every call carries this hash.",
        "",
        "## The main road",
        "",
        *_mermaid(),
        "",
        "Any fact may come early and any may be changed; a question leads to advising and back to the first missing fact; a",
        "person can be asked for in every state. A yes counts only in the caller turn right after a read-back that was",
        "spoken to its end.",
        "",
        "## Every way between two states",
        "",
        *_every_edge(),
        "",
        "## The table",
        "",
        f"{len(TABLE)} rows ({sum(len(lines) for _, lines in SECTIONS)} lines), {len(Trigger)} triggers, {pairs} pairs",
        f"of state and trigger with a row; the other {len(State) * len(Trigger) - pairs} are refused with `no_row`.",
        "Rows are tried in their order; the first whose guards all hold is taken; if none is, nothing changes and the",
        "refusal names the first guard that failed of the last row tried. A line that names several states stands for one",
        "row each. `call_is_open` is the first guard of every row, and not repeated below, except of the rows for",
        f"{closed}. What is read back is settled: the loan's own figure takes the place of the amount due (not for an",
        "enrolment). Arriving in verifying ends an identity. A transfer that waited for an answer begins with it.",
        "",
        *_table(),
        "## The guards",
        "",
        *_guards(),
        "",
        "## The invariants",
        "",
        "What holds for every call that the table can reach, whatever a model says. `python -m mortgage_fsm prove` walks every",
        "reachable call and checks each of them.",
        "",
        *(f"- **{invariant.number}.** {invariant.sentence}" for invariant in INVARIANTS),
        "",
    ]
    return "\n".join(lines)
