"""The seven states of a call and the triggers that can move it. There is no eighth state and no unnamed trigger."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a call stands. Waiting for the gateway, being transferred or being locked out are facts, not states."""

    ADVISING = "advising"
    COLLECTING_LOAN = "collecting_loan"
    VERIFYING = "verifying"
    AMOUNT = "amount"
    METHOD = "method"
    CONFIRMING = "confirming"
    SUBMITTED = "submitted"


class Trigger(StrEnum):
    """What happened: what the caller did, or what the outside world answered. It cannot make itself true."""

    QUESTION_ASKED = "question_asked"
    ADVISOR_ASKED = "advisor_asked"
    LOAN_FACT_ASKED = "loan_fact_asked"
    PAYMENT_REQUESTED = "payment_requested"
    PAYMENT_CANCELLED = "payment_cancelled"
    LOAN_OFFERED = "loan_offered"
    IDENTITY_OFFERED = "identity_offered"
    AMOUNT_OFFERED = "amount_offered"
    METHOD_OFFERED = "method_offered"
    LOAN_CHANGE_ASKED = "loan_change_asked"
    AMOUNT_CHANGE_ASKED = "amount_change_asked"
    METHOD_CHANGE_ASKED = "method_change_asked"
    READ_BACK_FINISHED = "read_back_finished"
    READ_BACK_INTERRUPTED = "read_back_interrupted"
    READ_BACK_REJECTED = "read_back_rejected"
    PAYMENT_CONFIRMED = "payment_confirmed"
    REPEAT_ASKED = "repeat_asked"
    PAYMENT_ACCEPTED = "payment_accepted"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_UNRESOLVED = "payment_unresolved"
    PAYMENT_RESOLVED = "payment_resolved"
    ENROLMENT_RECORDED = "enrolment_recorded"
    HUMAN_ASKED = "human_asked"
    TRANSFER_FAILED = "transfer_failed"
    IDLE_LIMIT_REACHED = "idle_limit_reached"
    CALL_HUNG_UP = "call_hung_up"
    CALL_RESUMED = "call_resumed"
    RECORD_FAILED = "record_failed"


class Effect(StrEnum):
    """What the orchestrator does, once, after a move was recorded. The names are the words of the auditor's table."""

    LOOK_UP = "look up"
    ANSWER = "answer"
    """Say the loan fact that the caller asked for, if one was asked for."""
    READ_BACK = "read back"
    SUBMIT_PAYMENT = "submit payment"
    RECORD_ENROLMENT = "record enrolment"
    """Enrolment and its written copy are queued in the transaction that records the yes."""
    TRANSFER = "transfer"
    CLOSE = "close"
    WAIT_FOR_THE_ANSWER = "wait for the answer"
    OFFER_A_PERSON = "offer a person"
    SAY_AGAIN = "say again"
    SAY_WHY_NOT = "say why not"
    SAY_NOTHING_WAS_PAID = "say nothing was paid"
    SAY_THE_LIMIT = "say the limit"
    SAY_WHAT_IS_ON_FILE = "say what is on file"
    SAY_NO_MATCH = "say no match"
    """Ask for the loan number or the last four again: the words do not tell which was wrong."""
    SAY_LOCKED = "say locked"
    ASK_WHAT_TO_CHANGE = "ask what to change"
    SAY_THE_CONFIRMATION = "say the confirmation number"
    SAY_THE_REFERENCE = "say the reference"
    SAY_DECLINED = "say declined"
    SAY_NOT_TO_PAY_AGAIN = "say not to pay again"
    SAY_THE_RESULT = "say the result"
    SAY_ONE_MOMENT = "say one moment"
    SAY_TRANSFER_FAILED = "say the transfer failed"
    SAY_RESUMED = "say the call goes on"
    SAY_NO_PAYMENTS_NOW = "say no payments now"
