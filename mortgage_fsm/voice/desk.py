"""The desk: all that this flow asks of the ledger. Gathers findings before a decision, carries out what a decision sends.

Nothing of a loan is looked up for a caller who has not proved who they are, so that no decision and no sentence can
depend on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncConnection

from mortgage_fsm.audit.redaction import References
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.heard import Heard, Method, Reason, Wish
from mortgage_fsm.ledger.callbacks import Callbacks
from mortgage_fsm.ledger.identity import IdentityCheck
from mortgage_fsm.ledger.intents import (
    UNDER_WAY,
    ConfirmationUsedError,
    Enrolment,
    Intent,
    PaymentUnderWayError,
    RepeatedError,
    Status,
    idempotency_key,
)
from mortgage_fsm.ledger.on_loan import OnLoan
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.ports import (
    Accepted,
    Declined,
    Instrument,
    Loan,
    LoanDirectory,
    PaymentGateway,
    PaymentRequest,
)
from mortgage_fsm.machine import Call, Effect, Facts, Finding, Moved, Trigger
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.transfer import Briefing, Reached
from mortgage_fsm.voice.turns import Moment
from mortgage_fsm.voice.watch import Watch

SENDS = frozenset({Effect.SUBMIT_PAYMENT, Effect.RECORD_ENROLMENT})
"""Effects that leave the house: written before they are done, answered afterwards."""


class WriteRefusedError(MortgageFsmError):
    """The ledger's own constraints refuse what was decided. `reason` is the guard that would have said so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answered:
    """The outside world's answer to what was sent: the trigger it fires, with what, and what is written with it."""

    trigger: Trigger
    finding: Finding
    status: Status | None = None
    """What the ledger writes of the payment, in the transaction of the trigger's record; None: it stands already."""
    key: str = ""


