"""Whole calls whose language model is asked over its vendor's own protocol, at a server on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from livekit.agents.utils import aio
from pydantic import SecretStr

from mortgage_fsm.settings import Settings
from mortgage_fsm.voice.providers import provider
from tests.stories.rehearsal import Rehearsal, rehearse

KEY = "sk-" + "k3y" * 8
"""Looks like a key, opens nothing."""
VAGUE = "flowers and gardens and trees"
"""Words that say nothing our rules hear, so that the model is asked."""


def openai_settings(base_url: str, **changes: Any) -> Settings:
    return Settings(
        _env_file=None, OPENAI_API_KEY=SecretStr(KEY), llm_base_url=base_url, **{"model_timeout": 1.0, **changes}
    )


@asynccontextmanager
async def call_over(base_url: str, **changes: Any) -> AsyncIterator[Rehearsal]:
    """A call heard by our rules and by the real OpenAI plug-in. `changes` are settings; the answer may take a second."""
    settings = openai_settings(base_url, **changes)
    model = provider("llm", settings)()
    try:
        async with rehearse(model=model, model_timeout=settings.model_timeout) as call:
            yield call
    finally:
        await close(model)


async def close(made: Any) -> None:
    """Close a service with its connections. An adapter leaves those of its services to the end of the process."""
    await made.aclose()
    for name in {"_llm_instances", "_stt_instances", "_tts_instances"} & set(vars(made)):
        probing = [getattr(each, "recovering_task", None) for each in made._status]
        await aio.cancel_and_wait(*[each for each in probing if each])
        for each in getattr(made, name):
            await each.aclose()
