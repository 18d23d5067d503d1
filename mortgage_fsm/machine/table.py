"""TABLE: every move that a call can make, one line each, in the order in which they are tried.

Read a line as a sentence: in this state, when this happened, only if these hold, go there, and then do that; the last
cell names what the move sets and clears on the call. The first line whose guards hold is taken; if none does, nothing
changes. A move that is not written here does not exist: there is no wildcard and no "otherwise".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from mortgage_fsm.machine import changes as set_
from mortgage_fsm.machine import guards as only_if
from mortgage_fsm.machine.call import Call, Finding
from mortgage_fsm.machine.states import Effect as Then
from mortgage_fsm.machine.states import State, Trigger

Guard = Callable[[Call, Finding], bool]
Change = Callable[[Call, Finding], Call]


@dataclass(frozen=True, slots=True)
class Row:
    """One move: one state, one trigger, the guards that must hold, the state it leads to."""

    state: State
    when: Trigger
    only_if: tuple[Guard, ...]
    to: State
    then: tuple[Then, ...]
    facts: tuple[Change, ...]


class Line(NamedTuple):
    """Rows that differ in their state alone. `to` None: the state the row is in."""

    states: tuple[State, ...]
    when: Trigger
    only_if: tuple[Guard, ...]
    to: State | None
    then: tuple[Then, ...] = ()
    facts: tuple[Change, ...] = ()


ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, CONFIRMING, SUBMITTED = State
SAME = None

_free = only_if.nothing_in_flight
_identity = only_if.identity_holds
_unlocked = only_if.not_locked
_within = only_if.amount_is_within_limits
_on_file = only_if.method_is_available
_wanted = only_if.payment_is_wanted

READY = (_unlocked, _identity, only_if.loan_is_payable, only_if.nothing_outstanding)
PROVED = (only_if.last_four_is_heard, only_if.attempt_is_counted, only_if.identity_matches, only_if.loan_is_set)
PAYABLE = (_wanted, only_if.loan_is_payable, only_if.nothing_outstanding)
SURE = (only_if.yes_is_heard, _free, *READY, _within, _on_file)
HEARD = (
    only_if.read_back_is_finished,
    only_if.read_back_is_current,
    only_if.read_back_is_fresh,
    only_if.yes_is_next,
    only_if.repeat_is_announced,
)

_drop_values = (set_.amount_cleared, set_.method_cleared)
_drop_payment = (*_drop_values, set_.payment_not_wanted)
_drop_all = (set_.loan_cleared, *_drop_payment, set_.loan_fact_cleared)
_hang_up = (*_drop_all, set_.identity_cleared, set_.read_back_void, set_.ended_set)
_no_payments = (*_drop_payment, set_.loan_fact_cleared, set_.identity_expired, set_.transfer_cleared)
_answered = (set_.in_flight_cleared, *_drop_payment)
_matched = (set_.identity_matched, set_.loan_fact_cleared)

# fmt: off
SECTIONS: tuple[tuple[str, tuple[Line, ...]], ...] = (
    ("Questions and going back", (
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, SUBMITTED), Trigger.QUESTION_ASKED, (), ADVISING, (Then.LOOK_UP,)),
        Line((CONFIRMING,), Trigger.QUESTION_ASKED, (_free,), ADVISING, (Then.LOOK_UP,)),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, SUBMITTED), Trigger.ADVISOR_ASKED, (), ADVISING),
        Line((CONFIRMING,), Trigger.ADVISOR_ASKED, (_free,), ADVISING),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD), Trigger.PAYMENT_CANCELLED, (), ADVISING, (Then.SAY_NOTHING_WAS_PAID,), (*_drop_payment, set_.loan_fact_cleared)),
        Line((CONFIRMING,), Trigger.PAYMENT_CANCELLED, (_free,), ADVISING, (Then.SAY_NOTHING_WAS_PAID,), (*_drop_payment, set_.loan_fact_cleared)),
        Line((SUBMITTED,), Trigger.PAYMENT_CANCELLED, (), SUBMITTED, (Then.OFFER_A_PERSON,)),
    )),
    ("The caller's own loan facts", (
        Line((ADVISING, SUBMITTED), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _unlocked, _identity, only_if.loan_is_payable), SAME, (Then.ANSWER,), (set_.loan_fact_cleared,)),
        Line((ADVISING, SUBMITTED), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _unlocked, _identity), SAME, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), (set_.loan_fact_cleared,)),
        Line((ADVISING, SUBMITTED), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _unlocked, only_if.loan_is_set), VERIFYING),
        Line((ADVISING,), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _unlocked), LOAN),
        Line((LOAN, VERIFYING), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard,), SAME),
        Line((AMOUNT, METHOD), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _identity, only_if.loan_is_payable), SAME, (Then.ANSWER,), (set_.loan_fact_cleared,)),
        Line((AMOUNT, METHOD), Trigger.LOAN_FACT_ASKED, (only_if.loan_fact_is_heard, _identity), SAME, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), (set_.loan_fact_cleared,)),
        Line((CONFIRMING,), Trigger.LOAN_FACT_ASKED, (_free, only_if.loan_fact_is_heard, _identity, only_if.loan_is_payable), CONFIRMING, (Then.ANSWER, Then.READ_BACK), (set_.loan_fact_cleared,)),
        Line((CONFIRMING,), Trigger.LOAN_FACT_ASKED, (_free, only_if.loan_fact_is_heard, _identity), CONFIRMING, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), (set_.loan_fact_cleared, set_.read_back_void)),
    )),
    ("Asking to pay: the first missing fact", (
        Line((ADVISING, SUBMITTED), Trigger.PAYMENT_REQUESTED, (*READY, _within, _on_file), CONFIRMING, (Then.READ_BACK,), (set_.payment_wanted,)),
        Line((ADVISING, SUBMITTED), Trigger.PAYMENT_REQUESTED, (*READY, _within), METHOD, (), (set_.payment_wanted, set_.method_cleared)),
        Line((ADVISING, SUBMITTED), Trigger.PAYMENT_REQUESTED, READY, AMOUNT, (), (set_.payment_wanted, set_.amount_cleared)),
        Line((ADVISING, SUBMITTED), Trigger.PAYMENT_REQUESTED, (_unlocked, _identity), SAME, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), (set_.payment_not_wanted,)),
        Line((ADVISING, SUBMITTED), Trigger.PAYMENT_REQUESTED, (_unlocked, only_if.loan_is_set), VERIFYING, (), (set_.payment_wanted,)),
        Line((ADVISING,), Trigger.PAYMENT_REQUESTED, (_unlocked,), LOAN, (), (set_.payment_wanted,)),
        Line((LOAN, VERIFYING), Trigger.PAYMENT_REQUESTED, (), SAME, (), (set_.payment_wanted,)),
    )),
    ("Loan", (
        Line((ADVISING, SUBMITTED), Trigger.LOAN_OFFERED, (only_if.loan_is_heard,), SAME),
        Line((LOAN, VERIFYING), Trigger.LOAN_OFFERED, (only_if.loan_is_heard,), VERIFYING),
        Line((AMOUNT, METHOD), Trigger.LOAN_OFFERED, (only_if.loan_is_heard, _identity), SAME),
        Line((AMOUNT, METHOD), Trigger.LOAN_OFFERED, (only_if.loan_is_heard,), VERIFYING),
        Line((CONFIRMING,), Trigger.LOAN_OFFERED, (_free, only_if.loan_is_heard, _identity), CONFIRMING, (Then.READ_BACK,)),
        Line((CONFIRMING,), Trigger.LOAN_OFFERED, (_free, only_if.loan_is_heard), VERIFYING),
    )),
    ("Identity: the attempt was counted by the ledger before it compared", (
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (*PROVED, *PAYABLE, _within, _on_file), CONFIRMING, (Then.ANSWER, Then.READ_BACK), _matched),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (*PROVED, *PAYABLE, _within), METHOD, (Then.ANSWER,), (*_matched, set_.method_cleared)),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (*PROVED, *PAYABLE), AMOUNT, (Then.ANSWER,), (*_matched, set_.amount_cleared)),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (*PROVED, _wanted), ADVISING, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), (*_matched, set_.payment_not_wanted)),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (*PROVED, only_if.loan_is_payable), ADVISING, (Then.ANSWER,), _matched),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, PROVED, ADVISING, (Then.SAY_WHY_NOT, Then.OFFER_A_PERSON), _matched),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (only_if.last_four_is_heard, only_if.attempts_remain), VERIFYING, (Then.SAY_NO_MATCH,)),
        Line((VERIFYING,), Trigger.IDENTITY_OFFERED, (only_if.last_four_is_heard,), ADVISING, (Then.SAY_LOCKED, Then.OFFER_A_PERSON), (*_drop_all, set_.locked_set, set_.identity_cleared)),
    )),
    ("Amount", (
        Line((ADVISING, LOAN, VERIFYING, SUBMITTED), Trigger.AMOUNT_OFFERED, (only_if.amount_is_heard,), SAME),
        Line((AMOUNT,), Trigger.AMOUNT_OFFERED, (only_if.amount_is_heard, _identity, _within, _on_file), CONFIRMING, (Then.READ_BACK,)),
        Line((AMOUNT,), Trigger.AMOUNT_OFFERED, (only_if.amount_is_heard, _identity, _within), METHOD, (), (set_.method_cleared,)),
        Line((METHOD,), Trigger.AMOUNT_OFFERED, (only_if.amount_is_heard, _identity, _within), METHOD),
        Line((METHOD,), Trigger.AMOUNT_OFFERED, (only_if.amount_is_heard, _identity), AMOUNT, (Then.SAY_THE_LIMIT,), (set_.amount_cleared,)),
        Line((CONFIRMING,), Trigger.AMOUNT_OFFERED, (_free, only_if.amount_is_heard, _identity, _within, _on_file), CONFIRMING, (Then.READ_BACK,)),
        Line((CONFIRMING,), Trigger.AMOUNT_OFFERED, (_free, only_if.amount_is_heard, _identity, _within), METHOD, (Then.SAY_WHAT_IS_ON_FILE,), (set_.method_cleared,)),
        Line((CONFIRMING,), Trigger.AMOUNT_OFFERED, (_free, only_if.amount_is_heard, _identity), AMOUNT, (Then.SAY_THE_LIMIT,), (set_.amount_cleared,)),
    )),
    ("Method", (
        Line((ADVISING, LOAN, VERIFYING, SUBMITTED), Trigger.METHOD_OFFERED, (only_if.method_is_heard,), SAME),
        Line((AMOUNT,), Trigger.METHOD_OFFERED, (only_if.method_is_heard, _identity, _on_file), AMOUNT),
        Line((METHOD,), Trigger.METHOD_OFFERED, (only_if.method_is_heard, _identity, _within, _on_file), CONFIRMING, (Then.READ_BACK,)),
        Line((CONFIRMING,), Trigger.METHOD_OFFERED, (_free, only_if.method_is_heard, _identity, _within, _on_file), CONFIRMING, (Then.READ_BACK,)),
        Line((CONFIRMING,), Trigger.METHOD_OFFERED, (_free, only_if.method_is_heard, _identity, _within), METHOD, (Then.SAY_WHAT_IS_ON_FILE,), (set_.method_cleared,)),
    )),
    ("A change without its new value", (
        Line((ADVISING, LOAN, VERIFYING), Trigger.AMOUNT_CHANGE_ASKED, (), SAME, (), (set_.amount_cleared,)),
        Line((ADVISING, LOAN, VERIFYING), Trigger.METHOD_CHANGE_ASKED, (), SAME, (), (set_.method_cleared,)),
        Line((ADVISING, LOAN), Trigger.LOAN_CHANGE_ASKED, (), SAME, (), (set_.loan_cleared,)),
        Line((VERIFYING, AMOUNT, METHOD), Trigger.LOAN_CHANGE_ASKED, (), LOAN, (), (set_.loan_cleared,)),
        Line((AMOUNT, METHOD), Trigger.AMOUNT_CHANGE_ASKED, (_identity,), AMOUNT, (), (set_.amount_cleared,)),
        Line((AMOUNT,), Trigger.METHOD_CHANGE_ASKED, (_identity,), AMOUNT, (), (set_.method_cleared,)),
        Line((METHOD,), Trigger.METHOD_CHANGE_ASKED, (_identity, _within), METHOD, (), (set_.method_cleared,)),
        Line((CONFIRMING,), Trigger.LOAN_CHANGE_ASKED, (_free,), LOAN, (), (set_.loan_cleared,)),
        Line((CONFIRMING,), Trigger.AMOUNT_CHANGE_ASKED, (_free, _identity), AMOUNT, (), (set_.amount_cleared,)),
        Line((CONFIRMING,), Trigger.METHOD_CHANGE_ASKED, (_free, _identity, _within), METHOD, (), (set_.method_cleared,)),
        Line((SUBMITTED,), Trigger.LOAN_CHANGE_ASKED, (), SUBMITTED, (Then.OFFER_A_PERSON,)),
        Line((SUBMITTED,), Trigger.AMOUNT_CHANGE_ASKED, (), SUBMITTED, (Then.OFFER_A_PERSON,)),
        Line((SUBMITTED,), Trigger.METHOD_CHANGE_ASKED, (), SUBMITTED, (Then.OFFER_A_PERSON,)),
    )),
    ("Read-back and confirmation", (
        Line((CONFIRMING,), Trigger.READ_BACK_FINISHED, (only_if.read_back_is_playing, only_if.read_back_is_current), CONFIRMING, (), (set_.read_back_finished,)),
        Line((CONFIRMING,), Trigger.READ_BACK_INTERRUPTED, (only_if.read_back_is_playing,), CONFIRMING, (), (set_.read_back_void,)),
        Line((CONFIRMING,), Trigger.PAYMENT_CONFIRMED, (*SURE, *HEARD, only_if.statement_is_asked), CONFIRMING, (Then.READ_BACK,), (set_.statement_agreed,)),
        Line((CONFIRMING,), Trigger.PAYMENT_CONFIRMED, (*SURE, *HEARD, only_if.statements_are_agreed, only_if.method_is_autopay), CONFIRMING, (Then.RECORD_ENROLMENT,), (set_.in_flight_set,)),
        Line((CONFIRMING,), Trigger.PAYMENT_CONFIRMED, (*SURE, *HEARD, only_if.statements_are_agreed), CONFIRMING, (Then.SUBMIT_PAYMENT,), (set_.in_flight_set,)),
        Line((CONFIRMING,), Trigger.PAYMENT_CONFIRMED, (*SURE, only_if.read_back_is_not_playing, only_if.yes_is_later), CONFIRMING, (Then.READ_BACK,)),
        Line((CONFIRMING,), Trigger.READ_BACK_REJECTED, (_free, only_if.statement_is_asked), ADVISING, (Then.SAY_STATEMENT_NEEDED, Then.OFFER_A_PERSON), _drop_payment),
        Line((CONFIRMING,), Trigger.READ_BACK_REJECTED, (_free,), CONFIRMING, (Then.ASK_WHAT_TO_CHANGE,), (set_.read_back_void,)),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, SUBMITTED), Trigger.REPEAT_ASKED, (), SAME, (Then.SAY_AGAIN,)),
        Line((CONFIRMING,), Trigger.REPEAT_ASKED, (_free, _identity), CONFIRMING, (Then.READ_BACK,)),
    )),
    ("Answers of the outside world", (
        Line((CONFIRMING,), Trigger.PAYMENT_ACCEPTED, (only_if.payment_in_flight, only_if.confirmation_is_given), SUBMITTED, (Then.SAY_THE_CONFIRMATION,), (*_answered, set_.confirmation_set)),
        Line((CONFIRMING,), Trigger.ENROLMENT_RECORDED, (only_if.enrolment_in_flight, only_if.confirmation_is_given), SUBMITTED, (Then.SAY_THE_REFERENCE,), (*_answered, set_.confirmation_set)),
        Line((CONFIRMING,), Trigger.PAYMENT_DECLINED, (only_if.submission_in_flight, _identity, _within), METHOD, (Then.SAY_DECLINED,), (set_.in_flight_cleared, set_.method_cleared)),
        Line((CONFIRMING,), Trigger.PAYMENT_DECLINED, (only_if.submission_in_flight,), ADVISING, (Then.SAY_DECLINED,), _answered),
        Line((CONFIRMING,), Trigger.PAYMENT_UNRESOLVED, (only_if.submission_in_flight,), ADVISING, (Then.SAY_NOT_TO_PAY_AGAIN,), (set_.outstanding_added, *_answered)),
        Line(tuple(State), Trigger.PAYMENT_RESOLVED, (only_if.payment_is_outstanding,), SAME, (Then.SAY_THE_RESULT,), (set_.outstanding_removed,)),
    )),
    ("A person", (
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, SUBMITTED), Trigger.HUMAN_ASKED, (), SAME, (Then.TRANSFER,), (set_.transfer_under_way,)),
        Line((CONFIRMING,), Trigger.HUMAN_ASKED, (_free,), CONFIRMING, (Then.TRANSFER,), (set_.transfer_under_way, set_.read_back_void)),
        Line((CONFIRMING,), Trigger.HUMAN_ASKED, (), CONFIRMING, (Then.SAY_ONE_MOMENT,), (set_.transfer_wanted,)),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD, SUBMITTED), Trigger.TRANSFER_FAILED, (only_if.transfer_is_under_way,), SAME, (Then.SAY_TRANSFER_FAILED,), (set_.transfer_cleared,)),
        Line((CONFIRMING,), Trigger.TRANSFER_FAILED, (only_if.transfer_is_under_way, _free, _identity), CONFIRMING, (Then.SAY_TRANSFER_FAILED, Then.READ_BACK), (set_.transfer_cleared,)),
        Line((CONFIRMING,), Trigger.TRANSFER_FAILED, (only_if.transfer_is_under_way, _free), CONFIRMING, (Then.SAY_TRANSFER_FAILED,), (set_.transfer_cleared,)),
    )),
    ("Time, hang-up, restart, store", (
        Line((ADVISING, SUBMITTED), Trigger.IDLE_LIMIT_REACHED, (), SAME, (), (set_.identity_expired,)),
        Line((AMOUNT, METHOD), Trigger.IDLE_LIMIT_REACHED, (), VERIFYING, (), (set_.identity_expired,)),
        Line((CONFIRMING,), Trigger.IDLE_LIMIT_REACHED, (_free,), VERIFYING, (), (set_.identity_expired,)),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD), Trigger.CALL_HUNG_UP, (only_if.call_is_live,), ADVISING, (Then.CLOSE,), _hang_up),
        Line((SUBMITTED,), Trigger.CALL_HUNG_UP, (only_if.call_is_live,), SUBMITTED, (Then.CLOSE,), _hang_up),
        Line((CONFIRMING,), Trigger.CALL_HUNG_UP, (only_if.call_is_live, _free), ADVISING, (Then.CLOSE,), _hang_up),
        Line((CONFIRMING,), Trigger.CALL_HUNG_UP, (only_if.call_is_live,), CONFIRMING, (Then.WAIT_FOR_THE_ANSWER,), (set_.identity_cleared, set_.ended_set)),
        Line((ADVISING, LOAN, VERIFYING, SUBMITTED), Trigger.CALL_RESUMED, (only_if.call_is_live,), SAME, (Then.SAY_RESUMED,), (set_.identity_expired, set_.transfer_cleared)),
        Line((AMOUNT, METHOD), Trigger.CALL_RESUMED, (only_if.call_is_live,), VERIFYING, (Then.SAY_RESUMED,), (set_.identity_expired, set_.transfer_cleared)),
        Line((CONFIRMING,), Trigger.CALL_RESUMED, (only_if.call_is_live, _free), VERIFYING, (Then.SAY_RESUMED,), (set_.identity_expired, set_.transfer_cleared)),
        Line((ADVISING, LOAN, VERIFYING, AMOUNT, METHOD), Trigger.RECORD_FAILED, (only_if.call_is_live,), ADVISING, (Then.SAY_NO_PAYMENTS_NOW,), _no_payments),
        Line((SUBMITTED,), Trigger.RECORD_FAILED, (only_if.call_is_live,), SUBMITTED, (Then.SAY_NO_PAYMENTS_NOW,), _no_payments),
        Line((CONFIRMING,), Trigger.RECORD_FAILED, (only_if.call_is_live, _free), ADVISING, (Then.SAY_NO_PAYMENTS_NOW,), _no_payments),
    )),
)
# fmt: on

ALSO_ON_A_CLOSED_CALL = frozenset(
    {
        Trigger.PAYMENT_ACCEPTED,
        Trigger.PAYMENT_DECLINED,
        Trigger.PAYMENT_UNRESOLVED,
        Trigger.ENROLMENT_RECORDED,
        Trigger.PAYMENT_RESOLVED,
        Trigger.TRANSFER_FAILED,
        Trigger.CALL_HUNG_UP,
        Trigger.CALL_RESUMED,
        Trigger.RECORD_FAILED,
    }
)
"""Triggers whose rows do not begin with `call_is_open`; every other row does."""


def _rows() -> tuple[Row, ...]:
    return tuple(
        Row(
            state,
            line.when,
            line.only_if if line.when in ALSO_ON_A_CLOSED_CALL else (only_if.call_is_open, *line.only_if),
            line.to or state,
            line.then,
            line.facts,
        )
        for _, lines in SECTIONS
        for line in lines
        for state in line.states
    )


TABLE = _rows()

TRIGGERS_IN = {state: tuple(dict.fromkeys(row.when for row in TABLE if row.state is state)) for state in State}
"""The triggers that have a row in each state, in the order of the table."""


def named(row: Row) -> str:
    """One row as people speak of it."""
    return f"{row.state} {row.when} -> {row.to} {[str(effect) for effect in row.then]}"


def written(row: Row) -> str:
    """One row as one line of text: what the table's hash is taken over."""
    cells = (
        row.state,
        row.when,
        ",".join(guard.__name__ for guard in row.only_if),
        row.to,
        ",".join(row.then),
        ",".join(change.__name__ for change in row.facts),
    )
    return "|".join(cells)


def hash_of(table: Iterable[Row]) -> str:
    """SHA-256 over the rows as written, in their order, in hexadecimal."""
    return hashlib.sha256("\n".join(written(row) for row in table).encode()).hexdigest()


TABLE_HASH = hash_of(TABLE)
"""Identity of this table, printed on the diagram and in every record."""
