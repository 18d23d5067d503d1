"""Where a test's rooms are: our room server, or a real one where the environment names it. Tests see no difference.

Set `LIVEKIT_TEST_URL`, `LIVEKIT_API_KEY` and `LIVEKIT_API_SECRET` for a real one. What only the command of our own
server can bring about (a lost connection, a server that vanishes) is skipped there: ask for `house.own`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from livekit import api

from tests.room.caller import Caller, Kind, caller_token
from tests.room.server.serving import RoomServer

AGENT_NAME = "mortgage-fsm"
PHONE = "sip_caller"
"""The identity of whoever calls on a telephone."""
_REAL = ("LIVEKIT_TEST_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET")


@dataclass(frozen=True, slots=True)
class House:
    """A server to hold calls on."""

    url: str
    key: str
    secret: str
    server: RoomServer | None
    metadata: str = ""
    """What a dispatch says where a test says nothing else."""

    @property
    def own(self) -> RoomServer:
        """Our own server, for faults and for what it has seen; on a real one the test is skipped."""
        if self.server is None:
            pytest.skip("only our own room server does this on command")
        return self.server

    @property
    def environment(self) -> dict[str, str]:
        """What a worker is told."""
        return {"LIVEKIT_URL": self.url, "LIVEKIT_API_KEY": self.key, "LIVEKIT_API_SECRET": self.secret}

    def caller(self, room: str, identity: str = "caller", *, kind: Kind = "standard") -> Caller:
        """Somebody who will join a room."""
        return Caller(self.url, caller_token(self.key, self.secret, room, identity, kind=kind))

    def phone(self, room: str, dialled: str) -> Caller:
        """Somebody on a telephone, as LiveKit's SIP service brings them into a room. `dialled`: +15105550100."""
        attributes = {"sip.trunkPhoneNumber": dialled, "sip.phoneNumber": "+15105550123", "sip.callStatus": "active"}
        token = caller_token(self.key, self.secret, room, PHONE, kind="sip", attributes=attributes)
        return Caller(self.url, token)

    async def dispatch(
        self, room: str, metadata: str | None = None, *, agent_name: str = AGENT_NAME
    ) -> api.AgentDispatch:
        """Ask for an agent in a room, through the server API."""
        said = self.metadata if metadata is None else metadata
        async with self.api() as client:
            asked = api.CreateAgentDispatchRequest(agent_name=agent_name, room=room, metadata=said)
            return await client.agent_dispatch.create_dispatch(asked)

    def api(self) -> api.LiveKitAPI:
        """A client of the server API."""
        return api.LiveKitAPI(self.url, self.key, self.secret)

    @asynccontextmanager
    async def call(
        self, room: str | None = None, *, metadata: str | None = None, dialled: str | None = None
    ) -> AsyncIterator[Caller]:
        """A caller who is in a room of their own, to which an agent was asked. `dialled`: they are on a telephone."""
        name = room or new_room()
        async with self.phone(name, dialled) if dialled else self.caller(name) as caller:
            await self.dispatch(name, metadata)
            yield caller


def new_room() -> str:
    """A name that no other room has."""
    return f"call-{secrets.token_hex(6)}"


@asynccontextmanager
async def open_house(metadata: str = "") -> AsyncIterator[House]:
    """The real server if the environment names one; otherwise our own, started and stopped again."""
    url, key, secret = (os.environ.get(name, "") for name in _REAL)
    if url and key and secret:
        yield House(url, key, secret, None, metadata)
        return
    server = RoomServer()
    try:
        await server.start()
        yield House(server.url, server.keys.key, server.keys.secret, server, metadata)
    finally:
        await server.stop()
    broken = server.seen.of("server error")
    assert not broken, [(each.who, repr(each.message)) for each in broken]
