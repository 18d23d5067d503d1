"""The text of a record: what records have in common is written out and checked once, as a form; the rest every time.

Nearly all of a record is met over and over: names of states, triggers, guards, and what is stamped on. A form is a
record's whole text but for the values that are a record's own; it comes from the first record of its kind, once that was
found to be of the schema. Each own value then goes through the same pattern, in every record, that it goes through there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final, NamedTuple

from mortgage_fsm.audit import patterns
from mortgage_fsm.audit.lines import is_body
from mortgage_fsm.audit.record import FIELDS, RecordType

OWN: Final = (
    "at_ms", "attempts_left", "confirmation", "idle_ms", "loan_ref", "number", "payment_digest", "purged_call",
    "purged_hash", "purged_seq", "purged_ts", "row", "spoke_ms", "turn", "words_ref",
    "call", "prev", "seq", "ts",
)  # fmt: skip
"""Fields that hold a value of a record's own: what its draft says, then what is stamped on."""

SHARED: Final = (
    "agent", "gateway_status", "heard", "heard_by", "method", "reason", "state_from", "state_to", "statements",
    "trigger", "type", "wording",
    "guards", "outcome", "repeat",
    "build", "key_id", "machine", "tenant", "tenant_config", "v",
)  # fmt: skip
"""All others: what its draft says, what is made of that, then what is stamped on. The hash comes last of all, elsewhere."""

_MOST = 4096
_forms: dict[tuple[object, ...], _Form] = {}


class _Form(NamedTuple):
    present: Callable[[tuple[object, ...]], tuple[object, ...]]
    """Of a record's own values, those that it has."""
    apart: str
    """Puts these into one text for `fits`: none of them can hold what parts them."""
    fits: Callable[[str], object]
    text: str


def body_of(kind: RecordType, shared: tuple[object, ...], own: tuple[object, ...]) -> str | None:
    """The text of a record, in the canonical form of RFC 8785; None: it would not be of the schema.

    Args:
        kind: which record it is.
        shared: the values of SHARED; None where the record does not have the field. Guards as their canonical JSON.
        own: those of OWN.

    Raises:
        TypeError: a value is of no type that any field has.
    """
    key = (kind, shared, *[value is None for value in own])
    form = _forms.get(key)
    if form is None:
        return _first(kind, shared, own, key)
    values = form.present(own)
    return form.text % values if form.fits(form.apart % values) else None


def _first(
    kind: RecordType, shared: tuple[object, ...], own: tuple[object, ...], key: tuple[object, ...]
) -> str | None:
    """As `body_of`, where there is no form yet; now there is."""
    known = {**dict(zip(SHARED, shared, strict=True)), **dict(zip(OWN, own, strict=True))}
    names = [name for name in FIELDS if known.get(name) is not None]
    body = "{" + ",".join(_member(name, known[name]) for name in names) + "}"
    if not is_body(kind, body.encode()):
        return None
    own_names = [name for name in names if name in OWN]
    if len(_forms) >= _MOST:
        _forms.clear()
    _forms[key] = _Form(
        present=itemgetter(*(OWN.index(name) for name in own_names)),
        apart="\n".join(["%s"] * len(own_names)),
        fits=re.compile("\n".join(_bare(patterns.json_form(FIELDS[name])) for name in own_names)).fullmatch,
        text="{" + ",".join(_member(name, "%s" if name in OWN else known[name]) for name in names) + "}",
    )
    return body


def _member(name: str, value: Any) -> str:
    return f'"{name}":"{value}"' if patterns.json_form(FIELDS[name]).startswith('"') else f'"{name}":{value}'


def _bare(form: str) -> str:
    """The pattern of a text without its quotes, of anything else as it is."""
    return form[1:-1] if form.startswith('"') else form
