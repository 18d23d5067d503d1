"""What the voice is given, which is not what is shown and kept: figures are written out on the way to the synthesis."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable
from typing import Any

from livekit.agents.voice.agent_session import DEFAULT_TTS_TEXT_TRANSFORMS

from mortgage_fsm.spoken import aloud


def for_the_voice(language: str) -> list[Any]:
    """For `tts_text_transforms` of AgentSession: LiveKit's own, and then figures as this language reads them out."""

    async def written_out(text: AsyncIterable[str]) -> AsyncGenerator[str, None]:
        # All of it at once, because a figure may be cut in two; each of our sentences comes in one piece anyway.
        yield aloud("".join([part async for part in text]), language=language)

    return [*DEFAULT_TTS_TEXT_TRANSFORMS, written_out]
