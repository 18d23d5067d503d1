"""A servicer's own systems, as small as they can be: with them `start` runs, which refuses everything embedded.

Named by `MORTGAGE_FSM_LOANS` and `MORTGAGE_FSM_GATEWAY`; imported by the worker, not by the tests.
"""

from __future__ import annotations

import hmac
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, LoanDirectory, PaymentGateway, PaymentRequest


class _Directory:
    """The demo loans, due a week from now."""

    async def find(self, loan: str) -> Loan | None:
        today = datetime.now(UTC).date()
        due, paid = today + timedelta(days=7), today - timedelta(days=24)
        known = (each.loan for each in DEMO_LOANS if each.loan.number == loan)
        return next((replace(each, due_date=due, last_payment_date=paid) for each in known), None)

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        known = {each.loan.number: each.last_four for each in DEMO_LOANS}
        return hmac.compare_digest(known.get(loan, "none"), last_four)


class _Gateway:
    """Accepts whatever it is sent, under a confirmation that follows from the key."""

    absent_after = timedelta(minutes=1)

    def __init__(self) -> None:
        self._accepted: dict[str, Accepted] = {}

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        confirmation = f"MP-{sha256(request.key.encode()).hexdigest()[:10].upper()}"
        return self._accepted.setdefault(request.key, Accepted(confirmation))

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return self._accepted.get(key)


def directory() -> LoanDirectory:
    """The loans."""
    return _Directory()


def gateway() -> PaymentGateway:
    """The payments."""
    return _Gateway()


SETTINGS = {
    "MORTGAGE_FSM_WORKER_PORT": "0",
    "NUM_CPUS": str(1.5 * (os.cpu_count() or 1)),
    "MORTGAGE_FSM_LOANS": "tests.room.servicer:directory",
    "MORTGAGE_FSM_GATEWAY": "tests.room.servicer:gateway",
    "MORTGAGE_FSM_STT": "tests.room.voices:deaf_ear",
    "MORTGAGE_FSM_TTS": "tests.room.voices:quick_voice",
    "MORTGAGE_FSM_IDENTITY_KEY": "an-identity-key-that-protects-synthetic-data",
    "MORTGAGE_FSM_REFERENCE_KEY": "a-reference-key-that-protects-synthetic-data",
    "MORTGAGE_FSM_TEXT_STREAMS": "true",
    "MORTGAGE_FSM_ONE_WORKER": "true",
}
"""With these a worker starts as in production, but for callers who type: production has to be asked to let them.

LiveKit offers a worker no call while the processors are busier than 0.7, and here they may be busy with other tests.
Told of half as many again as there are, it never sees more than two thirds of them at work, where it reads cgroups.
"""
