"""Loans and gateway: whether they can be made, and whether they keep what they promise. The embedded ones in a sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from mortgage_fsm.doctor.asked import Asked, Case
from mortgage_fsm.doctor.findings import Finding, Verdict
from mortgage_fsm.ledger.contract import DirectoryCase, check_directory, check_gateway
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.ports import PaymentRequest
from mortgage_fsm.ledger.times import utc_now
from mortgage_fsm.settings import EMBEDDED, Settings, is_address
from mortgage_fsm.wiring import Ledger, open_ledger, own_directory, own_gateway

_MARGIN = timedelta(seconds=2)
"""What a system may take beyond its own time limit, to say that it did not answer."""


async def loans(settings: Settings, asked: Asked) -> AsyncIterator[Finding]:
    """The loan directory."""
    if settings.loans != EMBEDDED:
        directory = own_directory(settings)
        yield Finding("loans", Verdict.OK, f"{settings.loans} {_MADE[is_address(settings.loans)]}")
        if asked.contract and asked.case is None:
            yield _no_case("loans")
        elif asked.contract and asked.case is not None:
            within = timedelta(seconds=settings.loans_timeout) + _MARGIN
            yield _kept("loans", await check_directory(directory, _directory_case(asked.case), within=within))
        return
    yield Finding("loans", Verdict.OK, "the embedded directory")
    if asked.contract:
        async with _sandbox(settings) as sandbox:
            yield _kept("loans", await check_directory(sandbox.directory, _directory_case(_DEMO)))


async def gateway(settings: Settings, asked: Asked) -> AsyncIterator[Finding]:
    """The payment gateway. Its contract sends payments of the case's amount."""
    if settings.gateway != EMBEDDED:
        own_gateway(settings)
        yield Finding("gateway", Verdict.OK, f"{settings.gateway} {_MADE[is_address(settings.gateway)]}")
        if asked.contract and asked.case is None:
            yield _no_case("gateway")
        elif asked.contract and asked.case is not None:
            request, within = _request(asked.case), timedelta(seconds=settings.gateway_timeout) + _MARGIN
            yield _kept("gateway", await check_gateway(lambda: own_gateway(settings), request, within=within))
        return
    yield Finding("gateway", Verdict.OK, "the embedded gateway, which moves no money")
    if asked.contract:
        async with _sandbox(settings) as sandbox:
            yield _kept("gateway", await check_gateway(lambda: EmbeddedGateway(sandbox.database), _request(_DEMO)))


_MADE = {False: "can be made", True: "is asked over HTTP; --contract asks it"}


def _no_case(name: str) -> Finding:
    return Finding(name, Verdict.MISSING, "its contract needs --case FILE, with a loan of your sandbox", needed=False)


def _kept(name: str, broken: list[str]) -> Finding:
    if broken:
        return Finding(name, Verdict.FAILED, f"breaks its contract: {'; '.join(broken)}")
    return Finding(name, Verdict.OK, "keeps its contract")


@asynccontextmanager
async def _sandbox(settings: Settings) -> AsyncIterator[Ledger]:
    """The embedded parts on a database of their own, gone afterwards: the contracts make payments."""
    with TemporaryDirectory(prefix="mortgage-fsm-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'ledger.db'}"
        update = {"database_url": url, "loans": EMBEDDED, "gateway": EMBEDDED}
        async with open_ledger(settings.model_copy(update=update)) as ledger:
            yield ledger


_DEMO = Case(
    loan=DEMO_LOANS[0].loan.number,
    last_four=DEMO_LOANS[0].last_four,
    unknown_loan="10000000",
    instrument_token=DEMO_LOANS[0].loan.instruments[0].token,
)


def _directory_case(case: Case) -> DirectoryCase:
    return DirectoryCase(loan=case.loan, last_four=case.last_four, unknown_loan=case.unknown_loan)


def _request(case: Case) -> PaymentRequest:
    return PaymentRequest(
        key="replaced",
        loan=case.loan,
        cents=case.cents,
        method=case.method,
        instrument_token=case.instrument_token,
        not_after=utc_now(),
    )
