"""What sentences are filled in with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.ports import Instrument, Loan
from mortgage_fsm.voice.filling import Filling
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.terms import Terms

LOAN = Loan(
    number="10004471",
    amount_due=185000,
    due_date=date(2026, 12, 1),
    last_payment=None,
    last_payment_date=None,
    payoff=20_000_000,
    flag=None,
    instruments=(
        Instrument(Method.BANK_TRANSFER, "t1", "checking account ending 6021"),
        Instrument(Method.DEBIT_CARD, "t2", "debit card ending 8830"),
    ),
    autopay_active=False,
)
FILLING = Filling(phrases(), Terms())


def test_only_what_is_on_file_and_not_yet_set_up_is_offered() -> None:
    assert FILLING.offered(LOAN) == [Method.BANK_TRANSFER, Method.DEBIT_CARD, Method.AUTOPAY]
    assert FILLING.offered(replace(LOAN, autopay_active=True)) == [Method.BANK_TRANSFER, Method.DEBIT_CARD]
    assert FILLING.offered(replace(LOAN, instruments=())) == []


def test_only_what_the_servicer_takes_is_offered() -> None:
    card = Filling(phrases(), Terms(methods=frozenset({Method.DEBIT_CARD})))
    assert card.offered(LOAN) == [Method.DEBIT_CARD]
    assert card.methods(LOAN) == "with your debit card ending 8830"
    assert card.methods(None) == ""


def test_a_loan_that_was_never_paid_has_no_date_of_it() -> None:
    assert FILLING.loan(LOAN) == {
        "amount_due": "$1,850.00",
        "due_date": "December 1st",
        "last_payment": "$0.00",
        "last_payment_date": "",
    }
