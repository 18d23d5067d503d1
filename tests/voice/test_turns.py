"""How often a caller's words are heard, and where the call stands when they are."""

from __future__ import annotations

from livekit.agents import ConversationItemAddedEvent, llm

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import Call, State
from mortgage_fsm.voice.turns import Turns


class Ears:
    """Hears nothing, and counts."""

    def __init__(self) -> None:
        self.call = Call()
        self.asked: list[tuple[str, State]] = []
        self.turns = Turns(self.hear, lambda: self.call, lambda: 0.0, lambda: None)

    def hear(self, words: str, call: Call, before: str = "") -> Heard:
        self.asked.append((words, call.state))
        return Heard()

    def said(self, words: str) -> None:
        message = llm.ChatMessage(role="user", content=[words])
        self.turns.heard(message.id, words)  # by the listener, before the turn is one
        self.turns.said(ConversationItemAddedEvent(item=message))
        self.turns.heard(message.id, words)


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
