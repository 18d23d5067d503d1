"""How a call begins: anew, with the greeting; or where another process has left it, with one sentence that says so."""

from __future__ import annotations

from typing import Protocol

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.intents import SettledError, Status, idempotency_key
from mortgage_fsm.ledger.payments import Payment, Payments
from mortgage_fsm.ledger.ports import Accepted, Declined
from mortgage_fsm.ledger.reconcile import Reconciler
from mortgage_fsm.ledger.snapshots import Snapshot
from mortgage_fsm.machine import Call, Decision, Effect, Finding, Moved, Policy, Trigger
from mortgage_fsm.machine.call import Submission, Transfer
from mortgage_fsm.machine.plain import from_plain
from mortgage_fsm.voice.deciding import CALL, Decider
from mortgage_fsm.voice.desk import Answered, Desk
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.speech import Speech, Wording
from mortgage_fsm.voice.turns import Turn, Turns

_TRIGGER = {
    Status.ACCEPTED: Trigger.PAYMENT_ACCEPTED,
    Status.DECLINED: Trigger.PAYMENT_DECLINED,
    Status.PENDING_AUTHORISATION: Trigger.ENROLMENT_RECORDED,
}
"""What a payment that is settled fires."""


class Beginning(Protocol):
    """How a call begins."""

    @property
    def call(self) -> Call:
        """The call before anything is decided here."""
        ...

    async def begin(self, decider: Decider, turns: Turns, recorder: Recorder, wording: Wording) -> Speech:
        """Record it; what is said first.

        Raises:
            UnavailableError: the ledger cannot be written.
        """
        ...


class Anew:
    """A call that nobody has held before."""

    def __init__(self, policy: Policy) -> None:
        self.call = Call(policy=policy)

    async def begin(self, decider: Decider, turns: Turns, recorder: Recorder, wording: Wording) -> Speech:  # noqa: ARG002 - as the protocol has it
        """Record that it started; greet."""
        await recorder.started(decider.call, decider.began)
        return Speech(wording.greeting())


class GoneOn:
    """A call whose process died: the answer to what it sent is found out, then identity and read-back are let go of.

    Args:
        found: taken over already.
        policy: the tenant's, by which the call was held before as well.
    """

    def __init__(self, found: Snapshot, policy: Policy, desk: Desk, payments: Payments, reconciler: Reconciler) -> None:
        self.call = from_plain(found.standing.facts, policy)
        self._found = found
        self._desk = desk
        self._payments = payments
        self._reconciler = reconciler

    async def begin(self, decider: Decider, turns: Turns, recorder: Recorder, wording: Wording) -> Speech:  # noqa: ARG002 - as the protocol has it
        """Fire what became of a submission, then that the call goes on; say both, and ask what the call waits for.

        Raises:
            UnavailableError: the ledger cannot be written, or the call had ended.
        """
        standing = self._found.standing
        decider.began = self._found.opened_at.timestamp()
        self._desk.attempts = standing.attempts
        # A turn of its own, without words: the turns before it keep their numbers, and theirs.
        turn = turns.go_on(standing.turn + 1)
        wanted = self.call.transfer is Transfer.WANTED
        decisions = [] if self.call.in_flight is None else [await self._answer(self.call.in_flight, decider, turn)]
        decisions.append(await decider.resume(turn))
        if decisions[-1].after.identity is not None and not decisions[-1].after.identity.expired:
            raise UnavailableError("the call cannot be taken up")
        opening = _with_the_sentence_first(decisions)
        if wanted:
            opening.append(await decider.decide(Trigger.HUMAN_ASKED, CALL, turn))
        return wording.opening(opening, None)

    async def _answer(self, sent: Submission, decider: Decider, turn: Turn) -> Decision:
        try:
            return await decider.take_answer(await self._found_out(sent, decider), turn)
        except SettledError:  # `reconcile` was faster: what it wrote is the answer
            return await decider.take_answer(await self._found_out(sent, decider), turn)

    async def _found_out(self, sent: Submission, decider: Decider) -> Answered:
        """What became of what was sent, looked up by its key. Nothing is ever sent here."""
        key = idempotency_key(self._found.call, sent.number)
        payment = await self._payments.find(key)
        finding = Finding(now=decider.now(), number=sent.number)
        if payment is None:  # cannot be: it was written with the yes
            return Answered(Trigger.PAYMENT_UNRESOLVED, finding)
        self._desk.digests[sent.number] = payment.digest
        if payment.status in _TRIGGER:
            known = Finding(now=finding.now, number=sent.number, confirmation=payment.confirmation)
            return Answered(_TRIGGER[payment.status], known)
        return await self._looked_up(payment, finding)

    async def _looked_up(self, payment: Payment, finding: Finding) -> Answered:
        try:
            answer = await self._reconciler.look_up(payment)
        except UnavailableError:
            answer = None
        match answer:
            case Accepted(confirmation):
                accepted = Finding(now=finding.now, number=finding.number, confirmation=confirmation)
                return Answered(Trigger.PAYMENT_ACCEPTED, accepted, Status.ACCEPTED, payment.key)
            case Declined():
                return Answered(Trigger.PAYMENT_DECLINED, finding, Status.DECLINED, payment.key)
            case _:
                return Answered(Trigger.PAYMENT_UNRESOLVED, finding, Status.UNRESOLVED, payment.key)


def _with_the_sentence_first(decisions: list[Decision]) -> list[Decision]:
    """For the wording alone: that the call goes on is said before the answer; a transfer begins after both."""
    *answers, resumed = decisions
    if not answers or not isinstance(resumed, Moved):
        return decisions
    answer = answers[0]
    if not isinstance(answer, Moved):
        return decisions
    said = tuple(each for each in answer.effects if each is not Effect.TRANSFER)
    return [answer._replace(effects=(*resumed.effects, *said)), resumed._replace(effects=())]
