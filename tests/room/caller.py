"""A caller on the real LiveKit SDK: types on `lk.chat`, reads `lk.transcription`, and can have a microphone and an ear."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from livekit import api, rtc
from livekit.rtc.data_stream import StreamError

from tests.room.server.seen import PATIENCE

Kind = Literal["standard", "sip"]
"""Of participants that a test brings in."""

CHAT, TRANSCRIPTION = "lk.chat", "lk.transcription"
_KEYS = "0123456789*#"
"""By their DTMF codes."""


class Caller:
    """One participant of a room. Use it as an async context: whatever happens, it hangs up."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._token = token
        self.room = rtc.Room()
        self.heard: list[str] = []
        """Every sentence of the agent, in order."""
        self.chat: list[tuple[str, str]] = []
        """What others typed: identity and words."""
        self._is_out = asyncio.Event()
        self._agent_left = asyncio.Event()
        self._reconnected = asyncio.Event()
        self._taken = 0
        self._news = asyncio.Condition()
        self._reading: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.hang_up()

    async def connect(self) -> None:
        """Join the room.

        Raises:
            rtc.ConnectError: the server does not let the caller in.
        """
        self.room.register_text_stream_handler(TRANSCRIPTION, self._transcribed)
        self.room.register_text_stream_handler(CHAT, self._typed)
        self.room.on("participant_disconnected", self._somebody_left)
        self.room.on("disconnected", lambda _: self._is_out.set())
        self.room.on("reconnected", self._reconnected.set)
        await self.room.connect(self._url, self._token)

    async def hang_up(self) -> None:
        """Leave the room. Safe to call twice."""
        await self.room.disconnect()
        for each in list(self._reading):
            each.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    # --- the line

    async def gone(self, *, within: float = PATIENCE) -> None:
        """Wait until the server has ended this caller's stay."""
        async with asyncio.timeout(within):
            await self._is_out.wait()

    async def agent_is_gone(self, *, within: float = PATIENCE) -> None:
        """Wait until the agent has left the room."""
        async with asyncio.timeout(within):
            await self._agent_left.wait()

    async def back_again(self, *, within: float = PATIENCE) -> None:
        """Wait until the SDK has its lost connection back."""
        async with asyncio.timeout(within):
            await self._reconnected.wait()

    # --- words

    async def greeted(self, *, within: float = PATIENCE) -> None:
        """Wait until the agent has greeted. Safe to call again."""
        if self._taken == 0:
            await self.hear("thank you for calling", within=within)

    async def say(self, words: str) -> None:
        """Type one turn, as a caller with a chat window does."""
        await self.room.local_participant.send_text(words, topic=CHAT)

    async def press(self, keys: str) -> None:
        """Press keys of a telephone, one after the other."""
        for key in keys:
            await self.room.local_participant.publish_dtmf(code=_KEYS.index(key), digit=key)

    async def hear(self, *parts: str, within: float = PATIENCE) -> str:
        """The agent's next sentence that has these words in it, or one of these; sentences before it are passed over.

        Raises:
            AssertionError: it did not come in time; with everything that was heard.
        """
        try:
            async with asyncio.timeout(within), self._news:
                while True:
                    while self._taken < len(self.heard):
                        sentence = self.heard[self._taken]
                        self._taken += 1
                        if any(part.lower() in sentence.lower() for part in parts or ("",)):
                            return sentence
                    await self._news.wait()
        except TimeoutError:
            heard = "\n".join(f"  {each}" for each in self.heard)
            raise AssertionError(
                f"{' or '.join(parts)!r} was not heard within {within:.0f} seconds, but:\n{heard}"
            ) from None

    async def see_typed(self, words: str, *, within: float = PATIENCE) -> None:
        """Wait until somebody else's typed words have come through the room."""
        async with asyncio.timeout(within), self._news:
            await self._news.wait_for(lambda: any(typed == words for _, typed in self.chat))

    def _transcribed(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            try:
                words = await reader.read_all()
            except StreamError:
                return  # the agent left in the middle of it
            final = (reader.info.attributes or {}).get("lk.transcription_final") != "false"
            if final and identity != self.room.local_participant.identity:
                self.heard.append(words)
                await self._tell()

        self._spawn(read())

    def _typed(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            self.chat.append((identity, await reader.read_all()))
            await self._tell()

        self._spawn(read())

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    def _somebody_left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_AGENT:
            self._agent_left.set()


def caller_token(
    key: str,
    secret: str,
    room: str,
    identity: str,
    *,
    kind: Kind = "standard",
    attributes: Mapping[str, str] | None = None,
) -> str:
    """A token with which a participant may join one room."""
    grants = api.VideoGrants(room_join=True, room=room)
    token = api.AccessToken(key, secret).with_identity(identity).with_kind(kind).with_grants(grants)
    return token.with_attributes(dict(attributes or {})).to_jwt()
