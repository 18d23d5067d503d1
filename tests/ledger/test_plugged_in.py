"""A servicer's own code behind its door: whatever goes wrong in it, it does not answer, and says nothing of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.plugged_in import PluggedInGateway, PluggedInLoans
from mortgage_fsm.ledger.ports import Accepted, Declined

CANARY = "10004471"
LIMIT = timedelta(milliseconds=10)


class Part:
    """A directory and a gateway in one, of which every answer is what `answers` returns or raises."""

    absent_after = timedelta(seconds=77)

    def __init__(self, answers: Callable[[], Any]) -> None:
        self._answers = answers

    async def _answer(self, *_: Any) -> Any:
        answer = self._answers()
        return await answer if asyncio.iscoroutine(answer) else answer

    find = identity_matches = submit = look_up = _answer


def _raising(error: BaseException) -> Callable[[], Any]:
    def answers() -> Any:
        raise error

    return answers


def _questions(part: Any) -> dict[str, Callable[[], Any]]:
    loans, gateway = PluggedInLoans(part, LIMIT), PluggedInGateway(part)
    return {
        "find": lambda: loans.find(CANARY),
        "identity_matches": lambda: loans.identity_matches(CANARY, "2190"),
        "submit": lambda: gateway.submit(CANARY),  # type: ignore[arg-type] # the part looks at nothing
        "look_up": lambda: gateway.look_up(CANARY),
    }


QUESTIONS = ("find", "identity_matches", "look_up", "submit")


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("answers", "named"),
    [
        (_raising(ValueError(CANARY)), "ValueError"),
        (_raising(SystemExit(CANARY)), "SystemExit"),
        (_raising(TimeoutError()), "TimeoutError"),
        (_raising(UnavailableError(CANARY)), "UnavailableError"),
        (lambda: {"matches": False, "loan": CANARY}, "dict"),
        (lambda: "yes", "str"),
    ],
)
async def test_what_goes_wrong_is_no_answer_and_only_its_type_is_logged(
    question: str, answers: Callable[[], Any], named: str
) -> None:
    with capture_logs() as logged, pytest.raises(UnavailableError) as refused:
        await _questions(Part(answers))[question]()
    assert [(each["event"], each["error"]) for each in logged] == [("plug_in_failed", named)]
    assert CANARY not in f"{refused.value} {logged}"
    assert refused.value.__context__ is None


@pytest.mark.parametrize("question", QUESTIONS)
async def test_what_cannot_be_awaited_is_no_answer(question: str) -> None:
    part = Part(lambda: None)
    for name in QUESTIONS:
        setattr(part, name, lambda *_: True)
    with pytest.raises(UnavailableError):
        await _questions(part)[question]()


@pytest.mark.parametrize("question", ["find", "identity_matches"])
async def test_a_directory_that_hangs_does_not_answer(question: str) -> None:
    with pytest.raises(UnavailableError):
        await _questions(Part(lambda: asyncio.sleep(3600)))[question]()


@pytest.mark.parametrize("question", QUESTIONS)
async def test_whoever_stops_asking_is_not_kept(question: str) -> None:
    with pytest.raises(asyncio.CancelledError):
        await _questions(Part(_raising(asyncio.CancelledError())))[question]()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("find", None),
        ("identity_matches", True),
        ("identity_matches", False),
        ("submit", Accepted("MP-AA2BB3CC4D")),
        ("submit", Declined("insufficient_funds")),
        ("look_up", Declined("insufficient_funds")),
        ("look_up", None),
    ],
)
async def test_an_answer_of_the_port_comes_through(question: str, answer: object) -> None:
    assert await _questions(Part(lambda: answer))[question]() is answer


@pytest.mark.parametrize(
    ("question", "answer"), [("identity_matches", None), ("identity_matches", 1), ("submit", None)]
)
async def test_what_only_looks_like_an_answer_is_none(question: str, answer: object) -> None:
    with pytest.raises(UnavailableError):
        await _questions(Part(lambda: answer))[question]()


def test_how_long_a_payment_may_be_on_its_way_is_the_gateways_own() -> None:
    assert PluggedInGateway(Part(lambda: None)).absent_after == timedelta(seconds=77)
