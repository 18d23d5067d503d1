"""What goes wrong on command: standing conditions that the other files look up, and single incidents.

The real server has none of this; the networks and processes around it do it to everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livekit.protocol import models
from livekit.protocol import rtc as signal

if TYPE_CHECKING:
    from aiohttp import web

    from tests.room.server.participant import Participant
    from tests.room.server.workers import Worker


@dataclass(slots=True)
class Faults:
    """Conditions that hold until they are changed."""

    signal_delay: float = 0.0
    """Seconds by which every signalling message to a participant is late."""
    data_delay: float = 0.0
    """Seconds by which every data packet is late."""
    lossy_share: float = 0.0
    """Share of packets lost on the channel that may lose some, 0 to 1."""
    refuse_resume: bool = False
    """Answer 404 to a participant that comes back, so that it has to join anew."""
    lost: set[str] = field(default_factory=set)
    """Identities that cannot get through to the server."""
    api: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Twirp method -> error code and HTTP status with which it fails."""
    unanswered: set[str] = field(default_factory=set)
    """Numbers and SIP addresses at which nobody picks up, as a transfer names them."""


def _cut(socket: web.WebSocketResponse) -> None:
    """End a connection as a lost network does: no close frame, no goodbye."""
    request = socket._req
    if request is not None and request.transport is not None:
        request.transport.abort()


def drop_worker(worker: Worker) -> None:
    """The worker's connection is gone; its calls are not."""
    _cut(worker.socket)


def drop_socket(participant: Participant) -> None:
    """The participant's signalling is gone, its media is not: it may resume within `resume_seconds`."""
    _cut(participant.socket)


async def lose(participant: Participant) -> None:
    """The participant is gone for good, without a word: a battery, a tunnel."""
    participant.room.rooms.faults.lost.add(participant.info.identity)
    _cut(participant.socket)
    await participant.leave(models.DisconnectReason.SIGNAL_CLOSE)


async def remove(participant: Participant) -> None:
    """The server throws the participant out."""
    await participant.leave(models.DisconnectReason.PARTICIPANT_REMOVED, tell=True)


async def ask_to_reconnect(participant: Participant) -> None:
    """The server asks for a full reconnect, as it does before it moves a room to another node.

    The SDK first sends `leave(CLIENT_INITIATED)` on the old socket, which must not count as a hang-up.
    """
    participant.is_moving = True
    reason = models.DisconnectReason.MIGRATION
    await participant.send(
        leave=signal.LeaveRequest(action=signal.LeaveRequest.RECONNECT, reason=reason, can_reconnect=True)
    )
