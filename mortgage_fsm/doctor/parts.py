"""The parts that a call needs besides loans and gateway: each is looked at, none is changed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import text

from mortgage_fsm.doctor.asked import Asked
from mortgage_fsm.doctor.findings import Finding, Verdict
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.port import KnowledgeBase, Status
from mortgage_fsm.knowledge.topics import load, version
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.migrations import HEAD
from mortgage_fsm.ledger.probe import check_writable
from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.cast import has
from mortgage_fsm.voice.providers import LLM, NONE, STT, TTS, provider
from mortgage_fsm.voice.reaching import NO_ADDRESS, REFUSED, host_of, knock
from mortgage_fsm.voice.tenancy import read_tenants
from mortgage_fsm.wiring import open_knowledge

WARM_SECONDS: Final = 6.0
_KEYS = {LLM: "OPENAI_API_KEY", STT: "DEEPGRAM_API_KEY", TTS: "CARTESIA_API_KEY"}


async def defaults(settings: Settings, asked: Asked) -> AsyncIterator[Finding]:
    """What must not be used with real callers."""
    problems = settings.development_defaults()
    for problem in problems:
        yield Finding("defaults", Verdict.MISSING, problem, needed=asked.production)
    if not problems:
        yield Finding("defaults", Verdict.OK, "no development default is in use")


async def tenants(settings: Settings, _: Asked) -> AsyncIterator[Finding]:
    """Whose calls are taken."""
    for each in read_tenants(settings).by_id.values():
        yield Finding("tenants", Verdict.OK, f"{each.id}, language {each.language}")


async def database(settings: Settings, _: Asked) -> AsyncIterator[Finding]:
    """The ledger's database."""
    database = Database(settings.database_url)
    try:
        yield await _of_database(database)
    finally:
        await database.close()


async def _of_database(database: Database) -> Finding:
    url = database.url
    where = f"{url.get_backend_name()} {url.host or url.database}"
    file = Path(url.database or "")
    if database.is_sqlite and not await asyncio.to_thread(file.exists):
        if await asyncio.to_thread(_can_be_made, file):
            return Finding("database", Verdict.OK, f"{where} will be made by the first call")
        return Finding("database", Verdict.FAILED, f"{where} cannot be made: its folder is not writable")
    async with database.reading() as connection:
        revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    if revision == HEAD:
        await check_writable(database)
        return Finding("database", Verdict.OK, f"{where}, schema {HEAD}, takes writes")
    if database.is_sqlite:
        return Finding("database", Verdict.OK, f"{where}, schema {revision}: the first call brings it to {HEAD}")
    return Finding("database", Verdict.FAILED, f"{where}, schema {revision}, needed is {HEAD}: run `db upgrade`")


def _can_be_made(file: Path) -> bool:
    folder = next(each for each in file.resolve().parents if each.exists())
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


async def knowledge(settings: Settings, _: Asked) -> AsyncIterator[Finding]:
    """The topics, and the index that each tenant's calls ask."""
    topics = load(settings.knowledge_folder)
    what = f"{len(topics)} topics, version {version(topics)[:12]}"
    asked: set[str | None] = set()
    for tenant in read_tenants(settings).by_id.values():
        if tenant.knowledge_index in asked:
            continue
        asked.add(tenant.knowledge_index)
        knowledge = open_knowledge(settings, tenant)
        try:
            yield await _of_knowledge(knowledge, what, topics[0].title)
        finally:
            await knowledge.aclose()


async def _of_knowledge(knowledge: KnowledgeBase, what: str, question: str) -> Finding:
    await asyncio.to_thread(knowledge.warm, WARM_SECONDS)
    answer = await knowledge.search(question)
    if answer.status is Status.UNAVAILABLE:
        return Finding("knowledge", Verdict.FAILED, f"{knowledge.name} does not answer")
    if answer.degraded:
        return Finding("knowledge", Verdict.FAILED, f"{what}; {answer.backend} stands in for {knowledge.name}", False)
    return Finding("knowledge", Verdict.OK, f"{what}, {answer.backend}")


