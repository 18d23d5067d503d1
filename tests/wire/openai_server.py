"""OpenAI's chat completions, streamed: what the plug-in reads, and everything that goes wrong with it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.wire.loopback import Loopback, hang_up, listening

PATH = "/v1/chat/completions"
Write = Callable[[bytes], Awaitable[None]]
Answer = Callable[[web.Request, Loopback], Awaitable[web.StreamResponse]]


def _chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices, **more}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


_USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}
_END = _chunk({}, "stop", choices=[], usage=_USAGE) + b"data: [DONE]\n\n"


def _call(name: str, arguments: str, index: int = 0) -> list[bytes]:
    """A tool call in pieces: its name first, then its arguments a few characters at a time."""
    head = {"index": index, "id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [arguments[at : at + 5] for at in range(0, len(arguments), 5)]
    rest = [{"index": index, "function": {"arguments": piece}} for piece in pieces]
    return [_chunk({"tool_calls": [each]}) for each in (head, *rest)]


def _stream(chunks: Sequence[bytes], then: Callable[[web.Request, Loopback], Awaitable[None]] | None = None) -> Answer:
    async def answer(request: web.Request, server: Loopback) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if then is not None:
            await then(request, server)
        return response

    return answer


async def _wait(_: web.Request, server: Loopback) -> None:
    await server.gone.wait()


async def _drop(request: web.Request, _: Loopback) -> None:
    await asyncio.sleep(0.02)  # the pieces above must arrive before the connection goes
    hang_up(request)


def picks(*names: str, arguments: str = "{}") -> Answer:
    """One tool call for each name, in one answer."""
    calls = [piece for index, name in enumerate(names) for piece in _call(name, arguments, index)]
    return _stream([_chunk({"role": "assistant", "content": None}), *calls, _chunk({}, "tool_calls"), _END])


def writes(text: str) -> Answer:
    pieces = [_chunk({"content": text[at : at + 7]}) for at in range(0, len(text), 7)]
    return _stream([_chunk({"role": "assistant", "content": ""}), *pieces, _chunk({}, "stop"), _END])


def refuses(status: int, **headers: str) -> Answer:
    async def answer(_: web.Request, __: Loopback) -> web.StreamResponse:
        error = {"error": {"message": "refused", "type": "invalid_request_error", "code": None}}
        return web.json_response(error, status=status, headers=headers)

    return answer


def page(text: str, content_type: str = "text/html") -> Answer:
    async def answer(_: web.Request, __: Loopback) -> web.StreamResponse:
        return web.Response(text=text, content_type=content_type)

    return answer


def raw(*lines: bytes) -> Answer:
    return _stream(lines)


async def hangs(_: web.Request, server: Loopback) -> web.StreamResponse:
    await server.gone.wait()
    return web.Response()


async def resets(request: web.Request, _: Loopback) -> web.StreamResponse:
    hang_up(request)
    return web.Response()


async def trickles(request: web.Request, server: Loopback) -> web.StreamResponse:
    """Never silent and never done: a time-out for each read would wait for ever."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while not server.gone.is_set():
        await response.write(_chunk({"content": "um "}))
        await asyncio.sleep(0.02)
    return response


def breaks_off_after(name: str) -> Answer:
    """The first half of a tool call, and then the connection is gone."""
    return _stream([_chunk({"role": "assistant", "content": "Well,"}), *_call(name, '{"question": "esc')], _drop)


def stalls_after(name: str) -> Answer:
    return _stream(_call(name, '{"question": "esc'), _wait)


class OpenAIServer(Loopback):
    """`answers` are used up in order; the last one is given to every request after."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__()
        self.answers = list(answers)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(each.body) for each in self.requests]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await self.keep(request)
        current = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await current(request, self)


@asynccontextmanager
async def openai_server(*answers: Answer) -> AsyncIterator[OpenAIServer]:
    server = OpenAIServer(*answers)
    async with listening(PATH, server.answer, server):
        yield server
