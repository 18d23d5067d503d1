"""The loan directory over HTTP: strictly read, and nothing of a caller in an address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.ledger.contract import DirectoryCase, check_directory
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.http_loans import HttpLoans
from mortgage_fsm.ledger.http_service import HttpService
from mortgage_fsm.ledger.keyed import last_four_hash
from mortgage_fsm.ledger.ports import Flag
from tests.ledger.processor import IDENTITY_KEY, TOKEN, LoanSystem, serving

LOAN, LAST_FOUR, UNKNOWN = "10004471", "2190", "10009999"


@pytest.fixture
def loans() -> LoanSystem:
    return LoanSystem()


@pytest.fixture
async def service(loans: LoanSystem) -> AsyncIterator[HttpService]:
    async with serving(loans=loans) as address:
        yield HttpService(address, token=SecretStr(TOKEN), seconds=2)


@pytest.fixture
def directory(service: HttpService) -> HttpLoans:
    return HttpLoans(service)


async def test_the_directory_keeps_the_contract_against_a_loan_system_that_keeps_the_protocol(
    directory: HttpLoans,
) -> None:
    assert await check_directory(directory, DirectoryCase(LOAN, LAST_FOUR, UNKNOWN)) == []


async def test_a_loan_comes_as_it_was_sent(directory: HttpLoans) -> None:
    for new in DEMO_LOANS:
        assert await directory.find(new.loan.number) == new.loan


async def test_a_loan_without_a_payment_or_a_flag_or_an_account_comes_without(
    directory: HttpLoans, loans: LoanSystem
) -> None:
    loans.changes = {"last_payment": None, "instruments": [], "flag": "cease_contact", "due_date": "2026-12-01"}
    found = await directory.find(LOAN)
    assert found is not None
    assert (found.last_payment, found.last_payment_date, found.instruments) == (None, None, ())
    assert (found.flag, found.due_date) == (Flag.CEASE_CONTACT, date(2026, 12, 1))


ODD: list[dict[str, Any]] = [
    {"number": "10005582"},
    {"amount_due_cents": 1850.0},
    {"amount_due_cents": "185000"},
    {"amount_due_cents": True},
    {"amount_due_cents": -1},
    {"payoff_cents": None},
    {"due_date": "next month"},
    {"due_date": "20260401"},
    {"due_date": None},
    {"last_payment": {"amount_cents": 5}},
    {"last_payment": 5},
    {"flag": "haunted"},
    {"flag": False},
    {"flag": []},
    {"autopay_active": "no"},
    {"instruments": None},
    {"instruments": ["x"]},
    {"instruments": [{"method": "autopay", "token": "t", "description": "d"}]},
    {"instruments": [{"method": "cash", "token": "t", "description": "d"}]},
    {"instruments": [{"method": [], "token": "t", "description": "d"}]},
    {"instruments": [{"method": "debit_card", "token": "", "description": "d"}]},
    {"instruments": [{"method": "debit_card", "token": "t", "description": "d\n"}]},
    {"instruments": [{"method": "debit_card", "token": "t", "description": "é"}]},
    {"instruments": [{"method": "debit_card", "token": "t"}]},
    {"instruments": [{"method": "debit_card", "token": "t", "description": "d"}] * 21},
]


async def test_a_loan_in_another_form_is_none_and_is_not_quoted(directory: HttpLoans, loans: LoanSystem) -> None:
    for changes in ODD:
        loans.changes = changes
        with pytest.raises(UnavailableError) as caught:
            await directory.find(LOAN)
        assert str(caught.value) == "The loan system's answer has another form.", changes
        assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"loan": "10004471", "matches": 1}),
        (404, {"loan": None, "matches": True}),
        (500, {}),
        (302, {}),
    ],
)
async def test_an_answer_that_is_none_is_neither_a_loan_nor_a_match(
    directory: HttpLoans, loans: LoanSystem, status: int, body: dict[str, Any]
) -> None:
    loans.instead = lambda: web.json_response(body, status=status)
    with pytest.raises(UnavailableError):
        await directory.find(LOAN)
    with pytest.raises(UnavailableError):
        await directory.identity_matches(LOAN, LAST_FOUR)


async def test_the_last_four_can_be_sent_as_their_keyed_hash(service: HttpService, loans: LoanSystem) -> None:
    loans.instead = lambda: web.json_response({"matches": True})
    assert await HttpLoans(service, digest_key=IDENTITY_KEY).identity_matches(LOAN, LAST_FOUR)
    assert loans.asked == [{"loan": LOAN, "last_four_digest": last_four_hash(IDENTITY_KEY, LOAN, LAST_FOUR)}]


def test_a_short_key_of_the_hash_is_refused(service: HttpService) -> None:
    with pytest.raises(ConfigurationError):
        HttpLoans(service, digest_key=b"short")


async def test_a_known_and_an_unknown_loan_are_asked_in_the_same_way(directory: HttpLoans, loans: LoanSystem) -> None:
    assert not await directory.identity_matches(LOAN, "1111")
    assert not await directory.identity_matches(UNKNOWN, "1111")
    assert loans.asked == [{"loan": each, "last_four": "1111"} for each in (LOAN, UNKNOWN)]


async def test_what_is_no_loan_number_is_not_sent_anywhere(directory: HttpLoans, loans: LoanSystem) -> None:
    for odd in ("", "%", "../loans", "1" * 21, "\N{ARABIC-INDIC DIGIT FOUR}" * 8):
        assert await directory.find(odd) is None
        assert not await directory.identity_matches(odd, LAST_FOUR)
    assert loans.asked == []
