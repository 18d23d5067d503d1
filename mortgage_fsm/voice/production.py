"""What a worker in production must not take calls with: refused whoever starts it, our command or LiveKit's."""

from __future__ import annotations

from typing import Any

from livekit.agents import AgentServer

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.exits import WRONG_USAGE, leave
from mortgage_fsm.settings import Settings, read_settings
from mortgage_fsm.voice.cast import has
from mortgage_fsm.voice.providers import STT, TTS
from mortgage_fsm.voice.tenancy import read_tenants


def unfit(settings: Settings, *, development: bool) -> list[str]:
    """What calls cannot be taken with, one sentence each; in development only what is wrong with the tenants."""
    problems = [] if development else settings.development_defaults()
    try:
        tenants = read_tenants(settings).by_id.values()
        for kind in (STT, TTS):
            if not development and not all(has(kind, each, settings) for each in tenants):
                problems.append(f"MORTGAGE_FSM_{kind.upper()} is none: callers could not be heard or spoken to")
    except ConfigurationError as error:
        problems += error.problems
    return problems


def refuse(settings: Settings) -> None:
    """Refuse settings that are not fit for production.

    Raises:
        ConfigurationError: one sentence for each problem, all at once.
    """
    problems = unfit(settings, development=False)
    if problems:
        raise ConfigurationError(*problems)


class Server(AgentServer):
    """LiveKit's worker, which does not begin to serve callers with settings of development."""

    async def run(self, *, devmode: bool = False, **options: Any) -> None:
        """Serve, as LiveKit has it. Not fit to: the process ends with 2, and a sentence for each problem on stderr.

        It ends at once: LiveKit's command would log an exception, and then end as if all were well.
        """
        if not devmode:
            try:
                refuse(read_settings())
            except ConfigurationError as error:
                leave(WRONG_USAGE, error.problems)
        await super().run(devmode=devmode, **options)
