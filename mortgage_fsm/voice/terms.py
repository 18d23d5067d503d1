"""What a servicer takes and demands, as far as callers are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo

from mortgage_fsm.heard import Method


@dataclass(frozen=True, slots=True)
class Terms:
    """The part of a tenant that is spoken of."""

    statements: tuple[str, ...] = ()
    """What a caller must agree to before a payment, in the order in which the machine counts them."""
    methods: frozenset[Method] = frozenset(Method)
    recorded: bool = False
    """Calls are recorded."""
    inquiry: str | None = None
    """The telephone number for questions about a payment, as in E.164."""
    zone: tzinfo = UTC
    """Whose day is today."""
