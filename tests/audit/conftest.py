"""Drafts, a stamp and a real database with the audit table in it: a SQLite file, in the slow suite also a server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from mortgage_fsm.audit.chain import START, Head, Sealed, Stamp, seal
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import HeardBy, RecordType
from mortgage_fsm.audit.schema import metadata
from mortgage_fsm.heard import Method

CALL = "a1" * 16


@pytest.fixture
def call() -> str:
    return CALL


@pytest.fixture
def stamp() -> Stamp:
    return Stamp(key_id="k1", machine="d" * 64, build="0.1.0")


@pytest.fixture
def started() -> Draft:
    return Draft(type=RecordType.CALL_STARTED, state_to="advising", agent="MortgageRetrievalAgent")


@pytest.fixture
def ended() -> Draft:
    return Draft(type=RecordType.CALL_ENDED, state_to="submitted", reason="hung_up")


@pytest.fixture
def decision() -> Callable[..., Draft]:
    def make(**other: Any) -> Draft:
        fields: dict[str, Any] = {
            "type": RecordType.DECISION,
            "turn": 4,
            "state_from": "confirming",
            "state_to": "confirming",
            "trigger": "payment_confirmed",
            "heard_by": HeardBy.RULES,
            "guards": {"yes_is_heard": True, "call_is_open": True, "identity_holds": True},
            "loan_ref": "A" * 26,
            "payment_digest": "B" * 26,
            "method": Method.BANK_TRANSFER,
            "heard": "en-1:plain_yes",
            "words_ref": "C" * 26,
            "at_ms": 61_250,
            "row": None if other.get("type") is RecordType.REFUSAL else 7,
        }
        return Draft(**(fields | other))

    return make


@pytest.fixture
def sealed(stamp: Stamp) -> Callable[..., list[Sealed]]:
    def make(*drafts: Draft, call: str = CALL) -> list[Sealed]:
        head, made = START, []
        for draft in drafts:
            made.append(seal(draft, call=call, ts="2026-03-10T12:00:00.000Z", stamp=stamp, head=head))
            head = Head(made[-1].seq, made[-1].hash)
        return made

    return make


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/audit.db"
    else:
        with request.getfixturevalue("postgresql").database() as made:
            yield made.replace("postgresql:", "postgresql+asyncpg:")


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    made = create_async_engine(url)
    async with made.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield made
    await made.dispose()
