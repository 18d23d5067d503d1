"""The gateway over HTTP: a clear answer is taken, and whatever is none leaves the payment unresolved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.breaker import Breaker
from mortgage_fsm.ledger.contract import check_gateway
from mortgage_fsm.ledger.http_gateway import CODES, HttpGateway
from mortgage_fsm.ledger.http_service import HttpService
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.ledger.times import utc_now
from tests.ledger import processor as faults
from tests.ledger.processor import TOKEN, Processor, serving

REQUEST = PaymentRequest("pay_one", "10004471", 1850_00, Method.BANK_TRANSFER, "token-1", utc_now() + timedelta(1))
SHORT, ARRIVES, PATIENT = 0.3, 2.0, 20.0
"""Seconds to wait: for nothing; for an answer that never comes to a request that must arrive; and for one that comes."""


def gateway_at(address: str, token: str = TOKEN, *, seconds: float = PATIENT, rests_after: int = 99) -> HttpGateway:
    breaker = Breaker(failures=rests_after)
    service = HttpService(address, token=SecretStr(token), seconds=seconds, breaker=breaker)
    return HttpGateway(service, absent_after=timedelta(seconds=30))


@pytest.fixture
def processor() -> Processor:
    return Processor()


@pytest.fixture
async def address(processor: Processor) -> AsyncIterator[str]:
    async with serving(processor) as where:
        yield where


@pytest.fixture
def gateway(address: str) -> HttpGateway:
    return gateway_at(address)


@pytest.mark.slow
async def test_the_gateway_keeps_the_contract_against_a_processor_that_keeps_the_protocol(
    processor: Processor, address: str
) -> None:
    assert await check_gateway(lambda: gateway_at(address), REQUEST) == []
    assert processor.effects == len({key for key, book in processor.books.items() if "confirmation" in book.answer})


async def test_what_is_sent_is_the_payment_and_its_key(processor: Processor, gateway: HttpGateway) -> None:
    answer = await gateway.submit(REQUEST)
    book = processor.books["pay_one"]
    assert answer == Accepted(book.answer["confirmation"])
    assert {name: book.payment[name] for name in ("loan", "amount_cents", "currency", "method", "instrument")} == {
        "loan": "10004471",
        "amount_cents": 1850_00,
        "currency": "USD",
        "method": "bank_transfer",
        "instrument": "token-1",
    }


async def test_a_decline_comes_with_its_code(processor: Processor, gateway: HttpGateway) -> None:
    for code in CODES:
        processor.declines = code
        one = replace(REQUEST, key=f"pay_{code}")
        assert await gateway.submit(one) == await gateway.look_up(one.key) == Declined(code)


async def test_a_code_that_was_not_agreed_is_taken_as_some_other_one(
    processor: Processor, gateway: HttpGateway
) -> None:
    processor.declines = "account_closed"
    for code in ("The account 6021 of 10004471 is closed", "", None, 7, ["x"], "x" * 1000):
        processor.after = faults.changes(code=code)
        assert await gateway.submit(REQUEST) == Declined("other")


@pytest.mark.parametrize("status", [402, 422])
async def test_a_refusal_counts_as_a_decline_only_in_the_agreed_words(
    processor: Processor, gateway: HttpGateway, status: int
) -> None:
    processor.before = faults.says({"key": "pay_one", "status": "declined", "code": "loan_unknown"}, status)
    assert await gateway.submit(REQUEST) == Declined("loan_unknown")
    processor.before = faults.says({"error": "declined"}, status)
    with pytest.raises(UnavailableError):
        await gateway.submit(REQUEST)


FAULTS: dict[str, Any] = {
    "hangs": faults.hangs,
    "closes the connection": faults.drops,
    "resets the connection": faults.resets,
    "breaks off": faults.breaks_off,
    "speaks nonsense": faults.speaks_nonsense,
    "drips": faults.drips,
    "says no JSON": faults.says("<html>Welcome</html>"),
    "says nothing": faults.says(""),
    "says a list": faults.says([]),
    "says something deep": faults.says("[" * 60_000),
    "says too much": faults.says({"key": "pay_one", "status": "declined", "more": "x" * 70_000}),
    "says two things": faults.says('{"key": "pay_one", "status": "accepted", "status": "declined"}'),
    "says it is pending": faults.says({"key": "pay_one", "status": "pending"}, 202),
    "says accepted without a number": faults.says({"key": "pay_one", "status": "accepted"}),
    "says accepted with a number like an account": faults.says(
        {"key": "pay_one", "status": "accepted", "confirmation": "8842213345"}
    ),
    "answers for another key": faults.says({"key": "pay_two", "status": "accepted", "confirmation": "MP-AA2BB3CC4D"}),
    "declines another key": faults.says({"key": "pay_two", "status": "declined", "code": "other"}),
    "accepts with an error": faults.says(
        {"key": "pay_one", "status": "accepted", "confirmation": "MP-AA2BB3CC4D"}, 422
    ),
    "declines with an error of the server": faults.says({"key": "pay_one", "status": "declined", "code": "other"}, 503),
    "declines with a redirect": faults.says({"key": "pay_one", "status": "declined", "code": "other"}, 302),
    **{f"answers {status}": faults.says({"error": "x"}, status) for status in (400, 401, 403, 404, 409, 429, 500, 504)},
}


NEVER_DONE = {"hangs", "drips"}
QUICK = {"closes the connection", "says no JSON", "answers for another key", "answers 500"}
"""The others follow in the slow suite."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in FAULTS]
)
async def test_a_fault_leaves_the_payment_unresolved_until_it_is_looked_up(
    processor: Processor, gateway: HttpGateway, address: str, fault: str, when: str
) -> None:
    setattr(processor, when, FAULTS[fault])
    asking = gateway_at(address, seconds=ARRIVES) if fault in NEVER_DONE else gateway
    with pytest.raises(UnavailableError) as caught:
        await asking.submit(REQUEST)
    with pytest.raises(UnavailableError):
        await asking.look_up("pay_one")
    assert not any(private in str(caught.value) for private in ("10004471", "185000", "pay_one", TOKEN))
    setattr(processor, when, None)
    found = await gateway.look_up("pay_one")
    assert found == (None if when == "before" else Accepted(processor.books["pay_one"].answer["confirmation"]))
    assert processor.effects == (when == "after")
    assert len(processor.asked) == 3  # each asked once: nothing is ever sent again