def service(kind: str) -> Callable[[Settings, Asked], AsyncIterator[Finding]]:
    """A speech or language service, and whether its vendor's key is there. It is made, not asked."""

    async def look(settings: Settings, asked: Asked) -> AsyncIterator[Finding]:
        named = provider(kind, settings)
        key = "is set" if getattr(settings, _KEYS[kind].lower()) else "is not set"
        if named.name == NONE:
            without = [] if kind == LLM else _without(kind, settings)
            whose = f" for calls of {', '.join(without)}" if without else ""
            yield Finding(
                kind, Verdict.MISSING, f"none{whose}; {_KEYS[kind]} {key}", asked.production and bool(without)
            )
            return
        try:
            made = named()
            await made.aclose()
        except ConfigurationError:
            raise
        except Exception as error:  # noqa: BLE001 - a plug-in's message may quote its key
            yield Finding(kind, Verdict.FAILED, f"{named.name} cannot be made ({type(error).__name__})")
            return
        yield Finding(kind, Verdict.OK, f"{named.name}; {_KEYS[kind]} {key}")

    return look


def _without(kind: str, settings: Settings) -> list[str]:
    """The tenants that name none of their own for both agents, where the installation has none."""
    return [name for name, each in read_tenants(settings).by_id.items() if not has(kind, each, settings)]


async def livekit(settings: Settings, asked: Asked) -> AsyncIterator[Finding]:
    """The server that calls come from."""
    secret = settings.livekit_api_secret
    given = {
        "LIVEKIT_URL": settings.livekit_url,
        "LIVEKIT_API_KEY": settings.livekit_api_key,
        "LIVEKIT_API_SECRET": secret.get_secret_value() if secret else None,
    }
    absent = [name for name, value in given.items() if not value]
    if absent:
        # Without an address `dev` is a call in the terminal; with one and no key it is nothing.
        needed = asked.production or settings.livekit_url is not None
        yield Finding("livekit", Verdict.MISSING, f"not set: {', '.join(absent)}", needed)
        return
    url, key, password = (str(value) for value in given.values())
    host = host_of(url)
    if not host:
        yield Finding("livekit", Verdict.FAILED, NO_ADDRESS)
        return
    status = await knock(url, key, password)
    if status is None:
        yield Finding("livekit", Verdict.FAILED, f"{host} cannot be reached")
    elif status in REFUSED:
        yield Finding("livekit", Verdict.FAILED, f"{host} refuses the key and secret")
    else:
        yield Finding("livekit", Verdict.OK, f"{host} answers; calls for {settings.agent_name}")


async def operators(settings: Settings, _: Asked) -> AsyncIterator[Finding]:
    """What tells operators how a worker does. No call needs it."""
    if settings.health_port is None:
        yield Finding("health", Verdict.MISSING, "MORTGAGE_FSM_HEALTH_PORT is not set: no /ready, no /metrics", False)
    elif not await _is_of_this_machine(settings.health_host):
        says = (
            f"MORTGAGE_FSM_HEALTH_HOST is no address of this machine: no /ready, no /metrics ({settings.health_host})"
        )
        yield Finding("health", Verdict.FAILED, says, needed=False)
    else:
        yield Finding("health", Verdict.OK, f"/ready and /metrics on {settings.health_host}:{settings.health_port}")
    if settings.otel_endpoint is None:
        yield Finding("tracing", Verdict.MISSING, "OTEL_EXPORTER_OTLP_ENDPOINT is not set: no spans", False)
    else:
        yield Finding("tracing", Verdict.OK, f"spans go to {urlsplit(settings.otel_endpoint).hostname}")


async def _is_of_this_machine(host: str) -> bool:
    """Whether it can be listened on there: tried on a port that is free, since a worker may hold the one that is set."""
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, 0)
    except (OSError, UnicodeError, ValueError):
        return False
    server.close()
    return True
