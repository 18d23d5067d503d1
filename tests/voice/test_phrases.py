"""The sentences themselves: complete, filled in, and without a word of how the program works."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from string import Formatter

import pytest

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import LoanFact, Method
from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.machine import TABLE, Effect, State
from mortgage_fsm.voice import phrases as folder
from mortgage_fsm.voice import rules
from mortgage_fsm.voice.phrases import phrases

SECTIONS = tomllib.loads((files(folder) / "en.toml").read_text(encoding="utf-8"))
NOT_SPEECH = {("part", "ordinal_suffix"), ("part", "months")}
SENTENCES = [
    (f"{section}.{key}", sentence)
    for section, entries in SECTIONS.items()
    for key, value in entries.items()
    for sentence in (value if isinstance(value, list) else [value])
    if (section, key) not in NOT_SPEECH
]
FILLED_IN = {
    "servicer", "loan_digits", "amount_due", "due_date", "methods", "read_back", "read_back_question", "amount",
    "instrument",
    "loan_ending", "description", "loan_fact", "minimum", "maximum", "confirmation", "reference", "result", "last_payment",
    "last_payment_date", "today", "inquiry",
}  # fmt: skip
JARGON = (
    "advising", "collecting", "verifying", "confirming", "trigger", "tool", "guard", "machine", "model", "agent", "handoff",
    "intent", "ledger", "gateway", "session", "database", "invalid", "error", "null", "none", "record", "refused", "api",
)  # fmt: skip


def test_every_state_has_its_question_ladder_and_silence() -> None:
    for section in ("question", "again", "silence"):
        assert set(State) <= phrases().keys(section)


def test_every_effect_has_its_phrase() -> None:
    assert phrases().keys("effect") == set(Effect)


def test_every_reason_of_a_refusal_has_its_phrase() -> None:
    guards = {guard.__name__ for row in TABLE for guard in row.only_if}
    at_the_edge = {"no_row", "unavailable", "not_heard", "already_answered", "stale", "not_offered"}
    assert guards | at_the_edge <= phrases().keys("refused")


def test_every_remark_has_its_phrase() -> None:
    said = {
        "declined_offer",
        "go_ahead",
        "go_on",
        "parting",
        "parting_unpaid",
        "giving_up",
        "listening",
        "loan_confirmed",
        "noted",
        "changed",
        "trouble",
    }
    assert said | {str(intent) for intent in rules.REMARKS} <= phrases().keys("remark")


def test_every_method_and_loan_fact_has_its_phrase() -> None:
    assert {key for m in Method for key in (m, f"offered_{m}")} <= phrases().keys("instrument")
    assert set(LoanFact) <= phrases().keys("loan_fact")


def test_not_found_and_not_able_to_look_up_are_said_differently() -> None:
    said = {phrases().say("knowledge", status) for status in (Status.NOT_FOUND, Status.UNAVAILABLE)}
    assert len(said) == 2


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_a_sentence_is_fit_to_be_spoken(name: str, sentence: str) -> None:
    assert {field for _, field, _, _ in Formatter().parse(sentence) if field is not None} <= FILLED_IN
    words = set(re.findall(r"[a-z]+", re.sub(r"\{.*?\}", "", sentence.lower())))
    assert not words & set(JARGON)
    assert not re.search(r"[<>*_#`|\[\]]|  ", re.sub(r"\{.*?\}", "x", sentence))
    if sentence and not name.startswith(("part", "instrument")):
        assert sentence[-1] in ".?!}"
        assert sentence.count("?") <= 1, "one question at a time"


def test_a_sentence_that_is_not_filled_in_is_an_error_that_names_no_value() -> None:
    with pytest.raises(KeyError, match="amount_due"):
        phrases().say("question", "amount_due", due_date="10004471")
    with pytest.raises(KeyError):
        phrases().say("question", "no such sentence")
    with pytest.raises(KeyError, match="is a list"):
        phrases().say("again", "amount")


def test_a_value_is_not_read_as_a_placeholder() -> None:
    assert phrases().say("handoff", "method", amount="{loan}") == "Okay, {loan}."


def test_a_ladder_stays_on_its_last_step() -> None:
    steps = [phrases().step("again", "amount", number) for number in (1, 2, 3, 4, 50)]
    assert len(set(steps)) == 3
    assert steps[2] == steps[3] == steps[4]


def test_the_last_step_of_every_ladder_names_a_person() -> None:
    for state in State:
        assert "person" in phrases().step("again", state, 9, methods="")


def test_a_language_that_is_not_there_is_a_problem_of_configuration() -> None:
    with pytest.raises(ConfigurationError, match="xx"):
        phrases("xx")
