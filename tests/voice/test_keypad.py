"""What keys say: a value that is certain, that more is to come, or that it was nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, State
from mortgage_fsm.voice.agents import Agents
from mortgage_fsm.voice.keypad import NOT_UNDERSTOOD, Keypad, Read, amount, last_four, loan_number, yes_or_no
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.speech import Speech
from mortgage_fsm.voice.watch import Watch

eight = loan_number({8})
eight_or_ten = loan_number({8, 10})


def typed(read: Read, keys: str, *, then_nothing: bool = False) -> Heard | None:
    """What an entry says, key by key, as the keypad reads it: it ends where it is first whole."""
    for end in range(1, len(keys) + 1):
        heard = read(keys[:end], False)
        if heard is not None:
            return heard
    return read(keys, True) if then_nothing else None


def test_a_loan_number_of_the_only_length_ends_by_itself() -> None:
    assert typed(eight, "1000447") is None
    assert typed(eight, "10004471") == Heard(loan="10004471", complete=True)


def test_where_loan_numbers_have_several_lengths_only_the_longest_ends_by_itself() -> None:
    assert typed(eight_or_ten, "10004471") is None
    assert typed(eight_or_ten, "10004471#") == Heard(loan="10004471", complete=True)
    assert typed(eight_or_ten, "10004471", then_nothing=True) == Heard(loan="10004471", complete=True)
    assert typed(eight_or_ten, "1000447123") == Heard(loan="1000447123", complete=True)


@pytest.mark.parametrize("keys", ["1#", "1000447#", "123456789#"])
def test_a_loan_number_of_another_length_is_none(keys: str) -> None:
    assert typed(eight_or_ten, keys) == NOT_UNDERSTOOD


def test_four_digits_end_by_themselves_and_fewer_are_nothing() -> None:
    assert typed(last_four, "2190") == Heard(last_four="2190", complete=True)
    assert typed(last_four, "219#") == NOT_UNDERSTOOD
    assert typed(last_four, "219", then_nothing=True) == NOT_UNDERSTOOD


@pytest.mark.parametrize(
    ("keys", "cents"),
    [("1200#00", 120000), ("1200##", 120000), ("2412#36", 241236), ("0#50", 50), ("0350#05", 35005), ("9#99", 999)],
)
def test_an_amount_is_dollars_pound_and_two_digits_of_cents(keys: str, cents: int) -> None:
    assert typed(amount, keys) == Heard(amount=cents, complete=True)


def test_an_amount_whose_cents_are_not_typed_is_whole_dollars() -> None:
    assert typed(amount, "1200#") is None
    assert typed(amount, "1200#", then_nothing=True) == Heard(amount=120000, complete=True)


@pytest.mark.parametrize(
    "keys", ["1200", "1200#5", "12345678#00", "0#00", "0##", "4111111111111111", "4111111111111111#"]
)
def test_what_is_no_whole_amount_is_none(keys: str) -> None:
    assert typed(amount, keys, then_nothing=True) == NOT_UNDERSTOOD


def test_dollars_that_were_not_ended_are_never_taken_for_an_amount() -> None:
    for keys in ("120000", "5000", "50"):
        assert typed(amount, keys) is None
        assert typed(amount, keys, then_nothing=True) == NOT_UNDERSTOOD


@pytest.mark.parametrize(("key", "assent"), [("1", True), ("2", False), ("0", None), ("3", None), ("9", None)])
def test_one_is_yes_two_is_no_and_no_other_key_answers(key: str, assent: bool | None) -> None:
    heard = typed(yes_or_no, key)
    assert heard is not None
    assert heard.assent is assent


@given(st.text("0123456789#", min_size=1, max_size=30), st.sampled_from([eight, eight_or_ten, last_four, amount]))
def test_whatever_is_typed_says_one_value_or_nothing_and_ends_when_it_is_over(keys: str, read: Read) -> None:
    heard = typed(read, keys, then_nothing=True)
    assert heard is not None
    values = [each for each in (heard.loan, heard.last_four, heard.amount) if each is not None]
    assert len(values) == int(heard.complete)
    assert heard.assent is None


class _Closed:
    """An orchestrator and a session that have ended."""

    call = Call(state=State.COLLECTING_LOAN)
    input = SimpleNamespace(audio=None, audio_enabled=False)
    current_speech = None

    def __init__(self) -> None:
        self.current_agent = Agents().agent(cast("Any", self), self.call, opening=Speech())

    def on(self, *_: Any) -> None: ...

    def interrupt(self) -> None:
        raise RuntimeError

    async def fire(self, *_: Any, **__: Any) -> None:
        raise RuntimeError


async def test_an_entry_that_no_call_takes_any_more_is_counted() -> None:
    watch, closed = Watch(), cast("Any", _Closed())
    keypad = Keypad(closed, closed, loan_digits=(8,), watch=watch)
    for key in "10004471":
        keypad.pressed(key)
    assert keypad._taking is not None
    await keypad._taking
    failed: dict[str, str] = {"component": Component.KEYPAD}
    assert watch.metrics.registry.get_sample_value("mortgage_fsm_errors_total", failed) == 1
