"""The values that pass through the ports."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.ports import Accepted, Declined

TWO_ON_FILE = DEMO_LOANS[0].loan


@pytest.mark.parametrize(
    "number", ["", "8842213345", "M8842213345", "MP 123456", "MP-1", "MP-" + "1" * 80, "MP-AAAA\n"]
)
def test_a_confirmation_number_that_could_be_an_account_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match="two letters") as caught:
        Accepted(number)
    assert not number or number not in str(caught.value)


@pytest.mark.parametrize("code", ["", "Insufficient funds", "card_4111", "x" * 41])
def test_a_code_is_a_name(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        Declined(code)


def test_a_method_is_paid_from_its_own_instrument() -> None:
    assert TWO_ON_FILE.instrument(Method.BANK_TRANSFER) == TWO_ON_FILE.instruments[0]
    assert TWO_ON_FILE.instrument(Method.DEBIT_CARD) == TWO_ON_FILE.instruments[1]
    assert DEMO_LOANS[1].loan.instrument(Method.DEBIT_CARD) is None


def test_autopay_draws_from_the_bank_account_else_from_the_card_else_not_at_all() -> None:
    account, card = TWO_ON_FILE.instruments
    assert replace(TWO_ON_FILE, instruments=(card, account)).instrument(Method.AUTOPAY) == account
    assert replace(TWO_ON_FILE, instruments=(card,)).instrument(Method.AUTOPAY) == card
    assert replace(TWO_ON_FILE, instruments=()).instrument(Method.AUTOPAY) is None


def test_a_loan_prints_nothing_of_itself() -> None:
    assert repr(TWO_ON_FILE) == "Loan()"
    assert "6021" not in repr(TWO_ON_FILE.instruments)
