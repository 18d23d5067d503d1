"""Composition root: the global LiveKit `server`, what a job process loads once, and what each call is made of.

Only importable without side effects: LiveKit's job processes import this module by name.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from multiprocessing.util import Finalize

import structlog
from livekit import rtc
from livekit.agents import AgentSession, JobContext, JobProcess, JobRequest
from livekit.agents.voice.room_io import RoomOptions
from livekit.agents.worker import ServerEnvOption
from prometheus_client import REGISTRY

from mortgage_fsm.audit import boundary
from mortgage_fsm.audit.logs import configure_structlog
from mortgage_fsm.health import Health
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.settings import Settings, read_settings
from mortgage_fsm.tenants import Tenant, Tenants
from mortgage_fsm.tenants_file import of_settings
from mortgage_fsm.upkeep import Upkeep
from mortgage_fsm.voice.capacity import Capacity
from mortgage_fsm.voice.cast import has
from mortgage_fsm.voice.keeping import Keeper
from mortgage_fsm.voice.keypad import Keypad
from mortgage_fsm.voice.line import Absence, caller_in, calling_from, dialled
from mortgage_fsm.voice.metrics import Metrics
from mortgage_fsm.voice.phone_call import PhoneCall, voice_options
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.production import Server
from mortgage_fsm.voice.providers import STT, TTS, provider
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.taking_over import HeldElsewhereError, place_of, take_over
from mortgage_fsm.voice.tenancy import read_tenants, transfer_plan
from mortgage_fsm.voice.tracing import Tracing, tracing_to
from mortgage_fsm.voice.transfer import PersonLine, RoomReferral, SipPersonLine
from mortgage_fsm.voice.turning_away import turn_away
from mortgage_fsm.voice.warming import warm
from mortgage_fsm.voice.watch import Watch
from mortgage_fsm.wiring import Ledger, of_nobody, open_knowledge, open_ledger

log = structlog.get_logger("mortgage_fsm.server")

WARM_SECONDS = 6.0
"""How long a job process may load the knowledge base; LiveKit kills one that is not ready after ten."""
CLOSING_SECONDS = 20.0
"""What the end of a job process may take beyond the gateway's patience: the last records, and LiveKit's own farewells."""

LAST_WORD_SECONDS = 0.5
"""What is played is still on its way: without this the last word is cut off."""

METRICS, TRACING = "metrics", "tracing"

DATABASE = "database"

KNOWLEDGE, SETTINGS, TENANTS, DEVELOPMENT = "knowledge", "settings", "tenants", "development"


def set_up(process: JobProcess) -> None:
    """Once for each job process: logs that hold nothing private, settings, tenants, knowledge."""
    guard_logs()
    settings = read_settings()
    tenants = read_tenants(settings)
    knowledge = {each.knowledge_index: open_knowledge(settings, each) for each in tenants.by_id.values()}
    for each in knowledge.values():
        each.warm(WARM_SECONDS / len(knowledge))
    process.userdata[DATABASE] = database = Database(settings.database_url)
    warm(settings, database, next(iter(knowledge.values())))
    process.userdata[SETTINGS] = settings
    process.userdata[METRICS] = Metrics(REGISTRY)
    process.userdata[TRACING] = tracing = tracing_to(settings.otel_endpoint, settings.agent_name)
    if tracing is not None:
        Finalize(None, tracing.shutdown, exitpriority=1)
    process.userdata[TENANTS] = tenants
    process.userdata[KNOWLEDGE] = knowledge


def set_up_development(process: JobProcess) -> None:
    """As `set_up`, for a development worker: every tenant's callers may type."""
    set_up(process)
    process.userdata[DEVELOPMENT] = True


def guard_logs() -> None:
    """Let no handler of this process show a caller's words, whoever logs them."""
    boundary.guard()
    configure_structlog()


_settings = read_settings()
_capacity = Capacity(_settings.max_calls)
server = Server(
    setup_fnc=set_up,
    initialize_process_timeout=30.0,
    load_fnc=_capacity.load if _settings.max_calls else None,
    # Imported once, for all job processes: otherwise every caller waits until a new process has imported it.
    preload_modules=["mortgage_fsm.server"],
    port=ServerEnvOption(dev_default=0, prod_default=_settings.worker_port),
    drain_timeout=int(_settings.drain_seconds),
    # After that a job process is killed: never while a gateway is still being waited for.
    shutdown_process_timeout=_settings.gateway_timeout + CLOSING_SECONDS,
)
health = Health(server, read_settings)
upkeep = Upkeep(server, read_settings)


async def take(request: JobRequest) -> None:
    """A call is offered: take it, unless there are as many as there may be."""
    await _capacity.take(request, [each.job.id for each in server.active_jobs])


