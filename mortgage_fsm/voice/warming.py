"""Plays a call that nobody made, in a new job process: what is done once in a process is done before anybody waits for it.

The first turn in a process takes several times as long as the next one: schemas are built, patterns compiled, sentences
and statements put together. The call that is played here is kept nowhere: it has a database of its own, which is gone
afterwards; and of what is tried on the real one everything is undone, within one short transaction.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import HeardBy, Outcome, RecordType
from mortgage_fsm.errors import MortgageFsmError
from mortgage_fsm.knowledge.port import KnowledgeBase
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import DEMO_LOANS
from mortgage_fsm.ledger.guesses import TooManyGuessesError
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.snapshots import Place
from mortgage_fsm.ledger.times import utc_now
from mortgage_fsm.machine import Call, Policy
from mortgage_fsm.settings import EMBEDDED, Settings
from mortgage_fsm.tenants_file import of_settings
from mortgage_fsm.voice.agents import agent_class
from mortgage_fsm.voice.keeping import Keeper, standing
from mortgage_fsm.voice.metrics import Uncounted
from mortgage_fsm.voice.phone_call import PhoneCall
from mortgage_fsm.voice.watch import Watch
from mortgage_fsm.wiring import Ledger, open_ledger

log = structlog.get_logger("mortgage_fsm.warming")

MOST_SECONDS: Final = 4.0
"""How long a new process may take for it; LiveKit kills one that is not ready in time."""

_BORROWER = DEMO_LOANS[0]
_SAID = ("I'd like to make a payment", _BORROWER.loan.number, _BORROWER.last_four, "$1,850", "my bank account")
_NOBODY = Place(room_ref="nobody", holder="nobody", terms="none")


class _UndoneError(MortgageFsmError):
    """Everything is to be rolled back."""


def warm(settings: Settings, database: Database, knowledge: KnowledgeBase) -> None:
    """Play the call. Whatever goes wrong is for a real call to tell; `database` is closed afterwards, and can be used.

    Not to be called where an event loop is running.
    """
    try:
        with _silence():
            asyncio.run(_within_its_time(settings, database, knowledge))
    except Exception as error:  # noqa: BLE001 - a process that is not warm takes calls as well
        log.warning("warming_failed", error=type(error).__name__)


@contextmanager
def _silence() -> Iterator[None]:
    """Nothing is logged of a call that nobody made."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


async def _within_its_time(settings: Settings, database: Database, knowledge: KnowledgeBase) -> None:
    async with asyncio.timeout(MOST_SECONDS):
        with tempfile.TemporaryDirectory() as folder:
            await _play(settings, Path(folder), knowledge)
        async with open_ledger(settings, database=database) as ledger:
            await _try_statements(ledger)


async def _play(settings: Settings, folder: Path, knowledge: KnowledgeBase) -> None:
    own = {"database_url": f"sqlite:///{folder / 'ledger.db'}", "loans": EMBEDDED, "gateway": EMBEDDED}
    alone = settings.model_copy(update={**own, "language": "en"})
    async with open_ledger(alone) as ledger:
        keeper = Keeper(secrets.token_hex(16), ledger.snapshots, _NOBODY)
        call = PhoneCall(
            alone,
            ledger,
            knowledge,
            tenant=of_settings(alone),
            model=None,
            audio=False,
            keeper=keeper,
            watch=Watch(Uncounted()),
        )
        await call.start()
        await call.session.wait_for_idle()
        for words in _SAID:
            await call.session.run(user_input=words)
        await call.close()


async def _try_statements(ledger: Ledger) -> None:
    """Have the statements of a decision put together, for as long as the database's engine lives."""
    await ledger.payments.on_loan("")
    if isinstance(ledger.directory, EmbeddedLoans):
        await ledger.directory.find("")
        await ledger.directory.identity_matches("", "")
    try:
        await _decide_nothing(ledger, secrets.token_hex(16))
    except (_UndoneError, TooManyGuessesError):
        return


async def _decide_nothing(ledger: Ledger, call: str) -> None:
    begun = Call(policy=Policy())
    state, agent, stands = begun.state, agent_class(begun.state).__name__, standing(begun, 0, 0)
    first = Draft(type=RecordType.CALL_STARTED, state_to=state, agent=agent, statements=0)
    refused = Draft(type=RecordType.EDGE_REFUSAL, turn=0, state_from=state, heard_by=HeardBy.RULES, agent=agent)
    refused.outcome, refused.reason = Outcome.REFUSED, "not_understood"
    async with ledger.database.transaction() as connection:
        await ledger.snapshots.open(connection, call, _NOBODY, stands, utc_now())
        await ledger.journal.append(connection, call, [first])
        await ledger.snapshots.keep(connection, call, _NOBODY.holder, stands)
        await ledger.journal.append(connection, call, [refused])
        await ledger.journal.append(
            connection, call, [Draft(type=RecordType.CALL_ENDED, state_to=state, reason="hung_up")]
        )
        await ledger.identity.go_through(connection, _NOBODY.holder)
        raise _UndoneError
