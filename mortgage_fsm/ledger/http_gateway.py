"""The payment processor of a servicer, over HTTPS: every answer that is not clear leaves the payment unresolved.

    POST {address}/payments         Idempotency-Key: {key}
         {"key", "loan", "amount_cents", "currency": "USD", "method", "instrument", "not_after"}
    GET  {address}/payments/{key}

Both answer {"key": the same, "status": "accepted", "confirmation"} or {"key", "status": "declined", "code"}; the
look-up also {"key", "status": "unknown"}, with 200 or 404, when nothing was ever begun under that key. ledger/http.md
says it in full.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.http_service import Answer, HttpService, NotSentError
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.ledger.times import Clock, as_text, utc_now

OTHER: Final = "other"
"""Stands for every code that is not one of `CODES`: a processor's own words do not get into our books."""

CODES: Final = frozenset(
    {
        "insufficient_funds",
        "account_closed",
        "account_blocked",
        "instrument_unknown",
        "instrument_expired",
        "limit_exceeded",
        "not_authorised",
        "loan_unknown",
        "loan_closed",
        "too_late",
        "not_sent",
        OTHER,
    }
)
"""Why a payment was declined. `too_late` and `not_sent` are said by ourselves as well: it never left this house."""

_ACCEPTING: Final = frozenset({200, 201})
_DECLINING: Final = frozenset({200, 201, 402, 422})
_NOT_KNOWING: Final = frozenset({200, 404})


class HttpGateway:
    """A `PaymentGateway` over HTTPS.

    An answer counts only if it names the key that was sent: a proxy's own page, another payment's answer, a status
    without words are none. A payment that could not be sent at all, because no connection came about, is declined.

    Args:
        absent_after: how long after a payment's time limit the processor still may begin with it, or not know it yet.
    """

    def __init__(self, service: HttpService, *, absent_after: timedelta, clock: Clock = utc_now) -> None:
        self.absent_after = absent_after
        self._service = service
        self._clock = clock

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        """Send the payment, once.

        Raises:
            UnavailableError: whether it was made is not known.
        """
        if self._clock() > request.not_after:
            return Declined("too_late")
        body = {
            "key": request.key,
            "loan": request.loan,
            "amount_cents": request.cents,
            "currency": "USD",
            "method": request.method.value,
            "instrument": request.instrument_token,
            "not_after": as_text(request.not_after),
        }
        try:
            answer = await self._service.ask("POST", "/payments", body, {"Idempotency-Key": request.key})
        except NotSentError:
            return Declined("not_sent")
        return _read(answer, request.key)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        """What became of the payment with this key; None when the processor says that it knows nothing of it.

        Raises:
            UnavailableError: the processor does not answer, or still has the payment before it.
        """
        answer = await self._service.ask("GET", f"/payments/{key}")
        said = (answer.body.get("key"), answer.body.get("status"))
        if said == (key, "unknown") and answer.status in _NOT_KNOWING:
            return None
        return _read(answer, key)


def _read(answer: Answer, key: str) -> Accepted | Declined:
    if answer.body.get("key") == key:
        status, confirmation, code = (answer.body.get(name) for name in ("status", "confirmation", "code"))
        if status == "accepted" and answer.status in _ACCEPTING and isinstance(confirmation, str):
            try:
                return Accepted(confirmation)
            except ValueError:
                raise UnavailableError("The gateway's confirmation number has another form.") from None
        if status == "declined" and answer.status in _DECLINING:
            return Declined(code if isinstance(code, str) and code in CODES else OTHER)
    raise UnavailableError("The gateway's answer is none.")
