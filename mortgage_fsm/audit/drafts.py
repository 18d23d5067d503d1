"""A record before it is stamped, numbered and sealed: what the one who writes it says, checked against the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter

from mortgage_fsm.audit.record import (
    FIELDS,
    PINNED,
    SHAPES,
    STAMPED,
    GatewayStatus,
    Outcome,
    RecordError,
    RecordType,
    check_whole,
    in_order,
)
from mortgage_fsm.heard import Method


@dataclass(slots=True, kw_only=True)  # not frozen: that alone would be a tenth of what a decision costs
class Draft:
    """What is to be recorded. What is None is left out.

    `outcome` need not be given where the type allows only one. Nothing is checked before the record is sealed.
    """

    type: RecordType
    turn: int | None = None
    """Number of the caller's turn in this call; 0 before the first."""
    state_from: str | None = None
    state_to: str | None = None
    trigger: str | None = None
    heard_by: str | None = None
    """A value of HeardBy."""
    outcome: Outcome | None = None
    reason: str | None = None
    guards: Mapping[str, bool] | None = None
    """Every guard that was evaluated, and whether it held."""
    agent: str | None = None
    loan_ref: str | None = None
    attempts_left: int | None = None
    payment_digest: str | None = None
    method: Method | None = None
    gateway_status: GatewayStatus | None = None
    confirmation: str | None = None
    heard: str | None = None
    words_ref: str | None = None
    at_ms: int | None = None
    """When it was decided."""
    idle_ms: int | None = None
    """For how long the caller had said nothing before this turn."""
    spoke_ms: int | None = None
    """When the caller began to speak this turn."""
    number: int | None = None
    """Number of the read-back or submission that a playout report or a gateway's answer is about."""
    repeat: bool | None = None
    """The read-back that begins announces that the same was paid today."""
    row: int | None = None
    """Row of the table that was taken, from 0."""
    statements: int | None = None
    """How many statements the caller must agree to in this call, before a payment is read back."""
    wording: str | None = None
    """SHA-256 of the sentences that payments are read back with in this call."""
    purged_call: str | None = None
    purged_hash: str | None = None
    purged_seq: int | None = None
    purged_ts: str | None = None
    """Time of the removed call's last record."""


_DRAFTED = tuple(name for name in FIELDS if name not in STAMPED | PINNED | {"hash", "guards"})
_RULES = tuple(FIELDS[name] for name in _DRAFTED)
_values = attrgetter(*_DRAFTED)


def checked(draft: Draft) -> dict[str, object]:
    """The fields of a draft, `type` included, checked against the schema.

    Raises:
        RecordError: the first field that is missing, ill-formed, or not of this type of record.
    """
    shape = SHAPES[draft.type]
    fields: dict[str, object] = {"type": draft.type.value}
    for name, rule, value in zip(_DRAFTED, _RULES, _values(draft), strict=True):
        if value is not None:
            if not rule(value):
                raise RecordError(name, "ill-formed")
            fields[name] = value
    if draft.guards is not None:
        guards = in_order(draft.guards) if isinstance(draft.guards, Mapping) else None
        if guards is None:
            raise RecordError("guards", "ill-formed")
        fields["guards"] = guards
    if len(shape.outcomes) == 1:
        fields.setdefault("outcome", shape.outcomes[0])
    check_whole(fields, shape)
    return fields
