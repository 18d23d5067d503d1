"""Intents, enrolments, keys and confirmation numbers."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mortgage_fsm.heard import Method, Wish
from mortgage_fsm.ledger.intents import Enrolment, Intent, idempotency_key, new_confirmation_number
from mortgage_fsm.ledger.ports import CONFIRMATION_PATTERN


def test_one_confirmation_has_one_key_for_ever() -> None:
    assert idempotency_key("c" * 32, 3) == "pay_xyotiqh7zur6ftdvyyk7r5we57vghmxskubipxufh3qh4wlsmyxa"


def test_another_call_or_another_read_back_has_another_key() -> None:
    keys = {idempotency_key(call, number) for call in ("a" * 32, "b" * 32) for number in range(50)}
    assert len(keys) == 100


def test_the_key_is_that_of_the_confirmation_alone(intent: Intent) -> None:
    assert replace(intent, cents=1).key == intent.key == idempotency_key(intent.call, intent.confirmation_id)


@pytest.mark.parametrize("cents", [0, -1, 1.0, True, "1"])
def test_an_intent_has_a_positive_number_of_cents(intent: Intent, cents: object) -> None:
    with pytest.raises(ValueError, match="positive"):
        replace(intent, cents=cents)  # type: ignore[arg-type] # the point


def test_autopay_cannot_be_submitted(intent: Intent) -> None:
    with pytest.raises(ValueError, match="enrolled"):
        replace(intent, method=Method.AUTOPAY)


@pytest.mark.parametrize("amount", [0, 1.5, "amount"])
def test_an_enrolment_has_cents_or_the_wish(intent: Intent, amount: object) -> None:
    with pytest.raises(ValueError, match="wish"):
        Enrolment("c" * 32, 1, "10004471", amount, intent.instrument, "D" * 26)  # type: ignore[arg-type] # the point
    assert Enrolment("c" * 32, 1, "10004471", Wish.AMOUNT_DUE, intent.instrument, "D" * 26).key


def test_confirmation_numbers_begin_with_letters_and_never_look_like_an_account() -> None:
    for _ in range(500):
        number = new_confirmation_number()
        assert re.fullmatch(r"MP-[A-HJ-NP-Z2-9]{10}", number)
        assert re.fullmatch(CONFIRMATION_PATTERN, number)
        assert not re.search(r"\d\d", number)


def test_what_is_printed_of_an_intent_holds_no_loan_and_no_amount(intent: Intent) -> None:
    shown = repr(intent)
    assert "10004471" not in shown
    assert "185000" not in shown
    assert "6021" not in shown
