"""All of the server behind one port of 127.0.0.1. It can go away and come back there, as a restarted server does."""

from __future__ import annotations

import asyncio

from aiohttp import web
from livekit.protocol import models

from tests.room.server.dispatch import Dispatch
from tests.room.server.faults import Faults, drop_socket, drop_worker
from tests.room.server.participant import Participant
from tests.room.server.rooms import AGENT, Rooms
from tests.room.server.seen import Seen
from tests.room.server.signalling import Signalling
from tests.room.server.tokens import Keys
from tests.room.server.twirp import Twirp
from tests.room.server.workers import Workers

_COMING_IN_SECONDS = 0.05
"""From accepting a connection to its being known: some rounds of the loop."""


class RoomServer:
    """A room server on loopback. `start` it, and `stop` it in any case.

    Args:
        departure_seconds: how long a room outlives the last participant that is no agent.
        resume_seconds: how long a participant whose socket broke may come back.
    """

    def __init__(
        self,
        key: str = "room-test-key",
        secret: str = "room-test-secret-of-enough-characters",
        *,
        departure_seconds: float = 1.0,
        resume_seconds: float = 0.5,
    ) -> None:
        self.keys = Keys(key, secret)
        self.seen = Seen()
        self._times = {"departure_seconds": departure_seconds, "resume_seconds": resume_seconds}
        self.faults = Faults()
        self.rooms = Rooms(self.seen, self.faults, **self._times)
        self.workers = Workers(self.keys, self.seen)
        self.dispatch = Dispatch(self.keys, self.seen, self.rooms, self.workers)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where workers and callers connect to."""
        return f"ws://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen: the first time on a free port, later on the same one."""
        application = web.Application()
        twirp = Twirp(self.keys, self.seen, self.rooms, self.dispatch)
        for part in (self.workers, Signalling(self.keys, self.rooms), twirp):
            application.router.add_routes(part.routes())
        self._runner = web.AppRunner(application, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.dispatch.url = self.url

    def heal(self) -> None:
        """Take back every fault, and every time that was changed."""
        self.faults = self.rooms.faults = Faults()
        for name, seconds in self._times.items():
            setattr(self.rooms, name, seconds)

    def participant(self, room: str, identity: str) -> Participant:
        """Somebody who is in a room.

        Raises:
            LookupError: there is no such room or nobody of that identity.
        """
        found = self.rooms.find(room)
        if found is None:
            raise LookupError(room)
        return found.participants[identity]

    def has_agent(self, room: str) -> bool:
        """Whether an agent is in a room, and its connection is up."""
        found = self.rooms.find(room)
        return found is not None and any(
            each.info.kind == AGENT and each.peer.state == "connected" for each in found.participants.values()
        )

    async def vanish(self) -> None:
        """Be gone at once, as a server that lost its power: every connection breaks, nobody is told."""
        await self._shut_the_door()
        for worker in self.workers.connected:
            drop_worker(worker)
        for room in self.rooms.all():
            room.stop()
            self.rooms.forget(room)
            for participant in list(room.participants.values()):
                participant.is_gone = True
                drop_socket(participant)
                await participant.peer.close()
        await self._close()

    async def stop(self) -> None:
        """Send everybody out, and close the port."""
        await self.dispatch.stop()
        await self._shut_the_door()
        for room in self.rooms.all():
            await room.close(models.DisconnectReason.SERVER_SHUTDOWN)
            room.stop()
        for worker in list(self.workers.connected):
            await worker.socket.close()
        await self._close()

    async def _shut_the_door(self) -> None:
        """Take no more connections. Who was coming in just then is in after that, so that it can be sent out."""
        if self._runner is not None:
            for site in list(self._runner.sites):
                await site.stop()
            await asyncio.sleep(_COMING_IN_SECONDS)

    async def _close(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
        # aiortc ends the tasks of a closed connection in the next rounds of the loop.
        await asyncio.sleep(0)
