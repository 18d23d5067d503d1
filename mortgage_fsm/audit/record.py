"""What an audit record may hold: a closed schema, of which a field that is unknown or ill-formed is an error at once.

| type | what happened |
|---|---|
| `call_started` | first record of every call |
| `decision` | the machine took a trigger; with the yes to a payment it is the durable record of the submission |
| `refusal` | the machine refused a trigger; nothing changed |
| `edge_refusal` | the voice edge turned something away unasked: an unknown tool, a stale agent, nothing heard |
| `handoff` | the agent of a state has landed, or has failed to |
| `resolution` | a payment that was under way was looked up outside its call |
| `call_ended` | last record of every call; a resolution may follow it |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Final

from mortgage_fsm.audit import patterns
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.heard import Method

VERSION: Final = 1


class RecordError(MortgageFsmError):
    """A record that must not be written, or was not written by us. Names the field, never what it held."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class RecordType(StrEnum):
    """What a record is about; see the table above."""

    CALL_STARTED = "call_started"
    DECISION = "decision"
    REFUSAL = "refusal"
    EDGE_REFUSAL = "edge_refusal"
    HANDOFF = "handoff"
    RESOLUTION = "resolution"
    CALL_ENDED = "call_ended"


class HeardBy(StrEnum):
    """Who brought the trigger."""

    RULES = "rules"
    MODEL = "model"
    KEYPAD = "keypad"
    TIMER = "timer"
    GATEWAY = "gateway"
    OPERATOR = "operator"
    CALL = "call"
    """The call itself: hang-up, restart, a read-back that ended, a record that could not be written."""


class Outcome(StrEnum):
    """How it went."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    LANDED = "landed"
    FAILED = "failed"


class GatewayStatus(StrEnum):
    """Where the payment stands after this record."""

    SUBMITTING = "submitting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNRESOLVED = "unresolved"
    PENDING_AUTHORISATION = "pending_authorisation"


_MOST_GUARDS = 40
_BOOLS = frozenset({bool})


def _guards(value: object) -> bool:
    return isinstance(value, Mapping) and _in_order(value) is not None


def _in_order(guards: Mapping[str, bool]) -> dict[str, bool] | None:
    """The guards as they stand in a record; None when they are no map from names to true and false."""
    # The types are looked at each time: to the cache, 1 and True are the same.
    return _sorted_guards(tuple(guards.items())) if _BOOLS.issuperset(map(type, guards.values())) else None


@lru_cache(maxsize=4096)  # the same guards are asked in the same order over and over
def _sorted_guards(pairs: tuple[tuple[object, bool], ...]) -> dict[str, bool] | None:
    if len(pairs) > _MOST_GUARDS or not all(patterns.identifier(name) for name, _ in pairs):
        return None
    return {str(name): held for name, held in sorted(pairs, key=lambda pair: str(pair[0]))}


# fmt: off
FIELDS: Final[dict[str, patterns.Rule]] = {  # in the order of RFC 8785, which is that of the record's bytes
    "agent":          patterns.AGENT,
    "attempts_left":  patterns.integer(0, 99),
    "build":          patterns.BUILD,
    "call":           patterns.CALL,
    "confirmation":   patterns.CONFIRMATION,
    "gateway_status": patterns.one_of(GatewayStatus),
    "guards":         _guards,
    "hash":           patterns.HASH,
    "heard":          patterns.HEARING,
    "heard_by":       patterns.one_of(HeardBy),
    "key_id":         patterns.NAME,
    "loan_ref":       patterns.REF,
    "machine":        patterns.HASH,
    "method":         patterns.one_of(Method),
    "outcome":        patterns.one_of(Outcome),
    "payment_digest": patterns.REF,
    "prev":           patterns.HASH,
    "reason":         patterns.identifier,
    "seq":            patterns.integer(0, 999_999),
    "state_from":     patterns.identifier,
    "state_to":       patterns.identifier,
    "tenant":         patterns.NAME,
    "tenant_config":  patterns.HASH,
    "trigger":        patterns.identifier,
    "ts":             patterns.TIME,
    "turn":           patterns.integer(0, 99_999),
    "type":           patterns.one_of(RecordType),
    "v":              patterns.exactly(VERSION),
    "words_ref":      patterns.REF,
}
# fmt: on

STAMPED: Final = frozenset({"build", "call", "key_id", "machine", "prev", "seq", "tenant", "ts", "type", "v"})
"""On every record, put there by the journal. `hash` is on every record that was sealed."""

PINNED: Final = frozenset({"tenant_config"})
"""Put there by the journal as well, but on a call's first record alone: by what configuration of its tenant it is held."""

