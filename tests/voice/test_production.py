"""Settings of development take no calls in production, whoever starts the worker."""

from __future__ import annotations

from typing import Any

import pytest
from livekit.agents import AgentServer

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.server import server
from mortgage_fsm.settings import DEVELOPMENT_KEY, Settings
from mortgage_fsm.voice import production
from mortgage_fsm.voice.production import Server, refuse, unfit

KEYS = {"identity_key": "i" * 32, "reference_key": "r" * 32}
FIT = {
    **KEYS,
    "database_url": "postgresql+asyncpg://ledger.example/mortgage",
    "loans": "tests.voice.test_production:anything",
    "gateway": "tests.voice.test_production:anything",
    "stt": "tests.voice.test_production:anything",
    "tts": "tests.voice.test_production:anything",
}


def anything() -> Any:
    raise AssertionError("nothing is made to see whether it could be")


def settings(**changes: Any) -> Settings:
    return Settings(_env_file=None, **{"llm": "none", "stt": "none", "tts": "none", **changes})


def test_what_is_fit_is_not_refused() -> None:
    assert unfit(settings(**FIT), development=False) == []
    refuse(settings(**FIT))


def test_every_default_of_development_is_refused_at_once_and_no_key_is_repeated() -> None:
    with pytest.raises(ConfigurationError) as refused:
        refuse(settings())
    said = "\n".join(refused.value.problems)
    for name in ("IDENTITY_KEY", "REFERENCE_KEY", "DATABASE_URL", "GATEWAY", "STT", "TTS"):
        assert f"MORTGAGE_FSM_{name}" in said
    assert DEVELOPMENT_KEY not in said


def test_development_minds_only_what_no_call_could_be_taken_with() -> None:
    assert unfit(settings(), development=True) == []
    assert "phrases" in " ".join(unfit(settings(language="xx"), development=True))


async def test_livekits_own_command_serves_nobody_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[bool] = []
    said: list[str] = []

    def leave(code: int, problems: tuple[str, ...]) -> None:
        said.extend(problems)
        raise SystemExit(code)

    async def run(_: AgentServer, *, devmode: bool = False, **__: Any) -> None:
        served.append(devmode)

    monkeypatch.setattr(AgentServer, "run", run)
    monkeypatch.setattr(production, "read_settings", settings)
    monkeypatch.setattr(production, "leave", leave)
    assert isinstance(server, Server)
    with pytest.raises(SystemExit) as ended:
        await server.run()
    assert ended.value.code == 2
    assert "MORTGAGE_FSM_IDENTITY_KEY is the development default" in said
    await server.run(devmode=True)
    monkeypatch.setattr(production, "read_settings", lambda: settings(**FIT))
    await server.run(devmode=False, unregistered=True)
    assert served == [True, False]
