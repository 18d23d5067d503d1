"""Writes one record for every decision and refusal of a call, in one transaction with what it records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.decisions import draft_of
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import Outcome, RecordType
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.audit.store import ForkedError, Journal
from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.database import ConflictError, Database
from mortgage_fsm.ledger.snapshots import LostError
from mortgage_fsm.machine import Call, Decision, Facts, Moved, State, Trigger
from mortgage_fsm.spoken import VERSION
from mortgage_fsm.voice.agents import agent_class
from mortgage_fsm.voice.keeping import Keeper
from mortgage_fsm.voice.turns import Turn
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.recording")

Work = Callable[[AsyncConnection], Awaitable[None]]
Digest = Callable[[int, Facts], str]

MAY_BE_LATE = frozenset({Trigger.RECORD_FAILED, Trigger.PAYMENT_UNRESOLVED, Trigger.CALL_HUNG_UP})
"""Moves that lead away from money: they stand before their record is written, and it is written late, in its order."""


def may_be_late(decision: Decision) -> bool:
    """Whether a decision may stand before its record is written. A refusal changes nothing, so it may."""
    if not isinstance(decision, Moved):
        return True
    advising = decision.before.state is State.ADVISING
    return decision.trigger in MAY_BE_LATE or (advising and decision.trigger is Trigger.QUESTION_ASKED)


class Recorder:
    """The records of one call.

    Args:
        watch: is told what was turned away before the machine was asked.
        wording: SHA-256 of the sentences that payments are read back with.
        keeper: keeps the call's snapshot, in the same transactions; None: the call does not survive its process.
    """

    def __init__(
        self,
        call_id: str,
        database: Database,
        journal: Journal,
        references: References,
        watch: Watch | None = None,
        *,
        wording: str | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._wording = wording
        self._keeper = keeper
        self._watch = watch or Watch()
        self._call_id = call_id
        self._database = database
        self._journal = journal
        self._references = references
        self._late: list[Draft] = []
        self._latest_loan = ("", "")
        self._latest_turn = (0, "")
        self._latest_digest: tuple[int, Facts | None, str] = (0, None, "")

    async def started(self, call: Call, began: float) -> None:
        """Write the first record of a call that began so many seconds after the epoch.

        Raises:
            UnavailableError: the ledger cannot be written.
        """
        agent, statements = agent_class(call.state).__name__, call.policy.statements
        first = Draft(type=RecordType.CALL_STARTED, state_to=call.state, agent=agent, statements=statements)
        first.wording = self._wording
        keeper = self._keeper
        await self._append(first, None if keeper is None else lambda connection: keeper.open(connection, call, began))

    async def ended(self, call: Call) -> None:
        """Write the last record, and whatever was late. What cannot be written any more is counted in the log."""
        last, keeper = Draft(type=RecordType.CALL_ENDED, state_to=call.state, reason="hung_up"), self._keeper
        try:
            await self._append(last, None if keeper is None else keeper.close)
        except UnavailableError:
            if keeper is not None and keeper.lost.is_set():
                return  # the call goes on elsewhere, and ends there
            log.error("records_lost", count=len(self._late))  # noqa: TRY400 - the cause is a constant

    async def write(self, draft: Draft, work: Work | None = None) -> None:
        """Write a record, late ones before it, and `work` in the same transaction.

        Raises:
            UnavailableError: nothing was written. Whatever `work` raises likewise undoes all of it.
        """
        await self._append(draft, work)

    async def keep_standing(self, connection: AsyncConnection, call: Call, turn: int, attempts: int) -> None:
        """Write, in the transaction of a decision's record, where the call stands after it.

        Raises:
            LostError: the call is another process's; nothing of it may be written here.
        """
        if self._keeper is not None:
            await self._keeper.keep(connection, call, turn, attempts)

    def keep(self, draft: Draft) -> None:
        """Write this record with the next one."""
        self._late.append(draft)

    def edge_refusal(self, call: Call, trigger: Trigger | None, reason: str, heard_by: str, turn: Turn) -> None:
        """Something was turned away before the machine was asked; written with the next record."""
        self._watch.turned_away(reason)
        self.keep(
            Draft(
                type=RecordType.EDGE_REFUSAL,
                turn=turn.number,
                state_from=call.state,
                trigger=trigger,
                heard_by=heard_by,
                outcome=Outcome.REFUSED,
                reason=reason,
                agent=agent_class(call.state).__name__,
                words_ref=self._words_ref(turn),
            )
        )

    def draft(
        self, decision: Decision, heard_by: str, turn: Turn, digest: Digest, attempts_left: int | None = None
    ) -> Draft:
        """The record of one decision. No amount, no digits, no names, no words."""
        return draft_of(
            decision,
            turn=turn.number,
            heard_by=heard_by,
            agent=agent_class(decision.after.state).__name__,
            heard=VERSION,
            words_ref=self._words_ref(turn),
            attempts_left=attempts_left,
            loan_ref=self._loan_ref,
            digest=lambda number, facts: self._digest(number, facts, digest),
        )

    def _loan_ref(self, loan: str) -> str:
        """The reference of the loan that stands, made once for as long as it does."""
        if self._latest_loan[0] != loan:
            self._latest_loan = (loan, self._references.loan_ref(loan))
        return self._latest_loan[1]

    def _digest(self, number: int, facts: Facts, digest: Digest) -> str:
        """The digest of a read-back, made once for as long as its facts are the same."""
        if self._latest_digest[:2] != (number, facts):
            self._latest_digest = (number, facts, digest(number, facts))
        return self._latest_digest[2]

    def _words_ref(self, turn: Turn) -> str | None:
        """The reference of a turn's words, made once for all that is decided in it."""
        if not turn.number or turn.keyed:  # of keys nothing is kept: so few of them could be found by trying
            return None
        if self._latest_turn[0] != turn.number:
            self._latest_turn = (turn.number, self._references.words_ref(self._call_id, turn.number, turn.words))
        return self._latest_turn[1]

    async def _append(self, draft: Draft, work: Work | None = None) -> None:
        drafts = [*self._late, draft]
        try:
            async with self._database.transaction() as connection:
                if work is not None:
                    await work(connection)
                await self._journal.append(connection, self._call_id, drafts)
        except (UnavailableError, ForkedError, ConflictError, LostError):
            raise UnavailableError("the record could not be written") from None
        del self._late[: len(drafts) - 1]
        # What was kept while this was written stands after it in the log, and so in the state that it led to.
        for each in self._late:
            each.state_from, each.agent = draft.state_to or each.state_from, draft.agent or each.agent
