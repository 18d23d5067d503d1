"""Looks at one part after the other, in the order in which a call needs them, whatever the one before came to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from mortgage_fsm.doctor import contracts, parts
from mortgage_fsm.doctor.asked import Asked
from mortgage_fsm.doctor.findings import Finding, Verdict
from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.settings import Settings, read_settings, unknown_names
from mortgage_fsm.voice.providers import LLM, STT, TTS

_LOOKS: Final[dict[str, Callable[[Settings, Asked], AsyncIterator[Finding]]]] = {
    "defaults": parts.defaults,
    "tenants": parts.tenants,
    "database": parts.database,
    "knowledge": parts.knowledge,
    **{kind: parts.service(kind) for kind in (LLM, STT, TTS)},
    "livekit": parts.livekit,
    "loans": contracts.loans,
    "gateway": contracts.gateway,
    "health": parts.operators,
}


async def examine(asked: Asked) -> list[Finding]:
    """Look at everything, in the order in which a call needs it. Never raises for what it finds."""
    try:
        settings = read_settings()
    except ConfigurationError as error:
        return [Finding("settings", Verdict.FAILED, problem) for problem in error.problems]
    found = [Finding("settings", Verdict.OK, "can be read")]
    found += [Finding("settings", Verdict.FAILED, f"{name} is no setting", needed=False) for name in unknown_names()]
    for name, look in _LOOKS.items():
        try:
            found += [finding async for finding in look(settings, asked)]
        except ConfigurationError as error:
            found += [Finding(name, Verdict.FAILED, problem) for problem in error.problems]
        except UnavailableError as error:
            found.append(Finding(name, Verdict.FAILED, str(error)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a part may be anyone's; its message could quote a secret
            found.append(Finding(name, Verdict.FAILED, f"raised {type(error).__name__}"))
    return found
