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
| `purged` | in a chain of its own: a whole call was removed because of its age |

Times of a decision (`at_ms`, `idle_ms`, `spoke_ms`) are those it was decided by, in milliseconds since the call began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

from mortgage_fsm.audit import patterns
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.heard import Method

VERSION: Final = 2


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
    PURGED = "purged"


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


PURGES: Final = "0" * 32
"""The chain that the removals are recorded in: no call's, as those are random."""

WITH_CONFIRMATION: Final = frozenset({GatewayStatus.ACCEPTED, GatewayStatus.PENDING_AUTHORISATION})
"""Where a payment stands when there is a confirmation number."""

_MOST_GUARDS = 40
_BOOLS = frozenset({bool})


def _guards(value: object) -> bool:
    return isinstance(value, Mapping) and in_order(value) is not None


def in_order(guards: Mapping[str, bool]) -> dict[str, bool] | None:
    """The guards as they stand in a record; None when they are no map from names to true and false."""
    # The types are looked at each time: to the cache, 1 and True are the same.
    return _sorted_guards(tuple(guards.items())) if _BOOLS.issuperset(map(type, guards.values())) else None


@lru_cache(maxsize=4096)  # the same guards are asked in the same order over and over
def _sorted_guards(pairs: tuple[tuple[object, bool], ...]) -> dict[str, bool] | None:
    if len(pairs) > _MOST_GUARDS or not all(patterns.identifier(name) for name, _ in pairs):
        return None
    return {str(name): held for name, held in sorted(pairs, key=lambda pair: str(pair[0]))}


patterns.with_form(_guards, r"\{[^{}]{0,2048}\}")
_MILLISECONDS = patterns.integer(0, 999_999_999)
_SEQUENCE = patterns.integer(0, 999_999_999)

# fmt: off
FIELDS: Final[dict[str, patterns.Rule]] = {  # in the order of RFC 8785, which is that of the record's bytes
    "agent":          patterns.AGENT,
    "at_ms":          _MILLISECONDS,
    "attempts_left":  patterns.integer(0, 99),
    "build":          patterns.BUILD,
    "call":           patterns.CALL,
    "confirmation":   patterns.CONFIRMATION,
    "gateway_status": patterns.one_of(GatewayStatus),
    "guards":         _guards,
    "hash":           patterns.HASH,
    "heard":          patterns.HEARING,
    "heard_by":       patterns.one_of(HeardBy),
    "idle_ms":        _MILLISECONDS,
    "key_id":         patterns.NAME,
    "loan_ref":       patterns.REF,
    "machine":        patterns.HASH,
    "method":         patterns.one_of(Method),
    "number":         patterns.integer(0, 99_999),
    "outcome":        patterns.one_of(Outcome),
    "payment_digest": patterns.REF,
    "prev":           patterns.HASH,
    "purged_call":    patterns.CALL,
    "purged_hash":    patterns.HASH,
    "purged_seq":     _SEQUENCE,
    "purged_ts":      patterns.TIME,
    "reason":         patterns.identifier,
    "repeat":         patterns.exactly(True),
    "row":            patterns.integer(0, 999),
    "seq":            _SEQUENCE,
    "spoke_ms":       _MILLISECONDS,
    "state_from":     patterns.identifier,
    "state_to":       patterns.identifier,
    "statements":     patterns.integer(0, 9),
    "tenant":         patterns.NAME,
    "tenant_config":  patterns.HASH,
    "trigger":        patterns.identifier,
    "ts":             patterns.TIME,
    "turn":           patterns.integer(0, 99_999),
    "type":           patterns.one_of(RecordType),
    "v":              patterns.exactly(VERSION),
    "wording":        patterns.HASH,
    "words_ref":      patterns.REF,
}
# fmt: on

STAMPED: Final = frozenset({"build", "call", "key_id", "machine", "prev", "seq", "tenant", "ts", "type", "v"})
"""On every record, put there by the journal. `hash` is on every record that was sealed."""

PINNED: Final = frozenset({"tenant_config"})
"""Put there by the journal as well, but on a call's first record alone: by what configuration of its tenant it is held."""

_PAYMENT = frozenset({"payment_digest", "method", "gateway_status", "confirmation"})
_ABOUT = _PAYMENT | {"agent", "loan_ref", "attempts_left", "heard", "words_ref", "idle_ms", "spoke_ms", "number"}
_ASKED = frozenset({"turn", "state_from", "trigger", "heard_by", "outcome", "guards", "at_ms"})


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
    RecordType.CALL_STARTED: Shape(frozenset({"state_to"}), PINNED | {"agent", "statements", "wording"}),
    RecordType.DECISION: Shape(_ASKED | {"state_to", "row"}, _ABOUT | {"reason", "repeat"}, (Outcome.ACCEPTED,)),
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
    RecordType.PURGED: Shape(frozenset({"purged_call", "purged_hash", "purged_seq", "purged_ts"})),
}


def check_whole(fields: Mapping[str, object], shape: Shape) -> None:
    """Check the fields of a record against each other and its type; each by itself is taken to be well-formed.

    Raises:
        RecordError: the first field that is missing, or not of this type of record.
    """
    names = fields.keys()
    if not names >= shape.required:
        raise RecordError(min(shape.required - names), "missing")
    if not names <= shape.known:
        raise RecordError(min(names - shape.known), "not of this type of record")
    if "outcome" in fields and fields["outcome"] not in shape.outcomes:
        raise RecordError("outcome", "not of this type of record")
    if "confirmation" in fields and fields.get("gateway_status") not in WITH_CONFIRMATION:
        raise RecordError("confirmation", "without a payment that was accepted")


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
    check_whole(record, SHAPES[str(record["type"])])
