"""How often a caller's words are heard, and where the call stands when they are."""

from __future__ import annotations

import itertools

import pytest
from livekit.agents import ConversationItemAddedEvent, llm

from mortgage_fsm.heard import Heard, Intent, Method
from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.voice.turns import Turn, Turns, hears


class Ears:
    """Hears nothing, and counts."""

    def __init__(self) -> None:
        self.call = Call()
        self.asked: list[tuple[str, State]] = []
        self.turns = Turns(self.hear, lambda: self.call, lambda: None, lambda: 0.0, lambda: None)

    def hear(self, words: str, call: Call, before: str = "") -> Heard:
        self.asked.append((words, call.state))
        return Heard()

    def said(self, words: str) -> None:
        message = llm.ChatMessage(role="user", content=[words])
        self.turns.heard(message.id, words)  # by the listener, before the turn is one
        self.turns.said(ConversationItemAddedEvent(item=message))
        self.turns.heard(message.id, words)
        self.turns.last.answered = True


def test_the_words_of_a_turn_are_heard_once() -> None:
    ears = Ears()
    ears.said("hello")
    ears.said("good morning")
    assert ears.asked == [("hello", State.ADVISING), ("good morning", State.ADVISING)]


def test_the_same_words_are_heard_anew_where_the_call_has_moved() -> None:
    ears = Ears()
    ears.said("hello")
    ears.call = Call(state=State.AMOUNT)
    ears.said("hello")
    assert ears.asked == [("hello", State.ADVISING), ("hello", State.AMOUNT)]


def said_in(state: State, *lines: str, answered: bool = False, offered: Trigger | None = None) -> Turn:
    """The last of these turns, whose answers were all cut off, if they are not said to be `answered`."""
    turns = Turns(hears("en", {8}), lambda: Call(state=state), lambda: offered, lambda: 0.0, lambda: None)
    for began, line in enumerate(lines):
        message = llm.ChatMessage(role="user", content=[line])
        message.metrics = {"started_speaking_at": float(began)}
        turns.heard(message.id, line)
        turns.said(ConversationItemAddedEvent(item=message))
        assert turns.heard(message.id, line) == turns.last.heard
        turns.last.answered = answered
    return turns.last


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param(("my bank account", "please"), "my bank account please", id="words that are none themselves"),
        pytest.param(("my bank account", "yes"), "my bank account yes", id="a yes to nothing"),
        pytest.param(("my bank account", "um", "please"), "my bank account um please", id="cut off twice"),
        pytest.param(("my bank account", "thank you"), "my bank account thank you", id="politeness"),
    ],
)
def test_who_cut_an_answer_off_is_heard_with_what_was_said_before(lines: tuple[str, ...], words: str) -> None:
    turn = said_in(State.METHOD, *lines)
    assert turn.heard.method is Method.BANK_TRANSFER
    assert turn.words == words
    assert turn.spoke_at == 0.0, "what was said first is what a read-back must have come before"
    assert turn.number == len(lines)


def test_two_values_are_both_heard() -> None:
    turn = said_in(State.METHOD, "my bank account", "make it $900")
    assert (turn.heard.method, turn.heard.amount) == (Method.BANK_TRANSFER, 90000)
    turn = said_in(State.ADVISING, "I want to pay $900", "on loan 10004471")
    assert (turn.heard.loan, turn.heard.amount) == ("10004471", 90000)
    assert Intent.PAY in turn.heard.intents


def test_a_yes_after_a_change_that_was_not_answered_is_no_yes_to_what_was_read_back_before_it() -> None:
    turn = said_in(State.CONFIRMING, "make it $900", "yes")
    assert (turn.heard.amount, turn.heard.assent) == (90000, None)


