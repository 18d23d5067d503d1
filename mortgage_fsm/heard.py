"""What a caller's words can say, as plain values: the one vocabulary that `spoken` fills in and `machine` decides on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Method(StrEnum):
    """How a payment is made. Always from an instrument on file; no account or card number is ever spoken."""

    BANK_TRANSFER = "bank_transfer"
    DEBIT_CARD = "debit_card"
    AUTOPAY = "autopay"


class Wish(StrEnum):
    """An amount named by what it is, not by its figure. The ledger supplies the figure once identity holds."""

    AMOUNT_DUE = "amount_due"


class LoanFact(StrEnum):
    """What a caller may ask about their own loan; spoken by the machine from the ledger, after identity."""

    AMOUNT_DUE = "amount_due"
    DUE_DATE = "due_date"
    LAST_PAYMENT = "last_payment"


class Slot(StrEnum):
    """What the call is waiting for. It settles what a bare number or a bare word means."""

    LOAN = "loan"
    LAST_FOUR = "last_four"
    AMOUNT = "amount"
    METHOD = "method"
    ASSENT = "assent"


class Intent(StrEnum):
    """What the caller wants done, said in plain words."""

    PAY = "pay"
    CANCEL = "cancel"
    HUMAN = "human"
    ADVISOR = "advisor"
    REPEAT = "repeat"
    CHANGE_LOAN = "change_loan"
    CHANGE_AMOUNT = "change_amount"
    CHANGE_METHOD = "change_method"
    LOAN_FACT = "loan_fact"
    QUESTION = "question"
    NO_LOAN_NUMBER = "no_loan_number"
    NOT_OFFERED = "not_offered"
    """A thing we do not do: a future date, extra to principal, another payer, a credit card, a card number read out."""
    GOODBYE = "goodbye"
    THANKS = "thanks"
    WHO = "who"
    """Asks whom they are talking to; answered at once and the same way every time (state law on AI disclosure)."""
    GREETING = "greeting"


class Reason(StrEnum):
    """Why a caller is to speak with a person: in their own words, or by what is known of the call."""

    ASKED = "asked"
    DISPUTE = "dispute"
    """Says that a payment was not theirs to make, or not authorised."""
    HARDSHIP = "hardship"
    FRAUD = "fraud"
    OTHER_LOAN = "other_loan"
    """Somebody else's loan."""
    FLAGGED = "flagged"
    """The loan is one that people look after."""
    LOCKED_OUT = "locked_out"
    """Could not show who they are."""


@dataclass(frozen=True, slots=True)
class Heard:
    """All that was read from one caller turn. A value that is not certain is None, and is asked for again."""

    loan: str | None = None
    """Loan number, digits only."""
    last_four: str | None = None
    """Last four digits of the SSN, as four characters."""
    amount: int | Wish | None = None
    """Integer US cents, or the wish for the amount due."""
    method: Method | None = None
    assent: bool | None = None
    """True for a clear yes to exactly what was asked, False for a clear no, None for anything else."""
    loan_fact: LoanFact | None = None
    intents: frozenset[Intent] = frozenset()
    reason: Reason | None = None
    """What would send the caller to one person rather than another; by itself it asks for nobody."""
    piece: str | None = None
    """Digits and nothing else, too few for the number that is waited for: perhaps the rest comes with the next turn."""
    complete: bool = False
    """Every word of the turn is accounted for by the values and intents above: no model is needed to understand it."""