_PAYMENT = frozenset({"payment_digest", "method", "gateway_status", "confirmation"})
_ABOUT = _PAYMENT | {"agent", "loan_ref", "attempts_left", "heard", "words_ref"}
_ASKED = frozenset({"turn", "state_from", "trigger", "heard_by", "outcome", "guards"})


@dataclass(frozen=True)
class Shape:
    """What a type of record must and may hold besides what is stamped on."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    outcomes: tuple[Outcome, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """All fields that may stand in it."""
        return self.required | self.optional | STAMPED | {"hash"}


SHAPES: Final[dict[str, Shape]] = {
    RecordType.CALL_STARTED: Shape(frozenset({"state_to"}), PINNED | {"agent"}),
    RecordType.DECISION: Shape(_ASKED | {"state_to"}, _ABOUT | {"reason"}, (Outcome.ACCEPTED,)),
    RecordType.REFUSAL: Shape(_ASKED | {"reason"}, _ABOUT, (Outcome.REFUSED,)),
    RecordType.EDGE_REFUSAL: Shape(
        frozenset({"turn", "state_from", "heard_by", "outcome", "reason"}),
        frozenset({"trigger", "agent", "loan_ref", "heard", "words_ref"}),
        (Outcome.REFUSED,),
    ),
    RecordType.HANDOFF: Shape(
        frozenset({"turn", "state_to", "agent", "outcome"}),
        frozenset({"reason"}),
        (Outcome.LANDED, Outcome.FAILED),
    ),
    RecordType.RESOLUTION: Shape(
        frozenset({"heard_by", "loan_ref", "payment_digest", "method", "gateway_status"}), frozenset({"confirmation"})
    ),
    RecordType.CALL_ENDED: Shape(frozenset({"state_to", "reason"}), frozenset({"turn"})),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record before it is stamped, numbered and sealed. What is None is left out.

    `outcome` need not be given where the type allows only one. Nothing is checked before the record is sealed.
    """

    type: RecordType
    turn: int | None = None
    """Number of the caller's turn in this call; 0 before the first."""
    state_from: str | None = None
    state_to: str | None = None
    trigger: str | None = None
    heard_by: HeardBy | None = None
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
        guards = _in_order(draft.guards) if isinstance(draft.guards, Mapping) else None
        if guards is None:
            raise RecordError("guards", "ill-formed")
        fields["guards"] = guards
    if len(shape.outcomes) == 1:
        fields.setdefault("outcome", shape.outcomes[0])
    _check_whole(fields, shape)
    return fields


def _check_whole(fields: Mapping[str, object], shape: Shape) -> None:
    names = fields.keys()
    if not names >= shape.required:
        raise RecordError(min(shape.required - names), "missing")
    if not names <= shape.known:
        raise RecordError(min(names - shape.known), "not of this type of record")
    if "outcome" in fields and fields["outcome"] not in shape.outcomes:
        raise RecordError("outcome", "not of this type of record")
    if "confirmation" in fields and fields.get("gateway_status") not in _WITH_CONFIRMATION:
        raise RecordError("confirmation", "without a payment that was accepted")


_WITH_CONFIRMATION = frozenset({GatewayStatus.ACCEPTED, GatewayStatus.PENDING_AUTHORISATION})


def check(record: Mapping[str, object]) -> None:
    """Check a whole sealed record, as from an export.

    Raises:
        RecordError: the first field that is unknown, missing, ill-formed, or not of this type of record.
    """
    for name, value in record.items():
        rule = FIELDS.get(name)
        if rule is None:
            raise RecordError("record", "has a field that is not of the schema")
        if not rule(value):
            raise RecordError(name, "ill-formed")
    absent = (STAMPED | {"hash"}) - record.keys()
    if absent:
        raise RecordError(min(absent), "missing")
    _check_whole(record, SHAPES[str(record["type"])])