@pytest.mark.parametrize(
    ("state", "lines", "answered", "offered"),
    [
        pytest.param(State.METHOD, ("my bank account", "please"), True, None, id="the turn before was answered"),
        pytest.param(State.METHOD, ("my bank account", "my debit card"), False, None, id="it is something else now"),
        pytest.param(State.METHOD, ("$900", "make it $800"), False, None, id="it is changed"),
        pytest.param(State.METHOD, ("cancel that", "make it $800"), False, None, id="a wish comes before a value"),
        pytest.param(State.METHOD, ("my bank account", "cancel that"), False, None, id="a wish comes after a value"),
        pytest.param(State.CONFIRMING, ("yes", "make it $800"), False, None, id="a yes comes before a value"),
        pytest.param(State.CONFIRMING, ("yes", "please"), False, None, id="a yes is what the turn that said it said"),
        pytest.param(State.CONFIRMING, ("yes", "make it"), False, None, id="a yes, and the beginning of a change"),
        pytest.param(State.CONFIRMING, ("go", "ahead and submit the payment"), False, None, id="a yes of two halves"),
        pytest.param(State.CONFIRMING, ("wrong", "account"), False, None, id="a no is no wish to change"),
        pytest.param(State.AMOUNT, ("five hundred", "six"), False, None, id="an amount of two halves"),
        pytest.param(State.AMOUNT, ("$900", "thousand"), False, None, id="an amount that grows"),
        pytest.param(State.CONFIRMING, ("make it nine", "cents"), False, None, id="an amount that shrinks"),
        pytest.param(State.VERIFYING, ("fifty", "two hundred"), False, None, id="digits of two halves"),
        pytest.param(State.VERIFYING, ("my debit card", "my social is 2190"), False, None, id="both are not plain"),
        pytest.param(State.ADVISING, ("pay $900", "pay"), False, None, id="an amount that is lost"),
        pytest.param(State.METHOD, ("my bank account", "no"), False, None, id="it is declined"),
        pytest.param(State.METHOD, ("my bank account", "goodbye"), False, None, id="it is over"),
        pytest.param(State.METHOD, ("my bank account", "a person"), False, None, id="it is for a person"),
        pytest.param(State.METHOD, ("my bank account", "yes"), False, Trigger.HUMAN_ASKED, id="it takes an offer"),
        pytest.param(State.METHOD, ("blue", "please"), False, None, id="both together say nothing"),
        pytest.param(State.CONFIRMING, ("no", "yes"), False, None, id="a yes is to a read-back"),
    ],
)
def test_words_that_say_something_themselves_are_heard_alone(
    state: State, lines: tuple[str, ...], answered: bool, offered: Trigger | None
) -> None:
    turn = said_in(state, *lines, answered=answered, offered=offered)
    assert turn.words == lines[-1]
    assert turn.spoke_at == len(lines) - 1


def test_pieces_of_a_number_are_put_together_once_whether_an_answer_was_cut_off_or_not() -> None:
    for answered in (True, False):
        assert said_in(State.COLLECTING_LOAN, "1000", "44", answered=answered).heard.piece == "100044"
        assert said_in(State.COLLECTING_LOAN, "1000", "4471", answered=answered).heard.loan == "10004471"
    assert said_in(State.COLLECTING_LOAN, "1000", "4471", "please").heard.loan == "10004471"
    assert Intent.HUMAN in said_in(State.COLLECTING_LOAN, "1000", "4471", "a person").heard.intents


def test_digits_that_were_said_twice_add_up_to_nothing_whether_an_answer_was_cut_off_or_not() -> None:
    for answered in (True, False):
        for state, lines in (
            (State.COLLECTING_LOAN, ("1000", "1000")),
            (State.COLLECTING_LOAN, ("1000", "44", "44")),
            (State.COLLECTING_LOAN, ("1000", "0044")),
            (State.VERIFYING, ("21", "21")),
            (State.VERIFYING, ("two one", "two one")),
        ):
            heard = said_in(state, *lines, answered=answered).heard
            assert (heard.loan, heard.last_four, heard.piece) == (None, None, None), lines


LINES = (
    "1000", "4471", "10004471", "10005582", "2190", "21", "90", "$900", "nine hundred", "five hundred", "six",
    "cents", "make it $800", "my bank account", "my debit card", "automatic payments", "yes", "no", "yes please",
    "please", "um", "cancel", "a person please", "what is escrow?", "I'd like to make a payment", "pay", "pay $300",
    "thanks", "hello", "that's wrong", "account", "go", "ahead", "the other one", "my loan number is 10004471", "not",
    "don't", "goodbye",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("state", [state for state in State if state is not State.SUBMITTED])
def test_what_is_heard_of_two_turns_is_what_each_says_and_never_a_yes(state: State) -> None:
    alone = {line: said_in(state, line).heard for line in LINES}
    together = 0
    for first, second in itertools.product(LINES, repeat=2):
        heard = said_in(state, first, second).heard
        if heard == said_in(state, first, second, answered=True).heard:
            continue
        together += 1
        assert heard.assent is None, (first, second)
        assert heard.intents <= alone[first].intents | alone[second].intents, (first, second)
        for value in ("loan", "last_four", "amount", "method"):
            said = {getattr(alone[each], value) for each in (first, second)} - {None}
            assert {getattr(heard, value)} - {None} == said, (first, second)
    assert together


def test_who_was_asked_again_is_not_heard_with_what_was_said_before() -> None:
    turns = Turns(hears("en", {8}), lambda: Call(state=State.METHOD), lambda: None, lambda: 0.0, lambda: None)
    turns.said(ConversationItemAddedEvent(item=llm.ChatMessage(role="user", content=["my bank account"])))
    turns.forget()
    assert turns.heard("", "yes").method is None
