"""The values that pass through the ports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.ports import Accepted, Declined, Instrument

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


def test_autopay_is_no_instrument() -> None:
    with pytest.raises(ValueError, match="method"):
        Instrument(Method.AUTOPAY, "token", "checking account ending 6021")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("token", each) for each in ("", "x" * 129, "a\nb", None, 5)),
        *(
            ("description", each)
            for each in ("", "x" * 81, "card ending \u0664", None, "account 60211", "card 6 0 2 1-1")
        ),
    ],
)
def test_an_instrument_of_another_form_is_none(name: str, value: Any) -> None:
    changed = {"token": "demo-1", "description": "checking account ending 6021"} | {name: value}
    with pytest.raises(ValueError, match=name) as refused:
        Instrument(Method.BANK_TRANSFER, **changed)
    assert not value or str(value) not in str(refused.value)


AMOUNTS = (-1, 10**11 + 1, 1850.0, Decimal(1850), "1850", None, True)


OF_ANOTHER_FORM: dict[str, tuple[Any, ...]] = {
    "number": ("", "1000447x", 10004471, None, "1" * 21),
    "amount_due": AMOUNTS,
    "payoff": AMOUNTS,
    "last_payment": AMOUNTS,
    "due_date": ("soon", None, datetime(2026, 12, 1, tzinfo=UTC)),
    "last_payment_date": ("soon", None),
    "flag": ("bankruptcy", "", True),
    "instruments": (None, [], ({},), TWO_ON_FILE.instruments * 11),
    "autopay_active": (0, None, "no"),
}


@pytest.mark.parametrize(("name", "value"), [(name, each) for name, wrong in OF_ANOTHER_FORM.items() for each in wrong])
def test_a_loan_of_another_form_is_none(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name.replace("last_payment_date", "last_payment")) as refused:
        replace(TWO_ON_FILE, **{name: value})
    assert "1850" not in str(refused.value)
