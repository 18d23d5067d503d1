"""One decision from end to end: gather the finding, ask the machine, write the record, and only then let it stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.decisions import as_recorded
from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.machine import Call, Decision, Effect, Finding, Moved, Refused, State, Transfer, Trigger, decide
from mortgage_fsm.voice.desk import Answered, Desk, WriteRefusedError
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.recording import Recorder, may_be_late
from mortgage_fsm.voice.speech import REASONS_THAT_OFFER_A_PERSON
from mortgage_fsm.voice.turns import Moment, Turn
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.decisions")

CALL, GATEWAY, TIMER = "call", "gateway", "timer"
"""Who brought a trigger, where it was neither rules nor a model."""


UNAVAILABLE, OVER = "unavailable", "call_is_open"
"""Reasons of refusals that are not the machine's: the ledger does not answer; and the one that it would give."""


def does(decisions: Iterable[Decision], effect: Effect) -> bool:
    """Whether one of these decisions has this effect."""
    return any(effect in each.effects for each in decisions if isinstance(each, Moved))


def unanswered(decision: Decision) -> bool:
    """Whether the machine was not asked, because the ledger did not answer. It takes seconds to find that out again."""
    return isinstance(decision, Refused) and decision.reason == UNAVAILABLE


def leaves_unread(call: Call, decisions: Sequence[Decision]) -> bool:
    """Whether a turn of these decisions leaves the call in confirming with nothing read back, and asks nothing itself."""
    settled = {Effect.READ_BACK, Effect.ASK_WHAT_TO_CHANGE, Effect.TRANSFER}
    return (
        call.state is State.CONFIRMING
        and call.in_flight is None
        and not any(settled & set(each.effects) for each in decisions if isinstance(each, Moved))
        and not any(each.reason in REASONS_THAT_OFFER_A_PERSON for each in decisions if isinstance(each, Refused))
        and not any(map(unanswered, decisions))
    )


def begins_transfer(decision: Decision) -> bool:
    """Whether it is from this decision on that the caller is handed to a person."""
    under_way = Transfer.UNDER_WAY
    return decision.after.transfer is under_way and decision.before.transfer is not under_way


