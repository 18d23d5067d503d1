"""Writes what a reconciliation found into the chain of the call that the payment belongs to."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import GatewayStatus, HeardBy, RecordType
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.heard import Method


class Resolved(Protocol):
    """What became of one payment. The ledger has its own type for it, which is not known here."""

    @property
    def call(self) -> str: ...  # noqa: D102 - named as in the record
    @property
    def loan_ref(self) -> str: ...  # noqa: D102
    @property
    def digest(self) -> str: ...  # noqa: D102
    @property
    def method(self) -> Method: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def confirmation(self) -> str | None: ...  # noqa: D102


class ResolutionRecords:
    """One `resolution` record for each payment resolved outside its call."""

    def __init__(self, journal: Journal, heard_by: HeardBy = HeardBy.OPERATOR) -> None:
        self._journal = journal
        self._heard_by = heard_by

    async def record(self, connection: AsyncConnection, resolution: Resolved) -> None:
        """Append the record within the transaction of `connection`.

        Raises:
            RecordError: the call has no records, or a value is not of the schema.
            ForkedError: another process wrote to the chain. Either way, nothing may be kept.
        """
        draft = Draft(
            type=RecordType.RESOLUTION,
            heard_by=self._heard_by,
            loan_ref=resolution.loan_ref,
            payment_digest=resolution.digest,
            method=resolution.method,
            gateway_status=GatewayStatus(resolution.status),
            confirmation=resolution.confirmation,
        )
        await self._journal.append(connection, resolution.call, [draft])
