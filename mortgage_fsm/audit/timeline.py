"""One call for people to read: a line for each record, and the path through the states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from mortgage_fsm.audit.record import RecordType

_SHOWN = ("reason", "attempts_left", "method", "gateway_status", "confirmation", "number", "loan_ref")


def timeline(records: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of one call, from all its records in their order."""
    first = records[0]
    started = datetime.fromisoformat(first["ts"])
    yield f"call {first['call']}, tenant {first['tenant']}, build {first['build']}"
    yield f"decided by the table {first['machine']}"
    yield f"started {first['ts']}"
    yield ""
    for record in records:
        seconds = (datetime.fromisoformat(record["ts"]) - started).total_seconds()
        turn = f"turn {record['turn']}" if "turn" in record else ""
        details = "  ".join(f"{name}={record[name]}" for name in _SHOWN if name in record)
        line = f"{record['seq']:>4}  +{seconds:9.3f} s  {turn:<8}  {record.get('heard_by', ''):<8}  {_happened(record)}"
        yield f"{line}  {details}".rstrip()
    yield ""
    yield f"path: {' > '.join(path(records))}"


def path(records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The states that the call was in, in order, each once for as long as it stayed there."""
    states: list[str] = []
    for record in records:
        if "state_to" in record and record["state_to"] not in states[-1:]:
            states.append(record["state_to"])
    return states


def _happened(record: Mapping[str, Any]) -> str:
    kind, trigger = record["type"], record.get("trigger", "")
    if kind == RecordType.DECISION:
        came, goes = record["state_from"], record["state_to"]
        return f"{trigger}: {came} -> {goes}" if came != goes else f"{trigger}: stays in {came}"
    if kind == RecordType.REFUSAL:
        return f"{trigger}: refused in {record['state_from']}"
    if kind == RecordType.EDGE_REFUSAL:
        return f"{trigger or 'nothing'}: turned away in {record['state_from']}"
    return str(kind).replace("_", " ")