@server.rtc_session(agent_name=_settings.agent_name, on_request=take)
async def answer(ctx: JobContext) -> None:
    """One dispatched job: answer the call. It goes on after this returns, until one side ends it."""
    guard_logs()
    settings: Settings = ctx.proc.userdata[SETTINGS]
    # Before the session starts: a greeting that is spoken into an empty room is a greeting nobody heard.
    await ctx.connect()
    await ctx.wait_for_participant()
    caller = caller_in(ctx.room)
    async with AsyncExitStack() as opened:
        tenants: Tenants = ctx.proc.userdata[TENANTS]
        tenant = tenants.choose(ctx.job.metadata, dialled(ctx.room, caller))
        ledger = await opened.enter_async_context(open_ledger(settings, tenant, database=ctx.proc.userdata[DATABASE]))
        if tenant is None:
            await _turn_away(ctx, settings, ledger, caller)
            return
        settings = settings.model_copy(update={"language": tenant.language})
        text = tenant.text_streams or DEVELOPMENT in ctx.proc.userdata
        model = provider("llm", settings)()
        phone, watch = _is_phone(ctx, caller), _watch(ctx)
        holder = ctx.local_participant_identity
        place = place_of(ledger, tenant, room=ctx.room.name, caller=caller, holder=holder)
        limit = timedelta(seconds=settings.resume_seconds)
        try:
            found = await take_over(ledger, place, ctx.room.remote_participants.__contains__, limit)
        except HeldElsewhereError:
            log.warning("call_is_held_elsewhere")
            ctx.shutdown()
            return
        keeper = Keeper(found.call if found else secrets.token_hex(16), ledger.snapshots, place)
        call = PhoneCall(
            settings,
            ledger,
            ctx.proc.userdata[KNOWLEDGE][tenant.knowledge_index],
            tenant=tenant,
            model=model,
            audio=True,
            watch=watch,
            keypad=phone,
            caller=calling_from(ctx.room, caller),
            person=_person(ctx, tenant, caller, watch) if phone else None,
            keeper=keeper,
            found=found,
        )
        if phone:
            digits, seconds = settings.loan_number_lengths, settings.keypad_seconds
            keypad = Keypad(call.orchestrator, call.session, loan_digits=digits, timeout=seconds, watch=watch)
            keypad.listen(ctx.room, caller)
        ctx.log_context_fields = {"call": call.id}
        opened.push_async_callback(call.close)
        call.session.on("close", lambda _: _over(ctx, keeper))
        for each in (_leave(ctx, call), _let_go(ctx, call, keeper)):
            opened.callback(asyncio.ensure_future(each).cancel)
        opened.callback(Absence(ctx.room, caller, ctx.shutdown).over)
        await call.start(room=ctx.room, room_options=_room(settings, tenant, caller, text=text))
        ctx.add_shutdown_callback(opened.pop_all().aclose)


def _is_phone(ctx: JobContext, caller: str) -> bool:
    """Whether the caller is on a telephone: only there are keys to press and a line that can be transferred."""
    participant = ctx.room.remote_participants.get(caller)
    return participant is not None and participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP


def _person(ctx: JobContext, tenant: Tenant, caller: str, watch: Watch) -> PersonLine:
    """The tenant's people, reached by transferring this caller's line."""
    return SipPersonLine(transfer_plan(tenant), RoomReferral(ctx.api, ctx.room.name, caller), watch)


def _watch(ctx: JobContext) -> Watch:
    """Counts with the rest of this process, and traces where the process does."""
    tracing: Tracing | None = ctx.proc.userdata[TRACING]
    return Watch(ctx.proc.userdata[METRICS], tracing.tracer if tracing is not None else None)


async def _leave(ctx: JobContext, call: PhoneCall) -> None:
    """Hang up when the agent has said goodbye."""
    await call.orchestrator.goodbye.wait()
    await asyncio.sleep(LAST_WORD_SECONDS)
    ctx.shutdown()


async def _let_go(ctx: JobContext, call: PhoneCall, keeper: Keeper) -> None:
    """Fall silent and leave when another process has taken the call over."""
    await keeper.lost.wait()
    with suppress(RuntimeError):  # it has not begun to speak yet
        call.session.interrupt(force=True)
    ctx.shutdown()


def _over(ctx: JobContext, keeper: Keeper) -> None:
    """The session is closed: so is the room, unless the call goes on in it with another process."""
    if not keeper.lost.is_set():
        ctx.delete_room()
    ctx.shutdown()


async def _turn_away(ctx: JobContext, settings: Settings, ledger: Ledger, caller: str) -> None:
    """A call for nobody here: say so, and hang up."""
    recorder = Recorder(secrets.token_hex(16), ledger.database, of_nobody(ledger.references), ledger.references)
    session: AgentSession[None] = AgentSession(**voice_options(settings, audio=False), tts=provider("tts", settings)())
    options = _room(settings, of_settings(settings), caller, text=DEVELOPMENT in ctx.proc.userdata)
    options.audio_input = options.text_input = False
    options.delete_room_on_close = True
    try:
        sentence = phrases(settings.language).say("greeting", "nobody")
        await turn_away(session, recorder, sentence, room=ctx.room, room_options=options)
    finally:
        ctx.shutdown()


def _room(settings: Settings, tenant: Tenant, caller: str, *, text: bool) -> RoomOptions:
    """Sound where there is something to hear and speak with; one caller, named.

    `text`: the caller may type, and reads what is said.
    """
    return RoomOptions(
        # Named, because otherwise whoever is in the room next would become the caller when the line drops.
        participant_identity=caller,
        audio_input=has(STT, tenant, settings),
        audio_output=has(TTS, tenant, settings),
        text_input=text,
        text_output=text,
    )
