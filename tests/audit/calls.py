"""Calls held by the machine and recorded as a worker records them: real decisions, without a voice and without a disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mortgage_fsm.audit import lines
from mortgage_fsm.audit.chain import START, Head, Sealed, Stamp, canonical, seal
from mortgage_fsm.audit.continuity import agent_of
from mortgage_fsm.audit.decisions import draft_of
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import HeardBy, RecordType
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.audit.sealing import timestamp
from mortgage_fsm.heard import Method
from mortgage_fsm.machine import TABLE_HASH, Decision, Facts, Trigger
from mortgage_fsm.spoken import VERSION
from tests.machine.conversation import AUTOPAY, CARD, OTHER_LOAN, Conversation, locked, read_back, submitted, verifying

KEY = References(bytes(range(32)), "k1")
STAMP = Stamp(key_id="k1", machine=TABLE_HASH, build="0.1.0")
BEGAN = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def records(talk: Conversation, number: int, *, ended: bool = True) -> list[Sealed]:
    """The records of a conversation, as call with this number."""
    call = f"{number:032x}"

    def digest(read_back: int, facts: Facts) -> str:
        return KEY.payment_digest(call, facts.loan, facts.amount, facts.method, f"token-{read_back}")

    def draft(decision: Decision) -> Draft:
        turn = decision.finding.turn
        given = f"MP-AA{number:04}{decision.finding.number:02}" if decision.finding.confirmation else None
        return draft_of(
            decision._replace(finding=replace(decision.finding, confirmation=given)),
            turn=turn,
            heard_by=HeardBy.RULES,
            agent=agent_of(decision.after.state),
            heard=VERSION,
            words_ref=KEY.words_ref(call, turn, "as it was said"),
            attempts_left=2 if decision.trigger is Trigger.IDENTITY_OFFERED else None,
            loan_ref=KEY.loan_ref,
            digest=digest,
        )

    drafts = [Draft(type=RecordType.CALL_STARTED, state_to="advising", agent="MortgageRetrievalAgent", statements=0)]
    drafts += [draft(each) for each in talk.decisions]
    if ended:
        drafts.append(Draft(type=RecordType.CALL_ENDED, state_to=talk.state, reason="hung_up"))
    return sealed_on(drafts, call, START, BEGAN + timedelta(minutes=number))


def sealed_on(drafts: Iterable[Draft], call: str, head: Head, began: datetime = BEGAN) -> list[Sealed]:
    """These drafts as the next records of a call, a second apart."""
    made: list[Sealed] = []
    for number, each in enumerate(drafts):
        ts = timestamp(began + timedelta(seconds=number))
        made.append(seal(each, call=call, ts=ts, stamp=STAMP, head=head))
        head = Head(made[-1].seq, made[-1].hash)
    return made


def line(one: Sealed) -> bytes:
    return lines.written(one.body, one.hash).encode()


def lines_of(call: Iterable[Sealed]) -> list[bytes]:
    return [line(each) for each in call]


def rewritten(call: Iterable[bytes], numbers: int | set[int], **changes: Any) -> list[bytes]:
    """The lines of a call with these records changed, and every hash from there on made right: a chain without a fault."""
    made, prev = [], None
    changed = {numbers} if isinstance(numbers, int) else numbers
    for each in call:
        record = json.loads(each)
        if record["seq"] in changed:
            record |= changes
            record = {name: value for name, value in record.items() if value is not None}
        del record["hash"]
        if prev is not None:
            record["prev"] = prev
        prev = hashlib.sha256(canonical(record).encode()).hexdigest()
        made.append(canonical(record | {"hash": prev}).encode())
    return made


def _changes_its_mind() -> Conversation:
    talk = read_back()
    talk.gives_amount(90_000)
    talk.told()
    talk.gives_method(AUTOPAY)
    talk.told()
    talk.gives_loan(OTHER_LOAN)
    talk.gives_last_four()
    talk.fire(Trigger.PAYMENT_CANCELLED)
    talk.fire(Trigger.CALL_HUNG_UP)
    return talk


def _pays_twice() -> Conversation:
    talk = submitted()
    talk.asks_to_pay()
    talk.gives_amount(70_000)
    talk.gives_method(CARD)
    talk.gives_method()
    talk.told()
    talk.says_yes()
    talk.answered(Trigger.PAYMENT_UNRESOLVED)
    talk.fire(Trigger.CALL_HUNG_UP)
    return talk


def _enrols() -> Conversation:
    talk = read_back(Method.AUTOPAY)
    talk.fire(Trigger.READ_BACK_INTERRUPTED)
    talk.fire(Trigger.REPEAT_ASKED)
    talk.told()
    talk.says_yes()
    talk.answered(Trigger.ENROLMENT_RECORDED)
    return talk


def _asks() -> Conversation:
    talk = verifying()
    talk.asks_when_it_is_due()
    talk.gives_last_four("9999")
    talk.gives_last_four()
    talk.fire(Trigger.HUMAN_ASKED)
    talk.fire(Trigger.TRANSFER_FAILED)
    return talk


CALLS: tuple[Callable[[], Conversation], ...] = (_pays_twice, _changes_its_mind, _enrols, locked, _asks)


def log(size: int = 200) -> list[bytes]:
    """The lines of an export of this many records, one call after the other; the last call may not have ended."""
    made: list[bytes] = []
    while len(made) < size:
        number = len(made) + 1
        made += [line(each) for each in records(CALLS[number % len(CALLS)](), number)]
    return made[:size]
