"""The embedded gateway: complete, deterministic, once for each key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.contract import check_gateway
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.gateway import EmbeddedGateway, KeyReusedError
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, PaymentRequest
from mortgage_fsm.ledger.schema import gateway_entries


@pytest.fixture
def request_(clock: Any) -> PaymentRequest:
    return PaymentRequest(
        key="pay_one",
        loan="10004471",
        cents=1850_00,
        method=Method.BANK_TRANSFER,
        instrument_token="demo-checking-6021",
        not_after=clock.now + timedelta(seconds=30),
    )


@pytest.fixture
def gateway(database: Database, directory: EmbeddedLoans, clock: Any) -> EmbeddedGateway:
    assert directory
    return EmbeddedGateway(database, clock)


async def test_the_embedded_gateway_keeps_the_contract(
    database: Database, directory: EmbeddedLoans, request_: PaymentRequest
) -> None:
    def make() -> PaymentGateway:
        return EmbeddedGateway(database)

    assert await check_gateway(make, request_) == []


async def test_a_retried_submission_pays_once(
    database: Database, gateway: EmbeddedGateway, request_: PaymentRequest
) -> None:
    answers = {await gateway.submit(request_) for _ in range(5)}
    assert len(answers) == 1
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(gateway_entries)) == 1


@pytest.mark.slow
async def test_several_processes_that_send_one_payment_pay_once(
    database: Database, gateway: EmbeddedGateway, url: str, in_processes: Any
) -> None:
    program = f"""
import asyncio
from datetime import timedelta
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.ports import PaymentRequest
from mortgage_fsm.ledger.times import utc_now
async def main():
    database = Database({url!r})
    late = utc_now() + timedelta(minutes=1)
    one = PaymentRequest("pay_one", "10004471", 5, Method.BANK_TRANSFER, "demo-checking-6021", late)
    answers = await asyncio.gather(*(EmbeddedGateway(database).submit(one) for _ in range(10)))
    print(*{{answer.confirmation for answer in answers}})
    await database.close()
asyncio.run(main())
"""
    assert len(set(await in_processes(program, 3))) == 1


@pytest.mark.parametrize("other", [{"cents": 1}, {"loan": "10005582"}, {"instrument_token": "x"}])
async def test_a_key_belongs_to_one_payment(
    gateway: EmbeddedGateway, request_: PaymentRequest, other: dict[str, object]
) -> None:
    first = await gateway.submit(request_)
    with pytest.raises(KeyReusedError):
        await gateway.submit(replace(request_, **other))  # type: ignore[arg-type] # one field or another
    assert await gateway.look_up(request_.key) == first


async def test_an_account_that_is_not_on_file_is_declined_for_good(
    gateway: EmbeddedGateway, request_: PaymentRequest
) -> None:
    for other in ({"instrument_token": "demo-card-8830"}, {"loan": "10005582"}):
        strange = replace(request_, key=f"pay_{other}", **other)  # type: ignore[arg-type] # one field or another
        assert await gateway.submit(strange) == Declined("instrument_unknown")
        assert await gateway.look_up(strange.key) == Declined("instrument_unknown")


async def test_what_is_sent_too_late_is_declined_for_good(
    gateway: EmbeddedGateway, request_: PaymentRequest, clock: Any
) -> None:
    clock.forward(seconds=31)
    assert await gateway.submit(request_) == Declined("too_late")
    clock.forward(seconds=-31)
    assert await gateway.submit(request_) == Declined("too_late")


async def test_a_payment_sent_in_time_can_be_asked_for_again_later(
    gateway: EmbeddedGateway, request_: PaymentRequest, clock: Any
) -> None:
    first = await gateway.submit(request_)
    assert isinstance(first, Accepted)
    clock.forward(days=400)
    assert await gateway.submit(request_) == first
