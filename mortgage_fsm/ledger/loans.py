"""The embedded loan directory: loans, flags and instruments on file, kept in the ledger's own database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.keyed import NOTHING_KEPT, checked_key, last_four_hash, matches
from mortgage_fsm.ledger.ports import Flag, Instrument, Loan
from mortgage_fsm.ledger.schema import instruments, loans

_BATCH = 200

# Made once: to put a statement together costs as much as to run it.
_LOAN = (
    select(
        *(each for each in loans.c if each is not loans.c.last_four_hash),
        *(instruments.c[name] for name in ("method", "token", "description")),
    )
    .outerjoin_from(loans, instruments, instruments.c.loan == loans.c.number)
    .where(loans.c.number == bindparam("named"))
    .order_by(instruments.c.id)
)
# One row in any case: reading a row that one of two loans does not have takes time that can be measured.
_KEPT_HASH = select(
    func.coalesce(
        select(loans.c.last_four_hash).where(loans.c.number == bindparam("named")).scalar_subquery(), NOTHING_KEPT
    )
)


@dataclass(frozen=True, slots=True)
class NewLoan:
    """A loan to be kept, with the last four that only its keyed hash survives."""

    loan: Loan
    last_four: str = field(repr=False)


class EmbeddedLoans:
    """A `LoanDirectory` on the ledger's database.

    Args:
        database: the ledger's.
        key: at least 32 bytes, for the keyed hash of the last four. Another key matches nobody.

    Raises:
        ConfigurationError: the key is too short.
    """

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = checked_key(key)

    async def find(self, loan: str) -> Loan | None:
        """The loan of this number, or None."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(_LOAN, {"named": loan})).all()
        if not rows:
            return None
        row = rows[0]
        on_file = [each for each in rows if each.method is not None]
        return Loan(
            number=row.number,
            amount_due=row.amount_due,
            due_date=row.due_date,
            last_payment=row.last_payment,
            last_payment_date=row.last_payment_date,
            payoff=row.payoff,
            flag=None if row.flag is None else Flag(row.flag),
            instruments=tuple(Instrument(Method(each.method), each.token, each.description) for each in on_file),
            autopay_active=row.autopay_active,
        )

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        """Whether these are the borrower's last four; one query and one comparison, whether the loan exists or not."""
        async with self._database.reading() as connection:
            kept: str = (await connection.execute(_KEPT_HASH, {"named": loan})).scalar_one()
        return matches(self._key, loan, last_four, kept)

    async def keep(self, connection: AsyncConnection, new: Sequence[NewLoan]) -> None:
        """Write these loans within a transaction, each in place of what was kept under its number."""
        for start in range(0, len(new), _BATCH):
            batch = new[start : start + _BATCH]
            numbers = [each.loan.number for each in batch]
            # Written out, not left to ON DELETE CASCADE: which database enforces it is not this function's business.
            await connection.execute(delete(instruments).where(instruments.c.loan.in_(numbers)))
            await connection.execute(delete(loans).where(loans.c.number.in_(numbers)))
            await connection.execute(insert(loans), [self._row(each) for each in batch])
            on_file = [_instrument_row(each.loan.number, one) for each in batch for one in each.loan.instruments]
            if on_file:
                await connection.execute(insert(instruments), on_file)

    def _row(self, new: NewLoan) -> dict[str, object]:
        loan = new.loan
        return {
            "number": loan.number,
            "last_four_hash": last_four_hash(self._key, loan.number, new.last_four),
            "amount_due": loan.amount_due,
            "due_date": loan.due_date,
            "last_payment": loan.last_payment,
            "last_payment_date": loan.last_payment_date,
            "payoff": loan.payoff,
            "flag": None if loan.flag is None else loan.flag.value,
            "autopay_active": loan.autopay_active,
        }


def _instrument_row(loan: str, instrument: Instrument) -> dict[str, object]:
    return {
        "loan": loan,
        "method": instrument.method.value,
        "token": instrument.token,
        "description": instrument.description,
    }