class Desk:
    """The ledger as one call sees it.

    Args:
        call_id: this call's own id.
        gateway_timeout: seconds after which a submission is unresolved.
        methods: the ways to pay that are taken.
        recorded: the tenant records the call: what is authorised in it needs no notice in writing.
        caller_ref: stands for the number that the caller calls from; None where there is none.
    """

    def __init__(
        self,
        call_id: str,
        *,
        directory: LoanDirectory,
        identity: IdentityCheck,
        payments: Payments,
        gateway: PaymentGateway,
        references: References,
        callbacks: Callbacks,
        gateway_timeout: float,
        methods: frozenset[Method] = frozenset(Method),
        recorded: bool = False,
        caller_ref: str | None = None,
        watch: Watch | None = None,
    ) -> None:
        self._watch = watch or Watch()
        self._call_id = call_id
        self._directory = directory
        self._identity = identity
        self._payments = payments
        self._gateway = gateway
        self._references = references
        self._callbacks = callbacks
        self._reason: Reason | None = None
        self._sent_for = Reason.ASKED
        self._gateway_timeout = gateway_timeout
        self._methods = methods
        self._caller_ref = caller_ref
        self._recorded = recorded
        self.attempts = 0
        """Identity attempts made in this call."""
        self.digests: dict[int, str] = {}
        """Of what was read back in another process, by its number."""
        self._instruments: dict[int, Instrument] = {}
        self._request: PaymentRequest | None = None
        self._reference: str | None = None
        self.transferred: Reached | None = None
        """How the latest transfer went."""
        self.attempts_left: int | None = None
        """Identity attempts left after the latest one, for the record."""
        self.known: Loan | None = None
        """The loan as the ledger has it, while identity holds; None before."""

    # --- before a decision

    async def find(self, call: Call, trigger: Trigger, heard: Heard, moment: Moment) -> Finding:
        """The facts that the guards of this trigger read.

        Raises:
            UnavailableError: ledger or directory does not answer.
        """
        finding = replace(
            _HEARD.get(trigger, _nothing)(heard),
            now=moment.now,
            idle=moment.idle,
            turn=moment.turn,
            spoke_at=moment.spoke_at,
            number=moment.number,
            loan_fact=heard.loan_fact or call.loan_fact if trigger is Trigger.LOAN_FACT_ASKED else None,
        )
        self.attempts_left = None
        if trigger is Trigger.IDENTITY_OFFERED and heard.last_four is not None and call.loan is not None:
            finding = await self._attempt(call, call.loan, heard.last_four, finding)
        self.known = None
        proved = call.identity is not None and not call.identity.expired and call.identity.loan == call.loan
        if call.loan is not None and (proved or finding.matches):
            known = await self._directory.find(call.loan)
            if known is not None:
                others = await self._payments.on_loan(call.loan)
                self.known = others.on(known)
                finding = self._of_loan(self.known, others, call, finding)
        return finding

    async def _attempt(self, call: Call, loan: str, last_four: str, finding: Finding) -> Finding:
        if self.attempts >= call.policy.attempts_per_call:
            self.attempts_left = 0
            return finding
        self.attempts += 1
        attempt = await self._identity.attempt(loan, last_four, self._caller_ref)
        self.attempts_left = min(attempt.remain, call.policy.attempts_per_call - self.attempts)
        return replace(
            finding, counted=attempt.counted, matches=attempt.matches, attempts_remain=self.attempts_left > 0
        )

    def _of_loan(self, loan: Loan, others: OnLoan, call: Call, finding: Finding) -> Finding:
        amount = finding.amount or call.amount
        cents = loan.amount_due if isinstance(amount, Wish) else amount
        pays = (finding.method or call.method) is not Method.AUTOPAY
        gone = {Method.AUTOPAY} if loan.autopay_active else set()
        methods = {method for method in self._methods if loan.instrument(method) is not None} - gone
        return replace(
            finding,
            payable=loan.flag is None,
            outstanding=others.outstanding,
            amount_due=loan.amount_due or None,
            maximum=loan.payoff,
            methods=frozenset(methods),
            repeat=pays and cents in others.paid_today,
        )

    async def settled_since(self, loan: str) -> Finding | None:
        """What became of the payment that this call could not confirm; None while that is not known.

        Raises:
            UnavailableError: the ledger does not answer.
        """
        self.attempts_left = None
        payment = await self._payments.latest(self._call_id, loan)
        if payment is None or payment.status in UNDER_WAY:
            return None
        return Finding(loan=loan, confirmation=payment.confirmation)

    # --- a person

    def note(self, heard: Heard) -> None:
        """Keep what a caller says in passing that would send them to one person rather than another."""
        self._reason = heard.reason or self._reason

    def briefing(self, call: Call, topics: tuple[str, ...]) -> Briefing:
        """What the person is told: the reason in the caller's own words first, then by what is known of the call."""
        flagged = self.known is not None and self.known.flag is not None
        known = Reason.LOCKED_OUT if call.locked else Reason.FLAGGED if flagged else Reason.ASKED
        self._sent_for = self._reason or known
        return Briefing(self._sent_for, call.state, topics)

    def reached(self, reached: Reached) -> bool:
        """Keep how a transfer went; whether the caller is with a person now."""
        self.transferred = reached
        return reached is Reached.PERSON

    # --- what was decided

    def decided(self, moved: Moved) -> None:
        """Pin the account that a read-back is about to name: a yes to it can draw from no other."""
        started = moved.after.read_back
        if Effect.READ_BACK in moved.effects and started is not None and self.known is not None:
            instrument = self.known.instrument(started.facts.method)
            if instrument is not None:
                self._instruments[started.number] = instrument

    def digest(self, number: int, facts: Facts) -> str:
        """The keyed hash of what was read back, confirmed and sent: equal in all three records."""
        if number in self.digests:
            return self.digests[number]
        instrument = self._instruments.get(number)
        token = instrument.token if instrument else ""
        return self._references.payment_digest(self._call_id, facts.loan, facts.amount, facts.method, token)

    @staticmethod
    def sends(moved: Moved) -> bool:
        """Whether this move sends something out of the house."""
        return bool(SENDS & set(moved.effects))

    async def write(self, connection: AsyncConnection, moved: Moved) -> None:
        """Write, in the transaction of the record, what was confirmed, or whom to call back.

        Raises:
            WriteRefusedError: another payment on this loan is under way, or this confirmation was used.
        """
        if moved.trigger is Trigger.TRANSFER_FAILED and self.transferred is Reached.CLOSED:
            loan_ref = self._references.loan_ref(moved.after.loan) if moved.after.loan else None
            await self._callbacks.ask(connection, self._call_id, loan_ref, self._sent_for)
        sent = moved.after.in_flight
        if sent is None or not self.sends(moved):
            return
        instrument = self._instruments.get(sent.number)
        if instrument is None:
            raise WriteRefusedError("method_is_available")
        facts, digest = sent.facts, self.digest(sent.number, sent.facts)
        try:
            if Effect.RECORD_ENROLMENT in moved.effects:
                enrolment = Enrolment(self._call_id, sent.number, facts.loan, facts.amount, instrument, digest)
                self._reference = await self._payments.enrol(connection, enrolment)
            elif isinstance(facts.amount, int):
                named = (self._call_id, sent.number, facts.loan, facts.amount, facts.method)
                read_back = moved.before.read_back
                once = read_back is None or not read_back.repeat_announced
                intent = Intent(*named, instrument, digest, self._recorded, once)
                self._request = await self._payments.begin(connection, intent)
        except PaymentUnderWayError:
            raise WriteRefusedError("nothing_outstanding") from None
        except ConfirmationUsedError:
            raise WriteRefusedError("read_back_is_finished") from None
        except RepeatedError:
            raise WriteRefusedError("repeat_is_announced") from None

    async def send(self, moved: Moved, now: Callable[[], float]) -> Answered:
        """Ask the gateway, once, and say what it answered. Whatever is not a clear answer is unresolved."""
        sent = moved.after.in_flight
        if sent is None:
            raise ValueError("nothing was confirmed")
        finding = replace(moved.finding, number=sent.number)
        if Effect.RECORD_ENROLMENT in moved.effects:
            return Answered(Trigger.ENROLMENT_RECORDED, replace(finding, now=now(), confirmation=self._reference))
        key = idempotency_key(self._call_id, sent.number)
        answer = await self._ask_gateway()
        finding = replace(finding, now=now())
        match answer:
            case Accepted(confirmation):
                accepted = replace(finding, confirmation=confirmation)
                return Answered(Trigger.PAYMENT_ACCEPTED, accepted, Status.ACCEPTED, key)
            case Declined():
                return Answered(Trigger.PAYMENT_DECLINED, finding, Status.DECLINED, key)
            case _:
                return Answered(Trigger.PAYMENT_UNRESOLVED, finding, Status.UNRESOLVED, key)

    async def _ask_gateway(self) -> Accepted | Declined | None:
        if self._request is None:
            return None
        try:
            async with asyncio.timeout(self._gateway_timeout):
                return await self._gateway.submit(self._request)
        except Exception:  # noqa: BLE001 - whatever a gateway raises, the payment may have been made
            self._watch.failed(Component.GATEWAY)
            return None

    @staticmethod
    def unsure(answered: Answered) -> Answered:
        """An answer that could not be written down: the payment is unresolved, and is looked up later by its key."""
        return replace(answered, trigger=Trigger.PAYMENT_UNRESOLVED, status=None)

    async def settle(self, connection: AsyncConnection, answered: Answered) -> None:
        """Write the gateway's answer, in the transaction of its record."""
        if answered.status is not None:
            await self._payments.settle(connection, answered.key, answered.status, answered.finding.confirmation)


def _nothing(_: Heard) -> Finding:
    return Finding()


_HEARD: dict[Trigger, Callable[[Heard], Finding]] = {
    Trigger.LOAN_OFFERED: lambda heard: Finding(loan=heard.loan),
    Trigger.IDENTITY_OFFERED: lambda heard: Finding(last_four_heard=heard.last_four is not None),
    Trigger.AMOUNT_OFFERED: lambda heard: Finding(amount=heard.amount),
    Trigger.METHOD_OFFERED: lambda heard: Finding(method=heard.method),
    Trigger.PAYMENT_CONFIRMED: lambda heard: Finding(yes=heard.assent is True),
}
"""Which of the values heard a trigger takes: only its own."""
