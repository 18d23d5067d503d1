"""One participant: answers its `SignalRequest`s with `SignalResponse`s, publishes and subscribes for it, lets it go.

Answered: `ping`, `ping_req`, `offer`, `trickle`, `add_track`, `mute`, `update_metadata`, `subscription`, `leave`. The
real server checks the permission for each, knows more of them, answers at its own pace and order, and reports
connection quality, speakers and subscription errors by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from aiohttp import web
from livekit import api
from livekit.protocol import models
from livekit.protocol import rtc as signal

from tests.room.server.audio import Leg, Track
from tests.room.server.peer import Peer
from tests.room.server.rooms import AGENT
from tests.room.server.tokens import new_id

if TYPE_CHECKING:
    from tests.room.server.rooms import Room

Info = models.ParticipantInfo

_KINDS = {"agent": AGENT, "sip": Info.SIP}
_SPOKEN_FOR = {"transcription", "stream_header", "stream_chunk", "stream_trailer"}
"""Packets in which an agent may name the caller as the one who speaks: the caller's own transcript."""

_REGISTERED_SECONDS = 0.02
"""The SDK registers a request just after sending it: an answer within a millisecond is lost, and it waits 5 seconds."""
_CLIENT_FIRST_SECONDS = 0.05
"""A client that was sent away closes first, or it complains of data channels that died."""


