"""One call: orchestrator, listener, advisor, desk and session, made from a tenant and the ledger and wired together."""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from livekit.agents import AgentSession, inference, llm

from mortgage_fsm.knowledge.port import KnowledgeBase
from mortgage_fsm.ledger.snapshots import Snapshot
from mortgage_fsm.settings import AdvisorSpeech, Settings
from mortgage_fsm.tenants import Tenant
from mortgage_fsm.tenants_file import of_settings
from mortgage_fsm.voice.advisor import Advisor
from mortgage_fsm.voice.agents import Agents, MortgageRetrievalAgent
from mortgage_fsm.voice.aloud import for_the_voice
from mortgage_fsm.voice.beginning import Anew, Beginning, GoneOn
from mortgage_fsm.voice.cast import cast, heard_through
from mortgage_fsm.voice.desk import Desk
from mortgage_fsm.voice.keeping import Keeper
from mortgage_fsm.voice.listener import Listener
from mortgage_fsm.voice.orchestrator import Orchestrator
from mortgage_fsm.voice.patience import Patience
from mortgage_fsm.voice.phrases import phrases
from mortgage_fsm.voice.providers import LLM, PATIENCE, provider
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.speech import Wording
from mortgage_fsm.voice.tenancy import terms_of
from mortgage_fsm.voice.transfer import NobodyThere, PersonLine
from mortgage_fsm.voice.turns import hears
from mortgage_fsm.voice.watch import Watch
from mortgage_fsm.wiring import Ledger

log = structlog.get_logger("mortgage_fsm.phone_call")


class PhoneCall:
    """One call: the orchestrator, its listener and its session, wired together.

    Args:
        tenant: whom the call is for; None: the one that the settings describe. The ledger must be opened for it.
        model: asked for what our rules do not hear; None: nothing is.
        audio: whether the caller is heard and spoken to; False: text only.
        keypad: whether the caller has keys to press, which are then offered.
        caller: the number that the caller calls from, where it is known.
        watch: counts and times what happens in it.
        keeper: keeps its snapshot, which outlives this process; None: the call does not.
        found: where another process has left it; None: it begins.
    """

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        knowledge: KnowledgeBase,
        *,
        tenant: Tenant | None = None,
        model: llm.LLM[Any] | None,
        audio: bool,
        keypad: bool = False,
        caller: str | None = None,
        person: PersonLine | None = None,
        watch: Watch | None = None,
        keeper: Keeper | None = None,
        found: Snapshot | None = None,
    ) -> None:
        self.watch = watch or Watch()
        self.keeper = keeper
        self.id = keeper.call_id if keeper is not None else secrets.token_hex(16)
        tenant = tenant or of_settings(settings)
        words = phrases(tenant.language).but(tenant.phrases)
        methods = frozenset(tenant.methods)
        language, patience = tenant.language, Patience(settings.model_timeout)
        models = cast(tenant, settings, audio=audio)
        answers = models.get(MortgageRetrievalAgent, {}).get(LLM, model)
        if settings.advisor_speech is not AdvisorSpeech.MODEL:
            answers = None
        self.advisor = Advisor(knowledge, words, answers, patience, self.watch, language=language)
        wording = Wording(words, tenant.name, terms_of(tenant), keypad=keypad)
        desk = Desk(
            self.id,
            directory=ledger.directory,
            identity=ledger.identity,
            payments=ledger.payments,
            gateway=ledger.gateway,
            references=ledger.references,
            callbacks=ledger.callbacks,
            gateway_timeout=settings.gateway_timeout,
            methods=methods,
            recorded=tenant.records_calls,
            caller_ref=ledger.references.caller_ref(caller) if caller else None,
            watch=self.watch,
        )
        begins: Beginning = Anew(tenant.policy)
        if found is not None:
            begins = GoneOn(found, tenant.policy, desk, ledger.payments, ledger.reconciler)
        self.orchestrator = Orchestrator(
            beginning=begins,
            hear=hears(language, settings.loan_number_lengths),
            desk=desk,
            wording=wording,
            recorder=Recorder(
                self.id,
                ledger.database,
                ledger.journal,
                ledger.references,
                self.watch,
                wording=wording.read_back_hash,
                keeper=keeper,
            ),
            advisor=self.advisor,
            person=person or NobodyThere(),
            watch=self.watch,
        )

        def listener(inner: llm.LLM[Any] | None) -> Listener:
            return Listener(self.orchestrator.ears, inner, patience, self.watch, language=language)

        self.listener = listener(model)
        self.agents = Agents(language, heard_through(models, listener))
        self.session: AgentSession[Orchestrator] = AgentSession(
            userdata=self.orchestrator, llm=self.listener, **voice_options(settings, audio=audio)
        )

    async def start(self, **options: Any) -> None:
        """Begin to listen and to speak. `options` go to `AgentSession.start`."""
        self.watch.attach(self.session)
        await self.orchestrator.start(self.session, self.agents, **options)
        if self.keeper is not None:
            self.keeper.begin()

    async def close(self) -> None:
        """End the call: the last record, then the session, then what it used."""
        await self.orchestrator.close()
        if self.keeper is not None:
            await self.keeper.end()
        await self.session.aclose()
        log.info("call_used", **self.watch.ended(self.orchestrator.call.state, self.session))


def voice_options(settings: Settings, *, audio: bool) -> dict[str, Any]:
    """Options of AgentSession: text alone, or speech with the models that come with LiveKit Agents."""
    if not audio:
        return {"vad": None, "user_away_timeout": None, "turn_handling": {"turn_detection": None}}
    return {
        "stt": provider("stt", settings)(),
        "tts": provider("tts", settings)(),
        "tts_text_transforms": for_the_voice(settings.language),
        "conn_options": PATIENCE,
        "user_away_timeout": settings.silence_seconds,
        # A phone line needs no warm-up of echo cancellation, during which a caller could not interrupt.
        "aec_warmup_duration": None,
        "turn_handling": {
            "turn_detection": inference.TurnDetector(version="v1-mini"),
            "interruption": {"mode": "vad"},
            "preemptive_generation": {"enabled": False},
        },
    }