async def test_of_two_answers_on_one_connection_the_first_is_taken(processor: Processor, gateway: HttpGateway) -> None:
    processor.after = faults.answers_twice
    assert await gateway.submit(REQUEST) == Accepted(processor.books["pay_one"].answer["confirmation"])
    processor.after = None
    assert await gateway.look_up("pay_one") == Accepted(processor.books["pay_one"].answer["confirmation"])


async def test_a_payment_that_could_not_be_sent_is_declined_and_never_known(
    processor: Processor, unused_tcp_port: int, address: str
) -> None:
    nobody = gateway_at(f"http://127.0.0.1:{unused_tcp_port}/v1")
    assert await nobody.submit(REQUEST) == Declined("not_sent")
    with pytest.raises(UnavailableError):
        await nobody.look_up("pay_one")
    assert await gateway_at(address).look_up("pay_one") is None


async def test_what_is_too_late_is_not_sent(processor: Processor, gateway: HttpGateway) -> None:
    late = replace(REQUEST, not_after=utc_now() - timedelta(seconds=1))
    assert await gateway.submit(late) == Declined("too_late")
    assert processor.asked == []


async def test_a_processor_that_keeps_failing_is_given_a_rest_and_no_payment_is_sent_to_it(
    processor: Processor, address: str
) -> None:
    gateway = gateway_at(address, rests_after=2)
    processor.before = faults.says({}, 500)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await gateway.submit(REQUEST)
    assert await gateway.submit(REQUEST) == Declined("not_sent")
    with pytest.raises(UnavailableError):
        await gateway.look_up("pay_one")
    assert len(processor.asked) == 2


async def test_one_who_gives_up_waiting_counts_as_a_failure_of_the_processor(
    processor: Processor, address: str
) -> None:
    gateway = gateway_at(address, seconds=30, rests_after=1)
    processor.before = faults.hangs
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gateway.submit(REQUEST), SHORT)
    assert await gateway.submit(REQUEST) == Declined("not_sent")


async def test_a_wrong_token_resolves_nothing(address: str) -> None:
    gateway = gateway_at(address, token="another")
    for ask in (gateway.submit(REQUEST), gateway.look_up("pay_one")):
        with pytest.raises(UnavailableError):
            await ask


async def test_a_redirect_is_not_followed(processor: Processor, gateway: HttpGateway, address: str) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(f"{address}/payments")

    processor.before = elsewhere
    with pytest.raises(UnavailableError):
        await gateway.submit(REQUEST)
    assert len(processor.asked) == 1
