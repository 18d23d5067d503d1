"""How far to look, and what a servicer's own systems are tried with."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Method


@dataclass(frozen=True, slots=True)
class Case:
    """What the contracts of a servicer's own systems are tried with: a sandbox's loan, and a payment it accepts."""

    loan: str = field(repr=False)
    last_four: str = field(repr=False)
    unknown_loan: str = field(repr=False)
    instrument_token: str = field(repr=False)
    method: Method = Method.BANK_TRANSFER
    cents: int = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """How far to look.

    Args:
        production: hold everything to what `start` demands.
        contract: try the promises of loans and gateway; the gateway is really sent payments.
        case: what its own systems are tried with; None: only the embedded ones are.
    """

    production: bool = False
    contract: bool = False
    case: Case | None = None


def read_case(file: Path) -> Case:
    """A case from TOML: loan, last_four, unknown_loan, instrument_token, and perhaps method and cents.

    Raises:
        ConfigurationError: it cannot be read, or lacks something. Values are not repeated.
    """
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8"))
        return Case(**{**held, "method": Method(held.get("method", Method.BANK_TRANSFER))})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigurationError("the case file cannot be read as TOML") from None
    except (TypeError, ValueError):
        raise ConfigurationError(
            "the case file must hold loan, last_four, unknown_loan and instrument_token, and may hold method and cents"
        ) from None
