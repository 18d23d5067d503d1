"""A servicer's own code behind its door: whatever goes wrong in it, it does not answer, and says nothing of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.demo import DEMO_LOANS
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
        (_raising(asyncio.CancelledError(CANARY)), "CancelledError"),
        (_raising(KeyboardInterrupt(CANARY)), "KeyboardInterrupt"),
        (_raising(BaseExceptionGroup(CANARY, [SystemExit()])), "BaseExceptionGroup"),
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


async def stubborn() -> None:
    """Goes on however often it is cancelled; not for ever, or no test would end."""
    for _ in range(50):
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("question", ["find", "identity_matches"])
@pytest.mark.parametrize("hangs", [lambda: asyncio.sleep(3600), stubborn])
async def test_a_directory_that_hangs_does_not_answer(question: str, hangs: Callable[[], Any]) -> None:
    with capture_logs() as logged, pytest.raises(UnavailableError):
        await _questions(Part(hangs))[question]()
    assert [each["error"] for each in logged] == ["TimeoutError"]


@pytest.mark.parametrize("question", QUESTIONS)
async def test_whoever_stops_asking_stops_the_part_as_well(question: str) -> None:
    stopped = asyncio.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            stopped.set()

    asking = asyncio.ensure_future(_questions(Part(waits))[question]())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await asyncio.wait_for(stopped.wait(), 1)


@pytest.mark.parametrize("question", ["submit", "look_up"])
async def test_a_limit_of_whoever_asks_a_gateway_holds_for_one_that_goes_on(question: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await _questions(Part(stubborn))[question]()


async def test_somebody_elses_loan_is_no_answer() -> None:
    other = DEMO_LOANS[1].loan
    with capture_logs() as logged, pytest.raises(UnavailableError):
        await _questions(Part(lambda: other))["find"]()
    assert [each["error"] for each in logged] == ["AnotherLoan"]


@dataclass(frozen=True, slots=True)
class Lax(Accepted):
    """Looks at nothing."""

    def __post_init__(self) -> None:
        """Let everything pass."""


async def test_a_kind_made_from_an_answers_kind_is_none() -> None:
    with pytest.raises(UnavailableError):
        await _questions(Part(lambda: Lax("10004471")))["submit"]()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("find", None),
        ("find", DEMO_LOANS[0].loan),
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
