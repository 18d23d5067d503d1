"""The loan system of a servicer, over HTTPS: strictly read, and never with a loan number in an address.

    POST {address}/loans/find      {"loan"}                     -> {"loan": {...}} or {"loan": null}
    POST {address}/loans/identity  {"loan", "last_four"}        -> {"matches": true | false}
                              or   {"loan", "last_four_digest"} -> the same

ledger/http.md says it in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.http_service import HttpService
from mortgage_fsm.ledger.keyed import checked_key, last_four_hash
from mortgage_fsm.ledger.ports import Flag, Instrument, Loan

_NUMBER: Final = re.compile(r"[0-9]{1,20}")
_LAST_FOUR: Final = re.compile(r"[0-9]{4}")


class HttpLoans:
    """A `LoanDirectory` over HTTPS.

    Args:
        digest_key: at least 32 bytes that the servicer has as well: then the last four are sent as their keyed hash
            (HMAC-SHA256 over "last-four:v1:{loan}:{last four}", in hex). None: they are sent as they are.

    Raises:
        ConfigurationError: the key is too short.
    """

    def __init__(self, service: HttpService, *, digest_key: bytes | None = None) -> None:
        self._service = service
        self._digest_key = None if digest_key is None else checked_key(digest_key)

    async def find(self, loan: str) -> Loan | None:
        """The loan of this number, or None.

        Raises:
            UnavailableError: the loan system does not answer, or not in the form that was agreed.
        """
        if not _NUMBER.fullmatch(loan):
            return None
        answer = await self._service.ask("POST", "/loans/find", {"loan": loan})
        found = answer.body.get("loan", _ABSENT)
        if answer.status == 200 and found is None:
            return None
        if answer.status == 200 and isinstance(found, dict):
            try:
                return _loan(found, loan)
            except (KeyError, ValueError):
                pass  # the message could quote the loan
        raise UnavailableError("The loan system's answer has another form.")

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        """Whether these are the borrower's last four. An unknown loan is asked like any other.

        Raises:
            UnavailableError: as `find` does.
        """
        if not _NUMBER.fullmatch(loan) or not _LAST_FOUR.fullmatch(last_four):
            return False
        offered = {"last_four": last_four}
        if self._digest_key is not None:
            offered = {"last_four_digest": last_four_hash(self._digest_key, loan, last_four)}
        answer = await self._service.ask("POST", "/loans/identity", {"loan": loan, **offered})
        matches = answer.body.get("matches")
        if answer.status != 200 or not isinstance(matches, bool):
            raise UnavailableError("The loan system's answer has another form.")
        return matches


_ABSENT: Final = object()


def _loan(found: Mapping[str, Any], number: str) -> Loan:
    """The loan, if it is one: of most fields `Loan` itself sees to the form."""
    if found["number"] != number:
        raise ValueError("another loan")
    last = None if found["last_payment"] is None else _map(found["last_payment"])
    on_file = found["instruments"]
    if not isinstance(on_file, list):
        raise ValueError("instruments are a list")  # noqa: TRY004 - every wrong value is caught as one error
    return Loan(
        number=number,
        amount_due=found["amount_due_cents"],
        due_date=_day(found["due_date"]),
        last_payment=None if last is None else last["amount_cents"],
        last_payment_date=None if last is None else _day(last["date"]),
        payoff=found["payoff_cents"],
        flag=None if found["flag"] is None else Flag(found["flag"]),
        instruments=tuple(_instrument(_map(each)) for each in on_file),
        autopay_active=found["autopay_active"],
    )


def _instrument(found: Mapping[str, Any]) -> Instrument:
    return Instrument(Method(found["method"]), found["token"], found["description"])


def _day(value: object) -> date:
    if not isinstance(value, str) or len(value) != 10:
        raise ValueError("a day is written YYYY-MM-DD")
    return date.fromisoformat(value)


def _map(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("an object")  # noqa: TRY004 - every wrong value is caught as one error
    return value
