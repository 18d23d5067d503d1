"""Opens what the settings name: database, ledger, journal, knowledge. No LiveKit here, so that every command may use it."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from zoneinfo import ZoneInfo

from mortgage_fsm.audit.chain import Stamp
from mortgage_fsm.audit.endings import EndRecords
from mortgage_fsm.audit.record import HeardBy
from mortgage_fsm.audit.redaction import References
from mortgage_fsm.audit.resolutions import ResolutionRecords
from mortgage_fsm.audit.store import Journal
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.choose import build
from mortgage_fsm.knowledge.port import KnowledgeBase
from mortgage_fsm.ledger.abandoned import Abandoned
from mortgage_fsm.ledger.callbacks import Callbacks
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.demo import ensure_demo_loans
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.http_gateway import HttpGateway
from mortgage_fsm.ledger.http_loans import HttpLoans
from mortgage_fsm.ledger.http_service import HttpService
from mortgage_fsm.ledger.identity import AttemptPolicy, IdentityCheck
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.migrations import ensure
from mortgage_fsm.ledger.notices import Notices
from mortgage_fsm.ledger.payments import Payments
from mortgage_fsm.ledger.plugged_in import PluggedInGateway, PluggedInLoans
from mortgage_fsm.ledger.ports import LoanDirectory, PaymentGateway
from mortgage_fsm.ledger.reconcile import Reconciler
from mortgage_fsm.ledger.snapshots import Snapshots
from mortgage_fsm.machine import TABLE_HASH
from mortgage_fsm.settings import EMBEDDED, LastFour, Settings, is_address
from mortgage_fsm.tenants import NOBODY, Tenant
from mortgage_fsm.tenants_file import of_settings


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything on the ledger's side of a process, opened and ready."""

    database: Database
    directory: LoanDirectory
    gateway: PaymentGateway
    identity: IdentityCheck
    payments: Payments
    callbacks: Callbacks
    notices: Notices
    references: References
    journal: Journal
    reconciler: Reconciler
    snapshots: Snapshots
    abandoned: Abandoned


def build_name() -> str:
    """The version of this program, as every record carries it."""
    try:
        return version("mortgage-fsm")
    except PackageNotFoundError:
        return "source"


@contextmanager
def _their_code(cannot: str) -> Iterator[None]:
    """Around code that is not ours: whatever it raises is one sentence, with the type and not a word of its own.

    Raises:
        ConfigurationError: it raised something.
    """
    try:
        yield
    except (ConfigurationError, KeyboardInterrupt):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, its text may hold a password
        raise ConfigurationError(f"{cannot}: its code raised {type(error).__name__}") from None


