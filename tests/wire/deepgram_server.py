"""Deepgram's live recognition: a WebSocket that takes PCM and gives back results, as many finals as a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.loopback import Loopback, hang_up, listening

PATH = "/v1/listen"


def _results(text: str, *, final: bool, speech_final: bool) -> dict[str, Any]:
    words = [{"word": word, "punctuated_word": word, "start": 0.1, "end": 0.2} for word in text.split()]
    alternative = {"transcript": text, "confidence": 0.98, "words": words}
    return {
        "type": "Results", "channel_index": [0, 1], "start": 0.0, "duration": 1.0, "is_final": final,
        "speech_final": speech_final, "channel": {"alternatives": [alternative]}, "metadata": {"request_id": "r1"},
    }  # fmt: skip


class DeepgramServer(Loopback):
    """Answers the first sound of a connection with `finals`, the last of them ending the speech; more by `hear`.

    Args:
        finals: transcripts, each a final result of its own.
        status: refuse every connection with this HTTP status instead.
        drops: connections to drop on their first sound before one is served.
    """

    def __init__(self, finals: Sequence[str] = (), *, status: int = 101, drops: int = 0) -> None:
        super().__init__()
        self.finals = finals
        self.status = status
        self.drops = drops
        self.sound = 0
        """Bytes of PCM received."""
        self.messages: list[dict[str, Any]] = []
        """Text messages received."""
        self._sockets: list[web.WebSocketResponse] = []

    @property
    def base_url(self) -> str:
        return f"{self.url}{PATH}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await self.keep(request)
        if self.status != 101:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        answered = not self.finals
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.messages.append(json.loads(message.data))
                if self.messages[-1]["type"] == "CloseStream":
                    break
                continue
            self.sound += len(message.data)
            if self.drops:
                self.drops -= 1
                hang_up(request)
                break
            if not answered:
                answered = True
                await self.hear(*self.finals)
        return socket

    async def hear(self, *finals: str) -> None:
        """Write these finals to whoever is connected last, as if they had just been spoken."""
        socket = self._sockets[-1]
        await socket.send_json({"type": "SpeechStarted", "channel": [0], "timestamp": 0.1})
        await socket.send_json(_results("um", final=False, speech_final=False))
        for at, text in enumerate(finals, 1):
            await socket.send_json(_results(text, final=True, speech_final=at == len(finals)))


@asynccontextmanager
async def deepgram_server(*finals: str, status: int = 101, drops: int = 0) -> AsyncIterator[DeepgramServer]:
    server = DeepgramServer(finals, status=status, drops=drops)
    async with listening(PATH, server.answer, server):
        yield server
