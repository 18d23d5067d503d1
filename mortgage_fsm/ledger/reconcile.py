"""Finds out what became of payments that are under way, by looking them up. It never sends one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from mortgage_fsm.errors import MortgageFsmError, UnavailableError
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.intents import SettledError, Status
from mortgage_fsm.ledger.payments import SEND_WITHIN, Payment, Payments
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, Resolution, ResolutionRecorder
from mortgage_fsm.ledger.times import Clock, utc_now

LOOK_UP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What one run found."""

    resolved: tuple[Resolution, ...]
    """Settled just now."""
    left: int
    """Still under way: the gateway does not know them yet, or could not be asked."""
    unasked: int
    """Of those left, the ones for which the gateway did not answer."""
    unrecorded: int
    """Of those left, the ones whose record could not be written: they need a person."""
    elsewhere: frozenset[str] = frozenset()
    """The gateways that some of those left were sent through, and not through the one that was asked."""


class Reconciler:
    """Resolves what is under way; safe to run at any time, by any number of processes."""

    def __init__(
        self,
        *,
        database: Database,
        payments: Payments,
        gateway: PaymentGateway,
        recorder: ResolutionRecorder,
        loan_ref: Callable[[str], str],
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._payments = payments
        self._gateway = gateway
        self._recorder = recorder
        self._loan_ref = loan_ref
        self._clock = clock

    async def run(self, loan: str | None = None) -> Reconciliation:
        """Look up every payment that is under way, or those of one loan.

        Raises:
            UnavailableError: the database does not answer. A gateway that does not answer is counted, not raised.
        """
        resolved: list[Resolution] = []
        left = unasked = unrecorded = 0
        elsewhere: set[str] = set()
        for payment in await self._payments.under_way():
            if loan is not None and payment.loan != loan:
                continue
            try:
                answer = await self.look_up(payment)
            except UnavailableError:
                left, unasked = left + 1, unasked + 1
                continue
            if answer is None:
                left += 1
                other = self._payments.elsewhere(payment)
                elsewhere |= {other} if other is not None else set()
                continue
            try:
                resolution = await self._settle(payment, answer)
            except SettledError:
                continue
            except UnavailableError:
                raise
            except MortgageFsmError:  # one chain that is broken must not keep the others waiting
                left, unrecorded = left + 1, unrecorded + 1
                continue
            if resolution is not None:
                resolved.append(resolution)
        return Reconciliation(tuple(resolved), left, unasked, unrecorded, frozenset(elsewhere))

    async def look_up(self, payment: Payment) -> Accepted | Declined | None:
        """What became of a payment that is under way; None while that is not known. Settles nothing.

        Raises:
            UnavailableError: the gateway does not answer.
        """
        # Read before asking: an answer that comes late must not make the question look late.
        now = self._clock()
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                answer = await self._gateway.look_up(payment.key)
        except Exception:  # noqa: BLE001 - whatever a gateway raises; its text may quote the payment
            raise UnavailableError("The gateway does not answer.") from None
        if self._payments.elsewhere(payment) is not None:
            return answer  # that this one does not know it says nothing
        if answer is None and now > payment.created_at + SEND_WITHIN + self._gateway.absent_after:
            return Declined("never_arrived")
        return answer

    async def _settle(self, payment: Payment, answer: Accepted | Declined) -> Resolution | None:
        accepted = isinstance(answer, Accepted)
        resolution = Resolution(
            call=payment.call,
            loan_ref=self._loan_ref(payment.loan),
            digest=payment.digest,
            method=payment.method,
            status=(Status.ACCEPTED if accepted else Status.DECLINED).value,
            confirmation=answer.confirmation if isinstance(answer, Accepted) else None,
        )
        async with self._database.transaction() as connection:
            status = Status(resolution.status)
            if not await self._payments.settle(connection, payment.key, status, resolution.confirmation):
                return None  # the call itself, or another run, was faster
            await self._recorder.record(connection, resolution)
        return resolution
