"""Cartesia's speech over a WebSocket: takes sentences, gives back sound, time stamps and the end of each context."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.wire.loopback import Loopback, hang_up, listening

PATH = "/tts/websocket"
SOUND = bytes(4800)
"""A tenth of a second of silence at 24 kHz."""


class CartesiaServer(Loopback):
    """Answers as `behaves` says: `speaks`, `refuses`, `drops` the connection on the first sentence, or stays `silent`."""

    def __init__(self, behaves: str = "speaks") -> None:
        super().__init__()
        self.behaves = behaves
        self.messages: list[dict[str, Any]] = []

    @property
    def said(self) -> str:
        """All that was to be spoken, as it came."""
        return " ".join("".join(each["transcript"] for each in self.messages).split())

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await self.keep(request)
        if self.behaves == "refuses":
            return web.Response(status=402)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            sentence = message.json()
            self.messages.append(sentence)
            if self.behaves == "drops":
                await asyncio.sleep(0.01)
                hang_up(request)
            elif self.behaves == "speaks":
                await self._speak(socket, sentence)
        return socket

    async def _speak(self, socket: web.WebSocketResponse, sentence: dict[str, Any]) -> None:
        context = {"context_id": sentence["context_id"], "status_code": 206, "done": False}
        if sentence["continue"]:
            sound = base64.b64encode(SOUND).decode()
            await socket.send_json({**context, "type": "chunk", "data": sound, "step_time": 1.0})
        else:
            await socket.send_json({**context, "type": "done", "status_code": 200, "done": True})


@asynccontextmanager
async def cartesia_server(behaves: str = "speaks") -> AsyncIterator[CartesiaServer]:
    server = CartesiaServer(behaves)
    async with listening(PATH, server.answer, server):
        yield server
