"""Which models and voices each of the two agents of a call has: what its tenant names for it, or else the call's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from livekit.agents import llm

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenant
from mortgage_fsm.voice.agents import MortgageRetrievalAgent, PaymentFlowAgent, StateAgent
from mortgage_fsm.voice.providers import LLM, STT, TTS, Provider, provider

AGENTS: Final[Mapping[str, type[StateAgent]]] = MappingProxyType(
    {"advisor": MortgageRetrievalAgent, "payment": PaymentFlowAgent}
)
"""The agents by the names that they have in a tenant's table."""

Models = Mapping[type[StateAgent], Mapping[str, Any]]
"""Of each agent, its own `llm`, `stt` and `tts`; one that is left out is the call's."""


def _named(voice: object) -> Iterator[tuple[str, str, str]]:
    """Agent, kind and name of every service in a tenant's table `voice`; what has another shape is left out."""
    for agent in AGENTS:
        own = voice.get(agent) if isinstance(voice, dict) else None
        for kind in (LLM, STT, TTS):
            name = own.get(kind) if isinstance(own, dict) else None
            if isinstance(name, str):
                yield agent, kind, name


def _provider(kind: str, name: str, settings: Settings) -> Provider:
    return provider(kind, settings.model_copy(update={kind: name}))


def problems(voice: object, settings: Settings) -> Iterator[tuple[str, str]]:
    """The keys of a tenant's table `voice` that name what cannot be used, and what is wrong with each."""
    for agent, kind, name in _named(voice):
        try:
            _provider(kind, name, settings)
        except ConfigurationError as error:
            for problem in error.problems:
                yield f"voice.{agent}.{kind}", problem


def has(kind: str, tenant: Tenant, settings: Settings) -> bool:
    """Whether calls of a tenant are heard (`stt`) or spoken to (`tts`) by both agents."""
    own = {
        agent: bool(_provider(kind, name, settings))
        for agent, of, name in _named(tenant.voice.model_dump())
        if of == kind
    }
    return all(own.get(agent, bool(provider(kind, settings))) for agent in AGENTS)


def cast(tenant: Tenant, settings: Settings, *, audio: bool) -> Models:
    """What the agents of one call have of their own. A service that both name is made once, and so stays connected.

    With `audio` False the caller is neither heard nor spoken to, and there are language models alone.

    Raises:
        ConfigurationError: see `problems`.
    """
    made: dict[tuple[str, str], Any] = {}
    found: dict[type[StateAgent], dict[str, Any]] = {}
    for agent, kind, name in _named(tenant.voice.model_dump()):
        if kind == LLM or audio:
            if (kind, name) not in made:
                made[kind, name] = _provider(kind, name, settings)()
            found.setdefault(AGENTS[agent], {})[kind] = made[kind, name]
    return found


def heard_through(models: Models, listener: Callable[[llm.LLM[Any] | None], llm.LLM[Any]]) -> Models:
    """The same, but for the language models, each of which a listener of ours stands in front of."""
    return {
        agent: {kind: listener(service) if kind == LLM else service for kind, service in own.items()}
        for agent, own in models.items()
    }
