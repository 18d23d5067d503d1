"""A servicer's systems on a real HTTP server: they keep the protocol, until a test says how they are to break it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.intents import new_confirmation_number
from mortgage_fsm.ledger.times import utc_now

TOKEN = "synthetic-token"
IDENTITY_KEY = b"k" * 32


@dataclass
class Book:
    """What was sent under one key, and what came of it."""

    payment: dict[str, Any]
    answer: dict[str, Any]


@dataclass
class Processor:
    """The books, and how the next questions are answered. `effects` counts every debit that was made."""

    effects: int = 0
    asked: list[str] = field(default_factory=list)
    books: dict[str, Book] = field(default_factory=dict)
    declines: str | None = None
    before: Callable[[web.Request], Any] | None = None
    """Called instead of the effect, if anything; what it returns is the answer."""
    after: Callable[[web.Request, dict[str, Any]], Any] | None = None
    """Called after the effect with the true answer; what it returns is sent instead."""

    async def submit(self, request: web.Request) -> web.StreamResponse:
        key = request.headers["Idempotency-Key"]
        self.asked.append(key)
        if self.before is not None:
            return await self.before(request)  # type: ignore[no-any-return] # a test's own answer
        payment = await request.json()
        if key != payment["key"]:
            return web.json_response({"error": "key"}, status=400)
        book = self.books.get(key)
        if book is None:
            book = self.books[key] = Book(payment, self._answer(payment))
            self.effects += book.answer["status"] == "accepted"
        elif {**book.payment, "not_after": ""} != {**payment, "not_after": ""}:
            return web.json_response({"key": key, "status": "conflict"}, status=409)
        if self.after is not None:
            return await self.after(request, book.answer)  # type: ignore[no-any-return] # a test's own answer
        return web.json_response(book.answer)

    def _answer(self, payment: dict[str, Any]) -> dict[str, Any]:
        code = self.declines
        if utc_now() > datetime.fromisoformat(payment["not_after"]):
            code = "too_late"
        if code is not None:
            return {"key": payment["key"], "status": "declined", "code": code}
        return {"key": payment["key"], "status": "accepted", "confirmation": new_confirmation_number()}

    async def look_up(self, request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        self.asked.append(key)
        if self.before is not None:
            return await self.before(request)  # type: ignore[no-any-return] # a test's own answer
        book = self.books.get(key)
        if book is None:
            return web.json_response({"key": key, "status": "unknown"}, status=404)
        if self.after is not None:
            return await self.after(request, book.answer)  # type: ignore[no-any-return] # a test's own answer
        return web.json_response(book.answer)


def loan_as_sent(number: str) -> dict[str, Any] | None:
    """A demo loan as the protocol has it."""
    for new in DEMO_LOANS:
        loan = new.loan
        if loan.number == number:
            return {
                "number": loan.number,
                "amount_due_cents": loan.amount_due,
                "due_date": loan.due_date.isoformat(),
                "last_payment": {"amount_cents": loan.last_payment, "date": str(loan.last_payment_date)},
                "payoff_cents": loan.payoff,
                "flag": loan.flag,
                "instruments": [
                    {"method": each.method, "token": each.token, "description": each.description}
                    for each in loan.instruments
                ],
                "autopay_active": loan.autopay_active,
            }
    return None


@dataclass
class LoanSystem:
    """The loans. `changes` is laid over the loan that is found; `instead` is sent in place of any answer."""

    asked: list[dict[str, str]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    instead: Callable[[], web.StreamResponse] | None = None

    async def find(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        if self.instead is not None:
            return self.instead()
        found = loan_as_sent(asked["loan"])
        return web.json_response({"loan": None if found is None else {**found, **self.changes}})

    async def identity(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        self.asked.append(asked)
        if self.instead is not None:
            return self.instead()
        kept = {each.loan.number: each.last_four for each in DEMO_LOANS}.get(asked["loan"])
        return web.json_response({"matches": kept is not None and asked["last_four"] == kept})


@asynccontextmanager
async def serving(
    processor: Processor | None = None, loans: LoanSystem | None = None, trust: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve on a free port of this machine; the address."""

    @web.middleware
    async def with_the_token(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"error": "token"}, status=401)
        return await handler(request)  # type: ignore[no-any-return] # aiohttp's own handlers

    app = web.Application(middlewares=[with_the_token])
    if processor is not None:
        app.router.add_post("/v1/payments", processor.submit)
        app.router.add_get("/v1/payments/{key}", processor.look_up)
    if loans is not None:
        app.router.add_post("/v1/loans/find", loans.find)
        app.router.add_post("/v1/loans/identity", loans.identity)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trust).start()
    port = runner.addresses[0][1]
    try:
        yield f"{'https' if trust else 'http'}://{'localhost' if trust else '127.0.0.1'}:{port}/v1"
    finally:
        await runner.cleanup()


# --- ways to break the protocol


def _raw(request: web.Request, text: bytes) -> web.StreamResponse:
    """Write these very bytes, and close the connection."""
    transport = request.transport
    assert transport is not None
    if text:
        transport.write(text)
    transport.close()
    return web.Response()


async def hangs(_: web.Request, __: Any = None) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits that long")


async def drops(request: web.Request, _: Any = None) -> web.StreamResponse:
    return _raw(request, b"")


async def resets(request: web.Request, _: Any = None) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def breaks_off(request: web.Request, answer: Any = None) -> web.StreamResponse:
    text = json.dumps(answer or {}).encode()
    return _raw(request, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(text) + 9, text))


async def speaks_nonsense(request: web.Request, _: Any = None) -> web.StreamResponse:
    return _raw(request, b"\x00\xff220 smtp ready\r\n")


async def drips(request: web.Request, _: Any = None) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b" ")
        await asyncio.sleep(0.02)
    return response


async def answers_twice(request: web.Request, answer: Any = None) -> web.StreamResponse:
    """Two answers on one connection, of which the second says something else."""
    one = json.dumps(answer).encode()
    two = json.dumps({**answer, "status": "declined", "code": "other"}).encode()
    return _raw(request, b"".join(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(t), t) for t in (one, two)))


def says(body: Any, status: int = 200) -> Callable[..., Any]:
    """Answers with this, whatever was asked."""

    async def answer(_: web.Request, __: Any = None) -> web.StreamResponse:
        text = body if isinstance(body, str) else json.dumps(body)
        return web.Response(text=text, status=status, content_type="application/json")

    return answer


def changes(status: int = 200, **other: Any) -> Callable[..., Any]:
    """Answers truly, but for this."""

    async def answer(_: web.Request, true: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({**true, **other}, status=status)

    return answer
