"""Every key that one of our log lines may carry, and the form its value must have."""

from __future__ import annotations

import math
import re
from typing import Final

from mortgage_fsm.audit import patterns
from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.record import FIELDS

_EVENT = re.compile(r"[a-z]+(_[a-z]+){0,7}")
_MOST = 2**53


def event_name(value: object) -> bool:
    """Whether this can be the name of an event: words of small letters, joined by underscores."""
    return isinstance(value, str) and len(value) <= 60 and _EVENT.fullmatch(value) is not None


def _sealed(value: object) -> bool:
    # Not isinstance alone: what crosses a process boundary is rebuilt from its class, and stays one.
    return isinstance(value, Sealed)


def _seconds(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value) and 0 <= value < _MOST  # type: ignore[arg-type,operator] # a number by its type


def _flag(value: object) -> bool:
    return type(value) is bool


_COUNT = patterns.integer(0, _MOST)
_PROVIDER = patterns.text(r"[A-Za-z_][A-Za-z0-9_.:/,-]{0,199}")
"""Vendors, models or factories: `openai/gpt-4o`, `deepgram/nova-3`, `package.module:Factory`. From settings."""

_USED_COUNTS = (
    "turns", "by_rules", "by_model", "by_fallback", "handoffs",
    "llm_input_tokens", "llm_cached_tokens", "llm_output_tokens", "tts_characters",
)  # fmt: skip
"""What a call used, in the event `call_used`."""

# fmt: off
KEYS: Final[dict[str, patterns.Rule]] = {
    **{name: rule for name, rule in FIELDS.items() if name not in {"v", "hash", "prev", "guards", "type", "ts"}},
    "audit":       _sealed,
    "backend":     _PROVIDER,
    **dict.fromkeys(_USED_COUNTS, _COUNT),
    **dict.fromkeys(("stt_seconds", "tts_seconds"), _seconds),
    "component":   patterns.identifier,
    "count":       _COUNT,
    "digits":      patterns.integer(0, 64),
    "duration":    _seconds,
    "effect":      patterns.identifier,
    "error":       patterns.text(r"[A-Z][A-Za-z0-9]{1,59}"),
    "exception":   patterns.text(r"[A-Za-z0-9_.:;<>/ ,()-]{1,2000}"),
    "interrupted": _flag,
    "left":        _COUNT,
    "llm":         _PROVIDER,
    "ok":          _flag,
    "problem":     patterns.identifier,
    "resolved":    _COUNT,
    "state":       patterns.identifier,
    "status":      patterns.identifier,
    "stt":         _PROVIDER,
    "tool":        patterns.identifier,
    "topic":       patterns.NAME,
    "tts":         _PROVIDER,
    "unasked":     _COUNT,
    "unrecorded":  _COUNT,
    "vad":         _PROVIDER,
    "version":     patterns.BUILD,
}
# fmt: on

CONTEXT_KEYS: Final = frozenset({"call", "tenant"})
"""Ours even on a library's record: the framework copies them there from the fields of the call's log context."""
