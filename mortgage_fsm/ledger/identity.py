"""Identity attempts: each is counted, and that is committed, before anything is compared.

NIST SP 800-63A 5.3.2 allows three. The limit is a number of rows: a loan has as many slots as attempts, an attempt
takes a slot whose last use is older than the window, and the primary key leaves no room for one more, however many
processes ask at once. The limits over several loans are in `guesses`, and counted in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.guesses import IN_ALL, TooManyGuessesError, caller_scope, count_guess, take_back
from mortgage_fsm.ledger.ports import LoanDirectory
from mortgage_fsm.ledger.schema import identity_attempts
from mortgage_fsm.ledger.times import Clock, utc_now

log = structlog.get_logger("mortgage_fsm.identity")

_OF_LOAN = identity_attempts.c.loan_ref == bindparam("of_loan")
_THIS_SLOT = (_OF_LOAN, identity_attempts.c.slot == bindparam("this_slot"))
_SLOTS = select(identity_attempts.c.slot, identity_attempts.c.at).where(_OF_LOAN)
_FIRST_USE = insert(identity_attempts)
# Compared in the statement itself: a database that lets two writers in makes the second look again.
_NEXT_USE = update(identity_attempts).where(*_THIS_SLOT, identity_attempts.c.at <= bindparam("until"))
_GIVE_BACK = delete(identity_attempts).where(*_THIS_SLOT, identity_attempts.c.at == bindparam("used_at"))
# Made once: to put a statement together costs as much as to run it.

_TRIES = 20
"""A slot lost to another process costs one try; SQLite never loses one."""


@dataclass(frozen=True, slots=True)
class AttemptPolicy:
    """How many attempts a loan has, over all calls, and how many guesses a caller and all callers together have.

    `match_frees_its_attempt` gives back the attempt that matched, and no other: someone who calls four times a day and
    is always right is then not locked out, while there are still at most `limit` wrong guesses in any window. The same
    holds for what a caller, and all callers together, may guess wrong in 24 hours.
    """

    limit: int = 3
    window: timedelta = timedelta(hours=24)
    match_frees_its_attempt: bool = False
    per_caller: int = 10
    in_all: int = 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one attempt."""

    counted: bool
    """False: no attempt was left, of this loan, this caller or all together, and nothing was compared."""
    matches: bool
    remain: int
    """Attempts left for this loan now."""


class IdentityCheck:
    """The one way to compare a caller's last four.

    Args:
        loan_ref: keyed hash of a loan number. Attempts are counted under it, for loans that do not exist as well.
    """

    def __init__(
        self,
        database: Database,
        directory: LoanDirectory,
        loan_ref: Callable[[str], str],
        *,
        policy: AttemptPolicy | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._directory = directory
        self._loan_ref = loan_ref
        self._policy = policy or AttemptPolicy()
        self._clock = clock

    async def attempt(self, loan: str, last_four: str, caller_ref: str | None = None) -> Attempt:
        """Count an attempt, then compare. The same work and the same answer for a wrong last four and for no such loan.

        Args:
            loan: its number, as it was heard.
            last_four: as they were heard.
            caller_ref: keyed hash of the number that the caller calls from; None where there is none. It can be forged:
                it only ever adds a limit, and proves nothing.

        Raises:
            UnavailableError: the database or the directory does not answer. Once counted, the attempt stays counted.
        """
        ref = self._loan_ref(loan)
        limits = {} if caller_ref is None else {caller_scope(caller_ref): self._policy.per_caller}
        limits[IN_ALL] = self._policy.in_all
        try:
            taken = await self._take(ref, limits)
        except TooManyGuessesError as error:
            if error.scope == IN_ALL:
                log.warning("guesses_in_all_used_up")
            else:
                log.warning("guesses_of_a_caller_used_up")
            taken = None
        if taken is None:
            return Attempt(counted=False, matches=False, remain=0)
        slot, at, remain = taken
        try:
            matches = await self._directory.identity_matches(loan, last_four)
        except UnavailableError:
            # The loan's attempt stays counted. An outage must not use up everybody's guesses as well.
            async with self._database.transaction() as connection:
                await take_back(connection, limits, at)
            raise
        if matches and self._policy.match_frees_its_attempt:
            await self._give_back(ref, slot, at, limits)
            remain += 1
        return Attempt(counted=True, matches=matches, remain=remain)

    async def go_through(self, connection: AsyncConnection, ref: str) -> None:
        """The statements of an attempt that matched, for whoever rolls the transaction back: it is counted for nobody.

        Raises:
            TooManyGuessesError: all callers together have no guess left.
        """
        now, limits = self._clock(), {IN_ALL: self._policy.in_all}
        if not await self._used(connection, ref):
            await self._occupy(connection, ref, 0, now, first=True)
        await self._free(connection, ref, 0, now)
        await take_back(connection, limits, now)
        await count_guess(connection, limits, now)  # last: what it locks is everybody's

    async def remain(self, loan: str) -> int:
        """How many attempts this loan has left now. Takes none.

        Raises:
            UnavailableError: the database does not answer.
        """
        async with self._database.reading() as connection:
            used = await self._used(connection, self._loan_ref(loan))
        return max(0, self._policy.limit - len(self._recent(used, self._clock())))

    async def _take(self, ref: str, limits: Mapping[str, int]) -> tuple[int, datetime, int] | None:
        for _ in range(_TRIES):
            now = self._clock()
            try:
                async with self._database.transaction() as connection:
                    used = await self._used(connection, ref)
                    recent = self._recent(used, now)
                    remain = self._policy.limit - len(recent)
                    if remain <= 0:
                        return None
                    slot = min(set(range(self._policy.limit)) - recent)
                    if await self._occupy(connection, ref, slot, now, first=slot not in used):
                        await count_guess(connection, limits, now)
                        return slot, now, remain - 1
            except ConflictError:
                continue
        raise UnavailableError("The attempt could not be counted.")

    @staticmethod
    async def _used(connection: AsyncConnection, ref: str) -> dict[int, datetime]:
        """The slots of a loan that were ever used, and when each was last."""
        rows = await connection.execute(_SLOTS, {"of_loan": ref})
        return {row.slot: row.at for row in rows}

    def _recent(self, used: Mapping[int, datetime], now: datetime) -> set[int]:
        """Slots used within the window. A moment in the future counts: a clock put back gives no free attempts."""
        return {slot for slot, at in used.items() if at > now - self._policy.window}

    async def _occupy(self, connection: AsyncConnection, ref: str, slot: int, now: datetime, *, first: bool) -> bool:
        """Take a slot unless another process has taken it since it was seen free."""
        if first:
            await connection.execute(_FIRST_USE, {"loan_ref": ref, "slot": slot, "at": now})
            return True
        this = {"of_loan": ref, "this_slot": slot, "until": now - self._policy.window}
        return (await connection.execute(_NEXT_USE, this | {"at": now})).rowcount == 1

    async def _give_back(self, ref: str, slot: int, at: datetime, limits: Mapping[str, int]) -> None:
        async with self._database.transaction() as connection:
            await self._free(connection, ref, slot, at)
            await take_back(connection, limits, at)

    @staticmethod
    async def _free(connection: AsyncConnection, ref: str, slot: int, at: datetime) -> None:
        await connection.execute(_GIVE_BACK, {"of_loan": ref, "this_slot": slot, "used_at": at})
