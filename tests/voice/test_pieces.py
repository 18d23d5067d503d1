"""A number said in pieces, turn by turn, is heard as itself or asked for again, and no model sees one digit of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from itertools import accumulate, pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, State
from mortgage_fsm.spoken import masked
from mortgage_fsm.spoken.en.figures import REPEATS, TEENS, TENS, UNITS
from mortgage_fsm.voice import rules
from mortgage_fsm.voice.turns import hears
from tests.spoken.renderings import DIGITS, PLAIN, words

FRAMES = (
    "{}",
    "{}.",
    "uh {}",
    "okay, {}",
    "and then {}",
    "it's {}",
    "the number is {}",
    "my loan number is {}",
    "yes, {}",
)

Render = Callable[[str], str]

loans = st.text("0123456789", min_size=8, max_size=8)
fours = st.text("0123456789", min_size=4, max_size=4)
renderings = st.sampled_from([*PLAIN.values(), *DIGITS.values()])


def told(said: Iterable[str], state: State, digits: Collection[int] = (8,)) -> list[Heard]:
    """What each of these turns says, one after the other in one state, until a value is heard."""
    hear = hears("en", digits)
    heard: list[Heard] = []
    for turn in said:
        heard.append(hear(turn, Call(state=state), (heard[-1].piece if heard else None) or ""))
        if heard[-1].loan or heard[-1].last_four:
            break
    return heard


def loan(*said: str, digits: Collection[int] = (8,)) -> str | None:
    return told(said, State.COLLECTING_LOAN, digits)[-1].loan


def cut(number: str, sizes: Iterable[int]) -> list[str]:
    ends = [min(end, len(number)) for end in accumulate(sizes, initial=0)]
    return [number[start:end] for start, end in pairwise([*ends, len(number)]) if start < end]


@pytest.mark.parametrize(
    "said",
    [
        ("one zero zero zero", "four four", "seven one"),
        ("1000", "4471"),
        ("my loan number is one zero zero zero", "four four", "and then seven one"),
        ("uh, one zero, zero zero", "double four seven one"),
        ("1 0 0 0.", "it's 4 4 7 1."),
        ("ten", "oh oh", "forty four", "seventy one"),
        ("1", "0004471"),
    ],
)
def test_a_loan_number_in_pieces_is_heard_as_one(said: tuple[str, ...]) -> None:
    heard = told(said, State.COLLECTING_LOAN)
    assert [each.piece is not None for each in heard] == [True] * (len(said) - 1) + [False]
    assert heard[-1].loan == "10004471"
    assert heard[-1].complete


def test_the_last_four_in_pieces_are_heard_as_one() -> None:
    assert told(("two one", "nine", "zero"), State.VERIFYING)[-1] == Heard(last_four="2190", complete=True)


def test_a_piece_needs_no_model_and_is_answered_with_two_words() -> None:
    call = Call(state=State.COLLECTING_LOAN)
    [heard] = told(["one zero zero zero"], State.COLLECTING_LOAN)
    assert rules.is_remark(heard)
    assert rules.chosen(call, heard) is None
    assert rules.reply_to(call, heard, offered=True) == "go_on"


@pytest.mark.parametrize(
    "between",
    [
        "what?",
        "sorry, four",
        "no, 44",
        "start over",
        "four or five",
        "hold on",
        "$44",
        "about 44",
        "44?",
        "my zip is 44",
    ],
)
def test_whatever_is_no_plain_digits_makes_the_digits_before_it_forgotten(between: str) -> None:
    assert loan("1000", between, "4471") is None
    assert loan("1000", between, "10004471") == "10004471"


@pytest.mark.parametrize(
    "said",
    [
        ("1000", "1000", "4471"),
        ("10", "1000", "44", "71"),
        ("1000", "44", "44", "71"),
        ("1000", "0044"),
        ("100", "100044"),
        ("1000", "44715"),
        ("twenty", "one", "00", "44", "71"),
        ("one thousand", "4471"),
        ("1000,", "4471"),
    ],
)
def test_what_may_have_been_said_twice_or_in_another_way_is_asked_for_again(said: tuple[str, ...]) -> None:
    assert loan(*said) is None


def test_a_number_that_is_whole_by_itself_was_begun_anew() -> None:
    assert loan("1000", "10004471") == "10004471"
    assert loan("1000", "my loan number is 10004471") == "10004471"
    assert told(("21", "2190"), State.VERIFYING)[-1].last_four == "2190"
    assert told(("21", "10005582"), State.VERIFYING)[-1].loan == "10005582"


def test_where_numbers_have_several_lengths_pieces_make_up_the_longest_alone() -> None:
    both = (8, 10)
    assert loan("1000", "4471", digits=both) is None
    assert loan("1000", "4471", "55", digits=both) == "1000447155"
    assert loan("10", "00447155", digits=both) is None
    assert loan("10004471", digits=both) == "10004471"


@pytest.mark.parametrize("state", [s for s in State if s not in {State.COLLECTING_LOAN, State.VERIFYING}])
def test_no_other_state_adds_digits_up(state: State) -> None:
    for call in (Call(state=state), Call(state=state, paying=True)):
        heard = hears("en", (8,))("44", call, "1000")
        assert heard.piece is None
        assert heard.loan is None


@given(loans, st.lists(st.integers(1, 5), max_size=8), renderings)
@example("10004471", [4, 2], words)
@example("20212022", [1, 1, 1], str)
@settings(deadline=None)  # the machine that runs it may be busy
def test_however_a_loan_number_is_cut_it_is_heard_as_itself_or_asked_again(
    number: str, sizes: list[int], render: Render
) -> None:
    said = [render(piece) for piece in cut(number, sizes)]
    assert {each.loan for each in told(said, State.COLLECTING_LOAN)} <= {None, number}
    assert loan(*said, digits=(8, 10)) in (None, number)


@given(fours, st.lists(st.integers(1, 3), max_size=4), renderings)
@settings(deadline=None)
def test_however_the_last_four_are_cut_they_are_heard_as_themselves_or_asked_again(
    number: str, sizes: list[int], render: Render
) -> None:
    said = [render(piece) for piece in cut(number, sizes)]
    assert {each.last_four for each in told(said, State.VERIFYING)} <= {None, number}


@given(loans, st.lists(st.integers(1, 4), max_size=6), st.integers(1, 7))
@settings(deadline=None)
def test_who_begins_anew_in_the_middle_is_heard_right_or_asked_again(number: str, sizes: list[int], after: int) -> None:
    heard = told([*cut(number[:after], sizes), *cut(number, sizes)], State.COLLECTING_LOAN)
    first = next(each for each in heard if each.piece is None)  # whoever is asked again begins anew, and knows it
    assert first.loan in (None, number)


@given(st.text("0123456789", min_size=1, max_size=7), st.sampled_from(FRAMES), renderings)
@settings(deadline=None)
def test_no_model_is_shown_a_digit_of_a_piece(digits: str, frame: str, render: Render) -> None:
    said = frame.format(render(digits))
    [heard] = told([said], State.COLLECTING_LOAN)
    assume(heard.piece is not None)
    shown = re.sub(r"\[[^]]*\]", "", masked(said)).lower()
    assert not re.search(r"[0-9]", shown), said
    assert not set(re.findall(r"[a-z]+", shown)) & (set(UNITS) | set(TEENS) | set(TENS) | set(REPEATS)), said
