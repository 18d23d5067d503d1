"""A room: who is in it, who is told of whom, and which data packet goes to whom.

Says `ParticipantUpdate`, `RoomUpdate` and forwards `DataPacket`s. The real server also keeps a room alive over empty
and departure time-outs of its own configuration, spreads rooms over nodes, and limits and orders by its own policy.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from livekit.protocol import models
from livekit.protocol import rtc as signal

from tests.room.server.faults import Faults
from tests.room.server.peer import LOSSY, RELIABLE
from tests.room.server.seen import Seen
from tests.room.server.tokens import new_id

if TYPE_CHECKING:
    from tests.room.server.audio import Track
    from tests.room.server.participant import Participant

AGENT = models.ParticipantInfo.AGENT


class Rooms:
    """All rooms by name. A room is made by whoever first names it, as with the real server's `auto_create`.

    Args:
        departure_seconds: how long a room outlives the last participant that is no agent (the real default is 20).
        resume_seconds: how long a participant whose socket broke may come back.
    """

    def __init__(self, seen: Seen, faults: Faults, *, departure_seconds: float, resume_seconds: float) -> None:
        self.seen = seen
        self.faults = faults
        self.departure_seconds = departure_seconds
        self.resume_seconds = resume_seconds
        self._named: dict[str, Room] = {}

    def __getitem__(self, name: str) -> Room:
        if name not in self._named:
            self._named[name] = Room(self, name)
        return self._named[name]

    def find(self, name: str) -> Room | None:
        """The room of this name, if there is one."""
        return self._named.get(name)

    def all(self) -> list[Room]:
        """Every room there is."""
        return list(self._named.values())

    def forget(self, room: Room) -> None:
        """The name is free again."""
        if self._named.get(room.info.name) is room:
            del self._named[room.info.name]


class Room:
    """One room and its participants, by identity."""

    def __init__(self, rooms: Rooms, name: str) -> None:
        self.rooms = rooms
        self.participants: dict[str, Participant] = {}
        self.info = models.Room(sid=new_id("RM"), name=name, creation_time=int(time.time()))
        self._later: set[asyncio.Task[None]] = set()

    def others(self, participant: Participant) -> list[Participant]:
        """Everybody else."""
        return [each for each in self.participants.values() if each is not participant]

    def track(self, sid: str) -> Track | None:
        """The published track of this id."""
        return next((each.tracks[sid] for each in self.participants.values() if sid in each.tracks), None)

    # --- coming and going

    def enter(self, participant: Participant) -> None:
        """Take a participant in."""
        self.participants[participant.info.identity] = participant
        self.info.num_participants = len(self.participants)

    async def exit(self, participant: Participant) -> None:
        """Let a participant go; the room ends some time after the last that is no agent."""
        if self.participants.get(participant.info.identity) is participant:
            del self.participants[participant.info.identity]
        self.info.num_participants = len(self.participants)
        await self.tell_of(participant)
        if self._is_deserted():
            self._spawn(self._close_when_deserted())

    def _is_deserted(self) -> bool:
        return all(each.info.kind == AGENT for each in self.participants.values())

    async def _close_when_deserted(self) -> None:
        await asyncio.sleep(self.rooms.departure_seconds)
        if self._is_deserted():
            await self.close(models.DisconnectReason.ROOM_CLOSED)

    async def close(self, reason: models.DisconnectReason) -> None:
        """Send everybody out, and forget the room."""
        self.rooms.forget(self)
        leaving = [each.leave(reason, tell=True) for each in self.participants.values()]
        await asyncio.gather(*leaving)
        self.rooms.seen.note(self.info.name, "room closed")

    # --- telling

    async def tell_of(self, participant: Participant, *, itself: bool = False) -> None:
        """`ParticipantUpdate` about one to all others; `itself`: and to that one."""
        participant.info.version += 1
        update = signal.ParticipantUpdate(participants=[participant.info])
        for each in [*self.others(participant), *([participant] if itself else [])]:
            await each.send(update=update)

    async def describe(self, metadata: str) -> None:
        """Change the room's metadata, and say so."""
        self.info.metadata = metadata
        for each in list(self.participants.values()):
            await each.send(room_update=signal.RoomUpdate(room=self.info))

    def forward(self, packet: models.DataPacket, label: str = RELIABLE, sender: Participant | None = None) -> None:
        """Send a data packet to whom it names, or to all but its sender."""
        wanted = set(packet.destination_identities)
        raw = packet.SerializeToString()
        faults = self.rooms.faults
        for each in self.participants.values():
            if each is sender or (wanted and each.info.identity not in wanted):
                continue
            if label == LOSSY and random.random() < faults.lossy_share:
                continue
            if faults.data_delay:
                asyncio.get_running_loop().call_later(faults.data_delay, each.peer.deliver, label, raw)
            else:
                each.peer.deliver(label, raw)

    # --- tasks

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    def stop(self) -> None:
        """Cancel what the room still had in mind."""
        for each in self._later:
            each.cancel()
