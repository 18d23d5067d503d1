"""The published contract finds adapters that break it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.contract import DirectoryCase, check_directory, check_gateway
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.intents import new_confirmation_number
from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, PaymentRequest
from mortgage_fsm.ledger.times import utc_now

CASE = DirectoryCase("10004471", "2190", "10009999")
REQUEST = PaymentRequest("any", "10004471", 100, Method.BANK_TRANSFER, "token", utc_now())


class Books:
    """A gateway that keeps its promises, in memory."""

    absent_after = timedelta(0)

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, Accepted | Declined]] = {}

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        late = utc_now() > request.not_after
        answer = Declined("too_late") if late else Accepted(new_confirmation_number())
        cents, first = self.entries.setdefault(request.key, (request.cents, answer))
        if cents != request.cents:
            raise ValueError
        return first

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return self.entries[key][1] if key in self.entries else None


class Forgetful(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        self.entries.pop(request.key, None)
        return await super().submit(request)


class Careless(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        return await super().submit(replace(request, cents=0, not_after=utc_now() + timedelta(1)))


class Blind(Books):
    async def look_up(self, key: str) -> Accepted | Declined | None:
        return None


class Eager(Books):
    async def look_up(self, key: str) -> Accepted | Declined | None:
        return await self.submit(replace(REQUEST, key=key, not_after=utc_now() + timedelta(1)))


class Monotonous(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        return Accepted("MP-SAMESAME")


class Numeric(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        return Accepted("8842213345")


async def test_a_gateway_that_keeps_its_promises_passes() -> None:
    books = Books()
    assert await check_gateway(lambda: books, REQUEST) == []


@pytest.mark.parametrize(
    ("kind", "promise"),
    [
        (Forgetful, "same answer when one key is sent twice"),
        (Forgetful, "several times at once"),
        (Careless, "another amount"),
        (Careless, "after its time limit"),
        (Blind, "look_up returns what submit returned"),
        (Eager, "sends nothing"),
        (Monotonous, "another confirmation number"),
        (Numeric, "accepts the payment given as acceptable (ValueError raised)"),
    ],
)
async def test_a_gateway_that_breaks_a_promise_is_told_which(kind: type[Books], promise: str) -> None:
    books = kind()
    assert [each for each in await check_gateway(lambda: books, REQUEST) if promise in each]


class Silent(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        return await asyncio.Future()


class SilentOnReuse(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        return await (asyncio.Future() if request.key in self.entries else super().submit(request))


class Leaving(Books):
    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        raise SystemExit(0)


@pytest.mark.parametrize(
    ("kind", "kept", "did"),
    [
        (Silent, ("never sent", "absent_after"), "no answer within 0.001 seconds"),
        (SilentOnReuse, ("acceptable", "another confirmation", "late", "time limit", "look_up", "absent"), "no answer"),
        (Leaving, ("never sent", "absent_after"), "SystemExit raised"),
    ],
)
async def test_a_gateway_that_never_answers_or_ends_the_process_is_told_which_promise_it_breaks(
    kind: type[Books], kept: tuple[str, ...], did: str
) -> None:
    books = kind()
    broken = await check_gateway(lambda: books, REQUEST, within=timedelta(milliseconds=1))
    assert len(broken) >= 3
    assert all(did in each for each in broken)
    assert not [each for each in broken if any(promise in each for promise in kept)]


async def test_a_directory_that_never_answers_is_told_which_promise_it_breaks() -> None:
    class Mute(Directory):
        async def find(self, loan: str) -> Loan | None:
            return await asyncio.Future()

    broken = await check_directory(Mute(LOAN), CASE, within=timedelta(milliseconds=1))
    assert len(broken) == 4
    assert all(each.startswith("find") and each.endswith("(no answer within 0.001 seconds)") for each in broken)


class Directory:
    """Knows one loan."""

    def __init__(self, loan: Loan, *, lax: bool = False, loud: bool = False, **changed: Any) -> None:
        self.loan, self.lax, self.loud, self.changed = loan, lax, loud, changed

    async def find(self, loan: str) -> Loan | None:
        return replace(self.loan, **self.changed) if loan == self.loan.number else None

    async def identity_matches(self, loan: str, last_four: str) -> bool:
        if self.loud and loan != self.loan.number:
            raise KeyError(loan)
        known = self.lax or loan == self.loan.number
        return known and last_four.strip() == "2190" if self.lax else known and last_four == "2190"


LOAN = DEMO_LOANS[0].loan


async def test_a_directory_that_keeps_its_promises_passes() -> None:
    assert await check_directory(Directory(LOAN), CASE) == []


@pytest.mark.parametrize(
    ("directory", "promises"),
    [
        (Directory(LOAN, lax=True), {"any other text", "an unknown loan"}),
        (Directory(LOAN, loud=True), {"an unknown loan (KeyError raised)"}),
        (Directory(LOAN, amount_due=1850.0), {"in integer cents"}),
        (Directory(LOAN, last_payment_date=None), {"in integer cents"}),
        (Directory(LOAN, number="10005582"), {"find returns the loan of that number"}),
        (Directory(replace(LOAN, number="10009999")), {"in integer cents", "None for"}),
    ],
)
async def test_a_directory_that_breaks_promises_is_told_which(directory: Directory, promises: set[str]) -> None:
    found = await check_directory(directory, CASE)
    for promise in promises:
        assert [each for each in found if promise in each], promise
    assert not any(digits in each for each in found for digits in ("10004471", "2190"))
