"""A caller who pays, played to the part of a call that decides, records and sends; and a program that pays naively."""

from __future__ import annotations

import copy
import secrets
import time
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy import insert, select, text

from mortgage_fsm.heard import Heard, Method
from mortgage_fsm.ledger.ports import Accepted, PaymentRequest
from mortgage_fsm.ledger.schema import meta, payments
from mortgage_fsm.ledger.times import utc_now
from mortgage_fsm.machine import Call, Decision, Facts, Finding, Moved, Policy, State, Trigger
from mortgage_fsm.machine.call import Finish, Identity, ReadBack
from mortgage_fsm.voice.deciding import CALL, Decider
from mortgage_fsm.voice.desk import Desk
from mortgage_fsm.voice.listener import RULES
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.turns import Moment, Turn
from mortgage_fsm.wiring import Ledger
from tests.chaos.books import LAST_FOUR, cents_of, loan_of


class Told(StrEnum):
    """What a caller knows at the end of a call."""

    PAID = "paid"
    """It was submitted, or was before: the read-back says that it would be a second payment."""
    DECLINED = "declined"
    NOT_KNOWN = "not known"
    """It cannot be confirmed yet; do not pay again."""
    NOT_NOW = "not now"
    """Nothing was sent."""


ANSWERS = {
    Trigger.PAYMENT_ACCEPTED: Told.PAID,
    Trigger.PAYMENT_DECLINED: Told.DECLINED,
    Trigger.PAYMENT_UNRESOLVED: Told.NOT_KNOWN,
}


NOTE = "paid:"
"""Begins the name of what the naive program writes down."""


class Caller(Protocol):
    """Somebody who wants to pay once."""

    caller: int
    ledger: Ledger

    async def comes_to_confirm(self) -> Told | None:
        """Up to the question whether to submit; what the caller is told, if it does not come to that."""
        ...

    async def is_begun(self) -> bool:
        """Whether a process that was killed had got as far as to write something down, or cannot tell."""
        ...

    async def says_yes(self) -> Told:
        """The yes, and what comes of it."""
        ...


