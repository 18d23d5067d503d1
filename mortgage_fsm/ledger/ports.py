"""What the ledger asks of a servicer's own systems: loans and payments; `contract.py` tests both."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.heard import Method

CONFIRMATION_PATTERN = r"[A-Za-z]{2}[A-Za-z0-9_-]{4,62}"
"""Letters first, so that a confirmation number can never be taken for an account or a loan number."""

_CONFIRMATION = re.compile(CONFIRMATION_PATTERN)
_CODE = re.compile(r"[a-z_]{1,40}")
_LOAN_NUMBER = re.compile(r"[0-9]{1,20}")
_LONG_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){4}")

MOST_CENTS = 10**11
"""A billion dollars: what is more is no amount of a mortgage."""

MOST_INSTRUMENTS = 20
"""Of one loan."""


class Flag(StrEnum):
    """Why a loan is not paid here but by a person."""

    BANKRUPTCY = "bankruptcy"
    FORECLOSURE = "foreclosure"
    CEASE_CONTACT = "cease_contact"


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()


def _is_cents(value: object) -> bool:
    return type(value) is int and 0 <= value <= MOST_CENTS


def _is_day(value: object) -> bool:
    return type(value) is date


@dataclass(frozen=True, slots=True)
class Instrument:
    """An account on file that a payment can be drawn from.

    Raises:
        ValueError: it is not of this form. The message names what, and quotes nothing.
    """

    method: Method
    """bank_transfer or debit_card; autopay draws from one of these."""
    token: str = field(repr=False)
    """The processor's name for the account. Never an account or card number."""
    description: str = field(repr=False)
    """As it is read back: "checking account ending 6021". At most four digits in a row."""

    def __post_init__(self) -> None:
        if type(self.method) is not Method or self.method is Method.AUTOPAY:
            raise ValueError("an instrument's method is bank_transfer or debit_card")
        if not _is_text(self.token, 128):
            raise ValueError("an instrument's token is printable ASCII of 1 to 128 characters")
        if not _is_text(self.description, 80) or _LONG_NUMBER.search(self.description):
            raise ValueError("an instrument's description is printable ASCII, without the number of an account")


@dataclass(frozen=True, slots=True)
class Loan:
    """What is known of one loan. Money in integer US cents, `MOST_CENTS` at most. Nothing of it is printed by `repr`.

    Raises:
        ValueError: it is not of this form: what is said and paid on a loan is what stands here. The message names what is
            wrong, and quotes nothing.
    """

    number: str = field(repr=False)
    amount_due: int = field(repr=False)
    due_date: date = field(repr=False)
    last_payment: int | None = field(repr=False)
    last_payment_date: date | None = field(repr=False)
    payoff: int = field(repr=False)
    flag: Flag | None = field(repr=False)
    instruments: tuple[Instrument, ...] = field(repr=False)
    autopay_active: bool = field(repr=False)

    def __post_init__(self) -> None:
        last_payment = (self.last_payment, self.last_payment_date)
        forms = {
            "number": isinstance(self.number, str) and _LOAN_NUMBER.fullmatch(self.number) is not None,
            "amount_due": _is_cents(self.amount_due),
            "due_date": _is_day(self.due_date),
            "last_payment": last_payment == (None, None) or (_is_cents(last_payment[0]) and _is_day(last_payment[1])),
            "payoff": _is_cents(self.payoff),
            "flag": self.flag is None or type(self.flag) is Flag,
            "instruments": type(self.instruments) is tuple
            and len(self.instruments) <= MOST_INSTRUMENTS
            and all(type(each) is Instrument for each in self.instruments),
            "autopay_active": type(self.autopay_active) is bool,
        }
        if not all(forms.values()):
            raise ValueError(f"not of a loan's form: {', '.join(name for name, holds in forms.items() if not holds)}")

    def instrument(self, method: Method) -> Instrument | None:
        """The first instrument on file for this method. Autopay draws from a bank account where there is one."""
        wanted = (Method.BANK_TRANSFER, Method.DEBIT_CARD) if method is Method.AUTOPAY else (method,)
        for each in wanted:
            for instrument in self.instruments:
                if instrument.method is each:
                    return instrument
        return None


class LoanDirectory(Protocol):
    """Where loans are looked up. The embedded one is `loans.EmbeddedLoans`."""

    async def find(self, loan: str) -> Loan | None:
        """The loan of this number (digits only), or None. Never called with what it returned spoken before identity.

        Raises:
            UnavailableError: the directory does not answer.
        """
        ...

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        """Whether these are the last four of the SSN of this loan's borrower.

        Compares in constant time, and does the same work for a loan that does not exist: how long it takes must not
        tell whether there is such a loan.

        Raises:
            UnavailableError: the directory does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """One debit to be made, once, under one key."""

    key: str
    """Idempotency key: whatever is sent under it happens at most once, for ever."""
    loan: str = field(repr=False)
    cents: int = field(repr=False)
    method: Method
    instrument_token: str = field(repr=False)
    not_after: datetime
    """A gateway must not begin with this request later than that: `reconcile` relies on it."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The processor has taken the payment."""

    confirmation: str
    """The number the caller is given: two letters first, then letters, digits, - or _ (`CONFIRMATION_PATTERN`)."""

    def __post_init__(self) -> None:
        if not _CONFIRMATION.fullmatch(self.confirmation):
            raise ValueError("a confirmation number begins with two letters and has 6 to 64 characters")


@dataclass(frozen=True, slots=True)
class Declined:
    """The processor has refused the payment; no money moves under this key, ever."""

    code: str
    """Why, as a name: lower-case letters and underscores, such as `insufficient_funds`."""

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise ValueError("a code is 1 to 40 lower-case letters and underscores")


class PaymentGateway(Protocol):
    """Where payments are sent. The embedded one is `gateway.EmbeddedGateway`."""

    absent_after: timedelta
    """When a look-up finds nothing this long after `not_after`, the payment was never made and never will be."""

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        """Make the payment, once however often this is called with one key.

        The same key with another loan, amount or instrument raises. Whatever raises, times out or is cancelled is
        unresolved: it may have happened, and `look_up` tells.
        """
        ...

    async def look_up(self, key: str) -> Accepted | Declined | None:
        """What became of the payment with this key; None when nothing is known of it. Moves no money.

        Raises:
            UnavailableError: the gateway does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Resolution:
    """What `reconcile` found out about one payment that was under way."""

    call: str
    loan_ref: str
    digest: str
    method: Method
    status: str
    """accepted or declined."""
    confirmation: str | None


class ResolutionRecorder(Protocol):
    """Where `reconcile` writes what it found out: the audit journal, behind a port because it is not the ledger's."""

    async def record(self, connection: AsyncConnection, resolution: Resolution) -> None:
        """Write one record within the transaction of `connection`. What raises undoes the resolution as well."""
        ...
