"""A payment before it is sent: what was confirmed, and the key derived from that confirmation alone."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.ports import Instrument


class Status(StrEnum):
    """Where a payment stands."""

    SUBMITTING = "submitting"
    """The intent is written; the gateway may or may not have been asked."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNRESOLVED = "unresolved"
    """The gateway was asked and what it did is not known."""
    PENDING_AUTHORISATION = "pending_authorisation"
    """An autopay enrolment whose written copy is not signed yet."""


UNDER_WAY = (Status.SUBMITTING, Status.UNRESOLVED)


class ConfirmationUsedError(MortgageFsmError):
    """This confirmation has had its payment: one yes, one effect."""


class PaymentUnderWayError(MortgageFsmError):
    """Another payment on this loan is not settled yet, in this call or another one."""


class RepeatedError(MortgageFsmError):
    """This amount was paid on this loan today, and the caller does not know that it would be a second payment."""


class SettledError(MortgageFsmError):
    """The payment is settled otherwise already, or there is none with this key."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment that the caller has confirmed, not sent yet."""

    call: str
    confirmation_id: int
    """Number, within the call, of the read-back that the yes answered."""
    loan: str = field(repr=False)
    cents: int = field(repr=False)
    """Integer US cents, more than none."""
    method: Method
    """bank_transfer or debit_card."""
    instrument: Instrument
    digest: str
    """Keyed hash of the facts that were read back, as in the audit record of the yes."""
    recorded: bool = False
    """The tenant records the call. A bank debit that nothing recorded is owed a written notice."""
    once: bool = False
    """The caller was told of no other payment of this amount today: there must be none, from whatever call."""

    def __post_init__(self) -> None:
        if self.method is Method.AUTOPAY:
            raise ValueError("autopay is enrolled, not submitted")
        if type(self.cents) is not int or self.cents <= 0:
            raise ValueError("a payment has a positive number of cents")

    @property
    def key(self) -> str:
        """The idempotency key."""
        return idempotency_key(self.call, self.confirmation_id)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Autopay that the caller has confirmed. It starts only once its written copy is signed (Reg E, 1005.10(b))."""

    call: str
    confirmation_id: int
    loan: str = field(repr=False)
    amount: int | Wish = field(repr=False)
    """Integer US cents each month, or the wish for each month's own amount due."""
    instrument: Instrument
    digest: str

    def __post_init__(self) -> None:
        if self.amount is not Wish.AMOUNT_DUE and (type(self.amount) is not int or self.amount <= 0):
            raise ValueError("an enrolment has a positive number of cents, or the wish for the amount due")

    @property
    def key(self) -> str:
        """The idempotency key."""
        return idempotency_key(self.call, self.confirmation_id)


def idempotency_key(call: str, confirmation_id: int) -> str:
    """The key of the payment that this confirmation allows; the same for ever, whatever process asks."""
    digest = hashlib.sha256(f"payment:v1:{call}:{confirmation_id}".encode("ascii")).digest()
    return "pay_" + base64.b32encode(digest).decode("ascii").rstrip("=").lower()


_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which are heard and read as digits
_DIGITS = "23456789"
_SHAPE = "LLDLLDLLDL"  # never three digits in a row, so no part of it is a number of ours


def new_confirmation_number(prefix: str = "MP") -> str:
    """A random number to be read to a caller, such as MP-KT4WB7HN2R: 2.3e12 of them."""
    alphabets = {"L": _LETTERS, "D": _DIGITS}
    return f"{prefix}-" + "".join(secrets.choice(alphabets[kind]) for kind in _SHAPE)