class Payer:
    """One call of a caller: what the orchestrator does on the turns of a call, without a session."""

    def __init__(self, ledger: Ledger, caller: int, *, gateway_timeout: float = 10.0) -> None:
        self.caller = caller
        self.ledger = ledger
        self.id = secrets.token_hex(16)
        self.desk = Desk(
            self.id,
            directory=ledger.directory,
            identity=ledger.identity,
            payments=ledger.payments,
            gateway=ledger.gateway,
            references=ledger.references,
            callbacks=ledger.callbacks,
            gateway_timeout=gateway_timeout,
        )
        self.recorder = Recorder(self.id, ledger.database, ledger.journal, ledger.references)
        self.decider = Decider(Call(policy=Policy()), self.desk, self.recorder, time.time)
        self.turns = 0

    async def comes_to_confirm(self) -> Told | None:
        """All that is asked for, up to a read-back that was heard to its end."""
        await self.recorder.started(self.decider.call, self.decider.began)
        said = {
            Trigger.PAYMENT_REQUESTED: Heard(),
            Trigger.LOAN_OFFERED: Heard(loan=loan_of(self.caller)),
            Trigger.IDENTITY_OFFERED: Heard(last_four=LAST_FOUR),
            Trigger.AMOUNT_OFFERED: Heard(amount=cents_of(self.caller)),
            Trigger.METHOD_OFFERED: Heard(method=Method.BANK_TRANSFER),
        }
        for trigger, heard in said.items():
            await self._says(trigger, heard)
        read_back = self.decider.call.read_back
        if read_back is None:
            return Told.NOT_NOW
        if read_back.repeat_announced:  # "this would be a second payment": once was what was wanted
            return Told.PAID
        turn = Turn(self.turns, at=time.time())
        await self.decider.decide(Trigger.READ_BACK_FINISHED, CALL, turn, read_back.number)
        return None

    async def stands_at_confirm(self) -> None:
        """As if all had been said and heard up to the question whether to submit; of that, nothing is in the log."""
        await self.recorder.started(self.decider.call, self.decider.began)
        loan = await self.ledger.directory.find(loan_of(self.caller))
        if loan is None:
            raise LookupError("the caller has no loan")
        facts, now = Facts(loan.number, cents_of(self.caller), Method.BANK_TRANSFER), self.decider.now()
        self.desk._instruments[1] = loan.instruments[0]
        self.decider.call = Call(
            state=State.CONFIRMING,
            loan=loan.number,
            identity=Identity(loan.number, now),
            amount=facts.amount,
            method=facts.method,
            paying=True,
            read_back=ReadBack(1, facts, finish=Finish(0, now)),
            read_backs=1,
        )

    async def twins(self, how_many: int) -> list[Payer]:
        """The same call several times over, as processes would have it that each took it for its own.

        All of them found, before any wrote, that nothing stands in the way of the yes.
        """
        turn = Turn(self.turns + 1, heard=Heard(assent=True), at=time.time())
        moment = Moment(self.decider.now(), turn=turn.number)
        finding = await self.desk.find(self.decider.call, Trigger.PAYMENT_CONFIRMED, turn.heard, moment)

        async def found(*_: object) -> Finding:
            return finding

        twins = [copy.copy(self) for _ in range(how_many)]
        for other in twins:
            other.desk, other.recorder = copy.copy(self.desk), copy.copy(self.recorder)
            other.desk.find = found  # type: ignore[method-assign, assignment] # of this one alone
            other.recorder._late = []
            other.decider = replace(self.decider, desk=other.desk, recorder=other.recorder)
            other.decider.began = self.decider.began
        return twins

    async def is_begun(self) -> bool:
        """Whether the intent is in the ledger. A server may still be busy with the commit of a client that is dead."""
        async with self.ledger.database.transaction() as connection:
            if not self.ledger.database.is_sqlite:
                await connection.execute(text("LOCK TABLE payments IN SHARE MODE"))
            return await connection.scalar(select(payments.c.id).where(payments.c.call == self.id)) is not None

    async def says_yes(self) -> Told:
        """One transaction, the gateway, another transaction: in the order in which a call does it."""
        moved = await self._says(Trigger.PAYMENT_CONFIRMED, Heard(assent=True))
        if not isinstance(moved, Moved) or not self.desk.sends(moved):
            return Told.NOT_NOW
        answered = await self.desk.send(moved, self.decider.now)
        taken = await self.decider.take_answer(answered, Turn(self.turns, at=time.time()))
        return ANSWERS[taken.trigger]

    async def hangs_up(self) -> None:
        """The end of the call, and its last record."""
        await self.decider.decide(Trigger.CALL_HUNG_UP, CALL, Turn(self.turns, at=time.time()))
        await self.recorder.ended(self.decider.call)

    @property
    def state(self) -> State:
        """Where the call stands."""
        return self.decider.call.state

    async def _says(self, trigger: Trigger, heard: Heard) -> Decision:
        self.turns += 1
        turn = Turn(self.turns, heard=heard, at=time.time(), state=self.state)
        return await self.decider.decide(trigger, RULES, turn)


class NaivePayer:
    """What is often done instead: ask the processor, without a key of the wish's own; then write down what it did."""

    def __init__(self, ledger: Ledger, caller: int) -> None:
        self.caller = caller
        self.ledger = ledger

    async def comes_to_confirm(self) -> Told | None:
        """Pay once: unless it is written down that it was paid."""
        async with self.ledger.database.reading() as connection:
            written = await connection.scalar(select(meta.c.value).where(meta.c.name == self._name))
        return None if written is None else Told.PAID

    async def is_begun(self) -> bool:
        """Nobody can tell."""
        return True

    async def says_yes(self) -> Told:
        """Pay, then write it down."""
        loan = loan_of(self.caller)
        key, not_after = secrets.token_hex(16), utc_now() + timedelta(minutes=1)
        token = f"checking-{loan}"
        request = PaymentRequest(key, loan, cents_of(self.caller), Method.BANK_TRANSFER, token, not_after)
        answer = await self.ledger.gateway.submit(request)
        if not isinstance(answer, Accepted):
            return Told.DECLINED
        async with self.ledger.database.transaction() as connection:
            await connection.execute(insert(meta).values(name=self._name, value=answer.confirmation))
        return Told.PAID

    @property
    def _name(self) -> str:
        return f"{NOTE}{self.caller}"
