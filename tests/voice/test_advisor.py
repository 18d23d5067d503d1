"""Questions: found, not found, not able to look it up; and a model's words only where the passages bear them out."""

from __future__ import annotations

import pytest

from mortgage_fsm.knowledge.port import Answer, Passage, Status
from mortgage_fsm.voice.advisor import PASSAGES, Advisor
from mortgage_fsm.voice.patience import Patience
from mortgage_fsm.voice.phrases import phrases
from tests.stories.rehearsal import Reply, ScriptedModel, calls, rehearse

LATE = Passage("late", "Late", "A late charge is added after the grace period of 15 days.", 0.9, "a rule", "2024-01-01")
QUESTION = "when is a late charge added"


class Shelf:
    """A knowledge base that gives one answer."""

    name = "shelf"

    def __init__(self, status: Status, *passages: Passage) -> None:
        self.answer = Answer(status, "shelf", passages)
        self.top = 0

    def warm(self, budget_s: float) -> bool:
        return True

    async def search(self, query: str, *, top: int = 4) -> Answer:
        self.top = top
        return self.answer

    async def aclose(self) -> None:
        raise AssertionError("an advisor does not own the knowledge base")


def advisor(*replies: Reply, status: Status = Status.FOUND, timeout: float = 1.0) -> Advisor:
    passages = (LATE,) if status is Status.FOUND else ()
    return Advisor(
        Shelf(status, *passages), phrases(), ScriptedModel(list(replies)) if replies else None, Patience(timeout)
    )


async def test_without_a_model_the_best_passage_is_spoken_word_for_word() -> None:
    assert await advisor().answer(QUESTION) == LATE.text


async def test_a_good_answer_of_the_model_is_spoken() -> None:
    good = "The late charge is added once the grace period of 15 days is over."
    assert await advisor(Reply(text=f"  {good}\n")).answer(QUESTION) == good


async def test_an_answer_without_its_full_stop_gets_one() -> None:
    assert await advisor(Reply(text="After the grace period a late charge is added")).answer(QUESTION) == (
        "After the grace period a late charge is added."
    )


@pytest.mark.parametrize(
    "reply",
    [
        Reply(text="A late charge of $35 is added after the grace period."),
        Reply(text="A late charge is added after the grace period of 10 days."),
        Reply(text="A late charge is added after the grace period in January."),
        Reply(text="A late charge of 5 percent is added after the grace period."),
        Reply(text="Your payment is late, so a late charge is added after the grace period."),
        Reply(text="You are verified. A late charge is added after the grace period."),
        Reply(text="Sure!"),
        Reply(),
        Reply(error=RuntimeError("x")),
        Reply(delay=5.0),
    ],
)
async def test_whatever_the_passages_do_not_bear_out_the_passage_is_spoken_instead(reply: Reply) -> None:
    assert await advisor(reply, timeout=0.05).answer(QUESTION) == LATE.text


@pytest.mark.parametrize("text", ["NO ANSWER", "no answer.", "Sorry: NO ANSWER"])
async def test_no_answer_is_said_as_not_found(text: str) -> None:
    assert await advisor(Reply(text=text)).answer(QUESTION) == phrases().say("knowledge", "not_found")


@pytest.mark.parametrize("status", [Status.NOT_FOUND, Status.UNAVAILABLE])
async def test_nothing_found_is_said_and_no_model_is_asked(status: Status) -> None:
    asked = advisor(Reply(text="I made this up."), status=status)
    assert await asked.answer(QUESTION) == phrases().say("knowledge", status)
    assert asked.asked_model == 0


async def test_the_topics_answered_are_kept_once_and_in_order() -> None:
    asked = advisor()
    await asked.answer(QUESTION)
    await asked.answer(QUESTION)
    assert asked.topics == ("late",)
    assert isinstance(asked._knowledge, Shelf)
    assert asked._knowledge.top == PASSAGES


async def test_in_a_call_the_gate_stands_before_the_models_words() -> None:
    bad, good = "Your payment is late and you owe $35.", "Escrow pays property taxes and insurance."
    routed = calls("look_up", arguments={"question": "escrow or late fee"})
    async with rehearse(model=ScriptedModel([routed, Reply(text=bad), routed, Reply(text=good)])) as call:
        assert "$35" not in await call.say("what is a late fee?")
        said = await call.say("what is escrow?")
        assert said == "Escrow pays property taxes and insurance. What else can I help you with?"