class Participant:
    """A participant of a room, from its `JoinResponse` to its leaving."""

    def __init__(
        self, room: Room, claims: api.access_token.Claims, socket: web.WebSocketResponse, client_protocol: int
    ) -> None:
        self.room = room
        self.socket = socket
        self.tracks: dict[str, Track] = {}
        self.is_gone = False
        self.is_moving = False
        self._seen = room.rooms.seen
        self._tasks: set[asyncio.Task[None]] = set()
        self.peer = Peer(self._data_arrived, self._connection_changed)
        kind = _KINDS.get(claims.kind or "", Info.STANDARD)
        self.info = Info(
            sid=new_id("PA"),
            identity=claims.identity,
            name=claims.name,
            metadata=claims.metadata,
            attributes=claims.attributes or {},
            kind=kind,
            state=Info.JOINED,
            joined_at=int(time.time()),
            joined_at_ms=int(time.time() * 1000),
            version=1,
            client_protocol=client_protocol,
            permission=models.ParticipantPermission(
                can_subscribe=True,
                can_publish=True,
                can_publish_data=True,
                can_update_metadata=True,
                agent=kind == AGENT,
            ),
        )

    # --- plumbing

    async def send(self, **message: Any) -> None:
        """Send one `SignalResponse`. A socket that is gone is no error: the participant may resume."""
        if self.room.rooms.faults.signal_delay:
            await asyncio.sleep(self.room.rooms.faults.signal_delay)
        if not self.socket.closed:
            try:
                await self.socket.send_bytes(signal.SignalResponse(**message).SerializeToString())
            except (ConnectionError, RuntimeError):
                self._note("message lost", next(iter(message)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something meanwhile; an error in it is noted, and fails the test."""

        def finished(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                self._note("server error", error)

        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(finished)

    def _note(self, what: str, message: Any = None) -> None:
        self._seen.note(self.info.identity, what, message)

    def _connection_changed(self) -> None:
        if self.peer.state == "connected" and self.info.state == Info.JOINED:
            self.info.state = Info.ACTIVE
            self._note("active")
            self.spawn(self.room.tell_of(self))

    # --- requests

    async def handle(self, request: signal.SignalRequest) -> None:
        """Answer one `SignalRequest`."""
        kind = request.WhichOneof("message")
        if kind is None:
            return
        message = getattr(request, kind)
        self._note(kind, message)
        answer = getattr(self, f"_on_{kind}", None)
        if answer is None:
            self._note("not answered", kind)
        else:
            await answer(message)

    async def _on_ping(self, timestamp: int) -> None:
        await self.send(pong=timestamp)

    async def _on_ping_req(self, ping: signal.Ping) -> None:
        now = int(time.time() * 1000)
        await self.send(pong_resp=signal.Pong(last_ping_timestamp=ping.timestamp, timestamp=now))

    async def _on_offer(self, offer: signal.SessionDescription) -> None:
        self.spawn(self.negotiate(offer))

    async def negotiate(self, offer: signal.SessionDescription) -> None:
        """Answer an offer; begin and end what it publishes and what its sender is given."""
        if self.is_gone:
            return
        answer, placed = await self.peer.answer(offer)
        await self.send(answer=answer)
        for leg in placed:
            leg.track.legs[self.info.sid] = leg
            # Until it hears this, the publisher's SDK does not believe that anybody listens, and an agent never speaks.
            await leg.track.owner.send(track_subscribed=signal.TrackSubscribed(track_sid=leg.track.info.sid))
        sending = self.peer.sending(offer.sdp)
        for track in list(self.tracks.values()):
            if not track.is_live and track.cid in sending:
                track.go_live(sending[track.cid])
                await self._publish(track)
            elif track.is_live and track.cid not in sending:
                await self._unpublish(track)

    async def _on_trickle(self, trickle: signal.TrickleRequest) -> None:
        self.spawn(self.peer.add_candidate(trickle.candidateInit))

    async def _on_add_track(self, asked: signal.AddTrackRequest) -> None:
        info = models.TrackInfo(
            sid=new_id("TR"),
            type=asked.type,
            name=asked.name,
            source=asked.source,
            muted=asked.muted,
            stream=asked.stream,
            mime_type="audio/opus",
        )
        self.tracks[info.sid] = Track(self, asked.cid, info)
        await self.send(track_published=signal.TrackPublishedResponse(cid=asked.cid, track=info))

    async def _on_mute(self, asked: signal.MuteTrackRequest) -> None:
        if asked.sid in self.tracks:
            self.tracks[asked.sid].info.muted = asked.muted
            self._list_tracks()
            await self.room.tell_of(self)

    async def _on_update_metadata(self, asked: signal.UpdateParticipantMetadata) -> None:
        self.info.metadata = asked.metadata or self.info.metadata
        self.info.name = asked.name or self.info.name
        self.take_attributes(dict(asked.attributes))
        await self.room.tell_of(self, itself=True)

        async def accept() -> None:
            await asyncio.sleep(_REGISTERED_SECONDS)
            fine = signal.RequestResponse(request_id=asked.request_id, reason=signal.RequestResponse.OK)
            await self.send(request_response=fine)

        self.spawn(accept())

    def take_attributes(self, attributes: dict[str, str]) -> None:
        """Set attributes; an empty value removes one."""
        for name, value in attributes.items():
            if value:
                self.info.attributes[name] = value
            else:
                self.info.attributes.pop(name, None)

    async def _on_subscription(self, asked: signal.UpdateSubscription) -> None:
        named = [*asked.track_sids, *(sid for each in asked.participant_tracks for sid in each.track_sids)]
        for track in filter(None, map(self.room.track, named)):
            if asked.subscribe:
                self.spawn(self.subscribe(track))
            else:
                self.unsubscribe(track)

    async def _on_leave(self, asked: signal.LeaveRequest) -> None:
        moving, hung_up = models.DisconnectReason.MIGRATION, models.DisconnectReason.CLIENT_INITIATED
        await self.leave(moving if self.is_moving else hung_up)

    # --- audio

    def _list_tracks(self) -> None:
        del self.info.tracks[:]
        self.info.tracks.extend(each.info for each in self.tracks.values() if each.is_live)
        self.info.is_publisher = bool(self.info.tracks)

    async def _publish(self, track: Track) -> None:
        self._list_tracks()
        await self.room.tell_of(self)
        self._note("published", track)
        for each in self.room.others(self):
            each.spawn(each.subscribe(track))

    async def _unpublish(self, track: Track) -> None:
        """The SDK says nothing when it stops publishing; its next offer no longer holds the track."""
        del self.tracks[track.info.sid]
        self._list_tracks()
        await self.room.tell_of(self)
        for each in self.room.others(self):
            each.unsubscribe(track)

    async def subscribe(self, track: Track) -> None:
        """Give this participant a track, as soon as it makes an offer with room for it."""
        if self.is_gone or self.info.sid in track.legs:
            return
        await self.peer.wants(Leg(track))
        await self.send(media_sections_requirement=signal.MediaSectionsRequirement(num_audios=1))

    def unsubscribe(self, track: Track) -> None:
        """Take a track from this participant."""
        track.legs.pop(self.info.sid, None)
        self.peer.drop(track.info.sid)

    # --- data

    def _data_arrived(self, label: str, raw: bytes) -> None:
        packet = models.DataPacket.FromString(raw)
        packet.participant_sid = self.info.sid
        speaks_for_another = self.info.kind == AGENT and packet.WhichOneof("value") in _SPOKEN_FOR
        if not (speaks_for_another and packet.participant_identity):
            packet.participant_identity = self.info.identity
        self._note("data", packet)
        self.room.forward(packet, label, sender=self)

    # --- the end

    async def leave(self, reason: models.DisconnectReason, *, tell: bool = False) -> None:
        """Take the participant out of the room. `tell`: it does not know yet."""
        if self.is_gone:
            return
        self.is_gone = True
        if tell:
            await self.send(leave=signal.LeaveRequest(reason=reason, action=signal.LeaveRequest.DISCONNECT))
        self.info.state, self.info.disconnect_reason = Info.DISCONNECTED, reason
        await self.room.exit(self)
        for other in self.room.others(self):
            for track in self.tracks.values():
                other.unsubscribe(track)
            for track in other.tracks.values():
                track.legs.pop(self.info.sid, None)
        self._note("left", reason)
        if tell:
            await asyncio.sleep(_CLIENT_FIRST_SECONDS)
        for task in list(self._tasks):
            if task is not asyncio.current_task():
                task.cancel()
        await self.socket.close()
        await self.peer.close()