@dataclass(slots=True)
class Decider:
    """Holds the call, and is the only one who changes it. Ask it under the call's lock."""

    call: Call
    desk: Desk
    recorder: Recorder
    clock: Callable[[], float]
    watch: Watch = field(default_factory=Watch)
    began: float = field(init=False)
    """When the call began, by the clock, in seconds since the epoch. What is decided by counts from here, and is no
    finer than its record."""
    over: bool = field(default=False, init=False)
    """The last record is written. What is still reported then is decided by nobody: nothing may stand after it."""

    def __post_init__(self) -> None:
        self.began = self.clock()

    def now(self) -> float:
        """Seconds since the call began."""
        return as_recorded(self.clock() - self.began)

    async def decide(self, trigger: Trigger, heard_by: str, turn: Turn, number: int = 0) -> Decision:
        """Decide one trigger. Where the ledger cannot be asked, that is a refusal like any other."""
        if self.over:
            return Refused(trigger, self.call, Finding(), OVER, {})
        self.watch.deciding()
        spoke_at = None if turn.spoke_at is None else as_recorded(turn.spoke_at - self.began)
        moment = Moment(self.now(), as_recorded(turn.idle), turn.number, spoke_at, number)
        try:
            finding = await self.desk.find(self.call, trigger, turn.heard, moment)
        except UnavailableError:
            self.watch.failed(Component.LEDGER)
            refused = Refused(trigger, self.call, Finding(), UNAVAILABLE, {})
            return await self._adopt(refused, heard_by, turn, failing=True)
        return await self._adopt(decide(self.call, trigger, finding), heard_by, turn)

    async def end(self) -> None:
        """Write the last record, once."""
        if not self.over:
            await self.recorder.ended(self.call)
            self.over = True

    async def first(self, trigger: Trigger | None, turn: Turn) -> list[Decision]:
        """What is decided before a turn's own trigger: that the caller was silent for too long, and what is new."""
        # Whoever wants a person is not kept waiting for a ledger.
        return [*await self._idled(turn), *(await self._news(turn) if trigger is not Trigger.HUMAN_ASKED else ())]

    async def _news(self, turn: Turn) -> list[Decision]:
        """What became meanwhile of a payment that could not be confirmed, once: somebody else has looked it up.

        With payments of two loans outstanding nothing is told, as no record could say which of them it is of.
        """
        if len(self.call.outstanding) != 1:
            return []
        (loan,) = self.call.outstanding
        try:
            settled = await self.desk.settled_since(loan)
        except UnavailableError:
            self.watch.failed(Component.LEDGER)
            refused = Refused(Trigger.PAYMENT_RESOLVED, self.call, Finding(), UNAVAILABLE, {})
            return [await self._adopt(refused, GATEWAY, turn, failing=True)]
        if settled is None:
            return []
        self.watch.deciding()
        finding = replace(settled, now=self.now(), turn=turn.number)
        return [await self._adopt(decide(self.call, Trigger.PAYMENT_RESOLVED, finding), GATEWAY, turn)]

    async def _idled(self, turn: Turn) -> list[Decision]:
        """Whoever was silent for too long is to prove anew who they are: the move that leads there, if one does."""
        idle, turn.idle = turn.idle, 0.0
        if idle <= self.call.policy.idle_limit:
            return []
        decision = await self.decide(Trigger.IDLE_LIMIT_REACHED, TIMER, turn)
        return [decision] if decision.after.state is not decision.before.state else []

    async def take_answer(self, answered: Answered, turn: Turn) -> Decision:
        """Decide the outside world's answer. One that is refused, or cannot be written down, leaves it not known."""
        self.watch.deciding()
        decision = decide(self.call, answered.trigger, answered.finding)
        taken = await self._adopt(decision, GATEWAY, turn, answered)
        if isinstance(taken, Moved) and taken.trigger is answered.trigger:
            return taken
        unsure, failing = self.desk.unsure(answered), taken.trigger is Trigger.RECORD_FAILED
        return await self._adopt(decide(self.call, unsure.trigger, unsure.finding), GATEWAY, turn, failing=failing)

    async def resume(self, turn: Turn) -> Decision:
        """Decide that the call goes on in another process. Nothing is found for that: it must hold whatever is down.

        Raises:
            UnavailableError: it does not go on: it has ended.
        """
        self.watch.deciding()
        decision = decide(self.call, Trigger.CALL_RESUMED, Finding(now=self.now(), turn=turn.number))
        if not isinstance(decision, Moved):
            raise UnavailableError("the call cannot be taken up")
        return await self._adopt(decision, CALL, turn)

    async def _adopt(
        self,
        decision: Decision,
        heard_by: str,
        turn: Turn,
        answered: Answered | None = None,
        *,
        failing: bool = False,
    ) -> Decision:
        # A ledger that has just not answered is not asked again before the caller is told: each time takes seconds.
        late = failing and may_be_late(decision)
        if isinstance(decision, Moved):
            self.desk.decided(decision)
        draft = self.recorder.draft(decision, heard_by, turn, self.desk.digest, self.desk.attempts_left)

        async def work(connection: AsyncConnection) -> None:
            await self.recorder.keep_standing(connection, decision.after, turn.number, self.desk.attempts)
            if isinstance(decision, Moved):
                await self.desk.write(connection, decision)
                if answered is not None:
                    await self.desk.settle(connection, answered)

        try:
            if late:
                self.recorder.keep(draft)
            else:
                await self.recorder.write(draft, work)
        except WriteRefusedError as error:
            refused = Refused(decision.trigger, decision.before, decision.finding, error.reason, decision.guards)
            return await self._adopt(refused, heard_by, turn)
        except UnavailableError:
            log.error("record_failed", trigger=decision.trigger)  # noqa: TRY400 - the cause is a constant
            self.watch.failed(Component.LEDGER)
            if not may_be_late(decision):
                return await self._without_record(decision, turn)
            self.recorder.keep(draft)
        self._stands(decision, heard_by)
        return decision

    async def _without_record(self, decision: Decision, turn: Turn) -> Decision:
        failed = decide(self.call, Trigger.RECORD_FAILED, decision.finding)
        if isinstance(failed, Moved):
            return await self._adopt(failed, CALL, turn, failing=True)
        return failed

    def _stands(self, decision: Decision, heard_by: str) -> None:
        self.watch.decided(decision, heard_by)
        if isinstance(decision, Moved):
            self.call = decision.after
            states = {"state_from": decision.before.state, "state_to": decision.after.state}
            log.info("moved", trigger=decision.trigger, **states)
        else:
            log.info("refused", trigger=decision.trigger, state_from=self.call.state, reason=decision.reason)
