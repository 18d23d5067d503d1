"""The embedded payment processor: complete and deterministic, with its own books in the ledger's database."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.intents import new_confirmation_number
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.ledger.schema import gateway_entries, instruments
from mortgage_fsm.ledger.times import Clock, utc_now


class KeyReusedError(MortgageFsmError):
    """The key was used for another payment: a mistake of ours, and nothing moves."""


class EmbeddedGateway:
    """A `PaymentGateway` on the ledger's database. Never call it within a transaction: it opens its own.

    Declines with `instrument_unknown` what is not drawn from an instrument on file for that loan and method, and with
    `too_late` what is sent after its time.
    """

    absent_after = timedelta(seconds=30)

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        """Book the payment, once for each key.

        Raises:
            KeyReusedError: the key stands in the books for another payment.
            UnavailableError: the database does not answer; whether it was booked is not known.
        """
        fingerprint = _fingerprint(request)
        try:
            async with self._database.transaction() as connection:
                booked = await self._booked(connection, request.key)
                return _answer(booked, fingerprint) if booked else await self._book(connection, request, fingerprint)
        except ConflictError:  # another process booked it between our look and our entry
            async with self._database.reading() as connection:
                return _answer(await self._booked(connection, request.key), fingerprint)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        """What the books say of this key."""
        async with self._database.reading() as connection:
            booked = await self._booked(connection, key)
        return None if booked is None else _answer(booked, booked.fingerprint)

    async def _booked(self, connection: AsyncConnection, key: str) -> Any:
        return (await connection.execute(select(gateway_entries).where(gateway_entries.c.key == key))).one_or_none()

    async def _book(
        self, connection: AsyncConnection, request: PaymentRequest, fingerprint: str
    ) -> Accepted | Declined:
        now = self._clock()
        answer: Accepted | Declined
        if now > request.not_after:
            answer = Declined("too_late")
        elif not await self._is_on_file(connection, request):
            answer = Declined("instrument_unknown")
        else:
            answer = Accepted(new_confirmation_number())
        await connection.execute(
            insert(gateway_entries).values(
                key=request.key,
                fingerprint=fingerprint,
                cents=request.cents,
                confirmation=answer.confirmation if isinstance(answer, Accepted) else None,
                declined_code=answer.code if isinstance(answer, Declined) else None,
                at=now,
            )
        )
        return answer

    async def _is_on_file(self, connection: AsyncConnection, request: PaymentRequest) -> bool:
        where = (
            instruments.c.loan == request.loan,
            instruments.c.method == request.method.value,
            instruments.c.token == request.instrument_token,
        )
        return await connection.scalar(select(instruments.c.id).where(*where)) is not None


def _fingerprint(request: PaymentRequest) -> str:
    """All that one key may mean; the time limit is not part of the payment."""
    parts = (request.loan, str(request.cents), request.method.value, request.instrument_token)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _answer(booked: Any, fingerprint: str) -> Accepted | Declined:
    if booked is None or booked.fingerprint != fingerprint:
        raise KeyReusedError("This idempotency key belongs to another payment.")
    return Accepted(booked.confirmation) if booked.confirmation is not None else Declined(booked.declined_code)