def factory(name: str) -> Callable[[], Any]:
    """A callable named `package.module:factory`.

    Raises:
        ConfigurationError: there is no such thing, or it cannot be called.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise ConfigurationError(f"{name!r} is not of the form package.module:factory")
    with _their_code(f"{name!r} cannot be imported"):
        made = getattr(importlib.import_module(module), attribute)
    if not callable(made):
        raise ConfigurationError(f"{name!r} cannot be called")
    found: Callable[[], Any] = made
    return found


def made_by(setting: str, make: Callable[[], Any]) -> Any:
    """What a servicer's factory makes.

    Raises:
        ConfigurationError: it raised something.
    """
    with _their_code(f"{setting} cannot be made"):
        return make()


def plug_in(setting: str, name: str, *methods: str) -> Any:
    """What a factory makes, if it has the methods of its port.

    Raises:
        ConfigurationError: it cannot be imported or made, or is something else.
    """
    made = made_by(setting, factory(name))
    with _their_code(f"{setting} cannot be used"):
        missing = [method for method in methods if not callable(getattr(made, method, None))]
    if missing:
        raise ConfigurationError(f"{setting} makes something without {' and '.join(missing)}")
    return made


def references(settings: Settings) -> References:
    """The keyed hashes of this installation."""
    return References(settings.reference_key.get_secret_value().encode(), settings.reference_key_id)


def open_knowledge(settings: Settings, tenant: Tenant | None = None) -> KnowledgeBase:
    """The knowledge base that the settings name, or this tenant's.

    Raises:
        ConfigurationError: its topics cannot be read, or its backend is not configured.
    """
    key = settings.moss_project_key
    return build(
        settings.knowledge_folder,
        backend=settings.knowledge,
        index_name=(tenant or of_settings(settings)).knowledge_index,
        project_id=settings.moss_project_id,
        project_key=key.get_secret_value() if key else None,
    )


@asynccontextmanager
async def open_ledger(
    settings: Settings, tenant: Tenant | None = None, *, database: Database | None = None
) -> AsyncIterator[Ledger]:
    """Open the ledger for calls of a tenant, or of the one that the settings describe.

    `database`: the one that the settings name, where it was opened before; closed afterwards in any case.

    The schema is made where the database is embedded and new, and the demo loans are put into an empty one.

    Raises:
        ConfigurationError: a factory cannot be used, a key is too short, or a server's schema is not up to date.
        UnavailableError: the database does not answer.
    """
    database = database or Database(settings.database_url)
    try:
        await ensure(database)
        refs = references(settings)
        pinned = tenant or of_settings(settings)
        payments = Payments(
            database, refs.loan_ref, zone=ZoneInfo(pinned.time_zone), gateway=settings.gateway.rstrip("/")
        )
        journal = Journal(_stamp(refs.key_id, pinned.id, pinned.config_hash))
        directory = await _directory(settings, database)
        gateway = _gateway(settings, database)
        policy = AttemptPolicy(
            limit=settings.policy.attempts_per_loan,
            window=timedelta(hours=24),
            # Guesses are what is limited. Someone who is right each time may call more than three times a day.
            match_frees_its_attempt=True,
            per_caller=settings.guesses_per_caller,
            in_all=settings.guesses_in_all,
        )
        snapshots = Snapshots(database)
        yield Ledger(
            database=database,
            directory=directory,
            gateway=gateway,
            identity=IdentityCheck(database, directory, refs.loan_ref, policy=policy),
            payments=payments,
            callbacks=Callbacks(database),
            notices=Notices(database, refs.loan_ref),
            references=refs,
            journal=journal,
            reconciler=Reconciler(
                database=database,
                payments=payments,
                gateway=gateway,
                recorder=ResolutionRecords(journal, HeardBy.OPERATOR),
                loan_ref=refs.loan_ref,
            ),
            snapshots=snapshots,
            abandoned=Abandoned(
                database, snapshots, EndRecords(journal), after=timedelta(seconds=settings.resume_seconds)
            ),
        )
    finally:
        await database.close()


@asynccontextmanager
async def open_ledger_there(settings: Settings) -> AsyncIterator[Ledger]:
    """As `open_ledger`, for commands that are about what calls left behind: no database is made.

    Raises:
        UnavailableError: there is none, too.
    """
    database = Database(settings.database_url)
    database.require_there()
    async with open_ledger(settings, database=database) as ledger:
        yield ledger


def _stamp(key_id: str, tenant: str, config: str | None) -> Stamp:
    return Stamp(key_id=key_id, machine=TABLE_HASH, build=build_name(), tenant=tenant, tenant_config=config)


def of_nobody(references: References) -> Journal:
    """The journal for calls that are for no tenant."""
    return Journal(_stamp(references.key_id, NOBODY, None))


def own_directory(settings: Settings) -> LoanDirectory:
    """The servicer's own loan system, at its address or from its factory: as it is, which is what its contract is for.

    Raises:
        ConfigurationError: the factory cannot be used, or the key of the digests is too short.
    """
    if not is_address(settings.loans):
        made: LoanDirectory = plug_in("MORTGAGE_FSM_LOANS", settings.loans, "find", "identity_matches")
        return made
    service = HttpService(settings.loans, token=settings.loans_token, seconds=settings.loans_timeout)
    digests = settings.loans_last_four is LastFour.DIGEST
    return HttpLoans(service, digest_key=settings.identity_key.get_secret_value().encode() if digests else None)


def own_gateway(settings: Settings) -> PaymentGateway:
    """The servicer's own payment processor, at its address or from its factory: as it is.

    Raises:
        ConfigurationError: the factory cannot be used.
    """
    if not is_address(settings.gateway):
        made: PaymentGateway = plug_in("MORTGAGE_FSM_GATEWAY", settings.gateway, "submit", "look_up")
        with _their_code("MORTGAGE_FSM_GATEWAY cannot be used"):
            waits = getattr(made, "absent_after", None)
        if not isinstance(waits, timedelta):
            raise ConfigurationError("MORTGAGE_FSM_GATEWAY makes something without absent_after, a timedelta")
        return made
    service = HttpService(settings.gateway, token=settings.gateway_token, seconds=settings.gateway_timeout)
    return HttpGateway(service, absent_after=timedelta(seconds=settings.gateway_absent_after))


def embedded_loans(settings: Settings, database: Database) -> EmbeddedLoans:
    """The embedded loan directory, which `loans import` fills."""
    return EmbeddedLoans(database, settings.identity_key.get_secret_value().encode())


async def _directory(settings: Settings, database: Database) -> LoanDirectory:
    if settings.loans != EMBEDDED:
        own = own_directory(settings)
        return own if is_address(settings.loans) else PluggedInLoans(own, timedelta(seconds=settings.loans_timeout))
    directory = embedded_loans(settings, database)
    if settings.database_is_embedded:
        await ensure_demo_loans(database, directory, datetime.now(UTC).date())
    return directory


def _gateway(settings: Settings, database: Database) -> PaymentGateway:
    if settings.gateway == EMBEDDED:
        return EmbeddedGateway(database)
    own = own_gateway(settings)
    return own if is_address(settings.gateway) else PluggedInGateway(own)
