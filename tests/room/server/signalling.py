"""The door that participants come in by: `GET /rtc/v1`, a WebSocket of `SignalRequest`s and `SignalResponse`s.

The query holds a `WrappedJoinRequest` (base64url, gzip) around a `JoinRequest` that has the first offer in it already.
In: `JoinResponse`, the answer, then whatever `participant` answers. Back after a lost socket (`reconnect` and the
participant's sid in the join request): `ReconnectResponse` and an update, or 404, after which the SDK joins anew.

The real server also speaks the older protocol on `/rtc`, counts pings, refreshes tokens, and moves rooms to other nodes.
"""

from __future__ import annotations

import asyncio
import base64
import gzip

from aiohttp import WSMsgType, web
from livekit.protocol import models
from livekit.protocol import rtc as signal

from tests.room.server.participant import Participant
from tests.room.server.rooms import Rooms
from tests.room.server.tokens import Keys

_SERVER = models.ServerInfo(
    edition=models.ServerInfo.Standard, version="1.9.0", protocol=16, region="loopback", node_id="ND_loopback"
)


def _join_request(written: str) -> signal.JoinRequest:
    wrapped = signal.WrappedJoinRequest.FromString(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
    zipped = wrapped.compression == signal.WrappedJoinRequest.GZIP
    return signal.JoinRequest.FromString(gzip.decompress(wrapped.join_request) if zipped else wrapped.join_request)


class Signalling:
    """Lets participants in, and serves each until its socket is gone."""

    def __init__(self, keys: Keys, rooms: Rooms) -> None:
        self._keys = keys
        self._rooms = rooms

    def routes(self) -> list[web.RouteDef]:
        """After a failed handshake the SDK asks `validate` what was wrong."""
        return [web.get("/rtc/v1", self._come_in), web.get("/rtc/v1/validate", self._validate)]

    async def _validate(self, request: web.Request) -> web.Response:
        self._keys.claims(request)
        return web.Response(text="success")

    async def _come_in(self, request: web.Request) -> web.StreamResponse:
        claims = self._keys.claims(request)
        if claims.video is None or not claims.video.room_join:
            raise web.HTTPUnauthorized(text="no permission to join")
        if claims.identity in self._rooms.faults.lost:
            raise web.HTTPServiceUnavailable(text="lost")
        join = _join_request(request.query["join_request"])
        room = self._rooms[claims.video.room]
        there = room.participants.get(claims.identity)
        socket = web.WebSocketResponse()
        if join.reconnect:
            if there is None or there.info.sid != join.participant_sid or self._rooms.faults.refuse_resume:
                raise web.HTTPNotFound(text="nothing to resume")
            await socket.prepare(request)
            there.socket = socket
            await there.send(reconnect=signal.ReconnectResponse())
            await there.send(update=signal.ParticipantUpdate(participants=[each.info for each in room.others(there)]))
            self._rooms.seen.note(claims.identity, "resumed")
            return await self._serve(there, socket)
        await socket.prepare(request)
        if there is not None:
            await there.leave(models.DisconnectReason.DUPLICATE_IDENTITY, tell=True)
        participant = Participant(room, claims, socket, join.client_info.client_protocol)
        room.enter(participant)
        await self._welcome(participant, join)
        return await self._serve(participant, socket)

    async def _welcome(self, participant: Participant, join: signal.JoinRequest) -> None:
        """`JoinResponse`: without `room` or with `ping_interval` 0 the SDK aborts its whole process."""
        room = participant.room
        await participant.send(
            join=signal.JoinResponse(
                room=room.info,
                participant=participant.info,
                other_participants=[each.info for each in room.others(participant)],
                ping_interval=10,
                ping_timeout=30,
                # Without it the SDK holds its first packet and every track back for 150 ms.
                fast_publish=True,
                server_info=_SERVER,
                server_version=_SERVER.version,
                enabled_publish_codecs=[models.Codec(mime="audio/opus")],
            )
        )
        await room.tell_of(participant)
        self._rooms.seen.note(participant.info.identity, "joined", participant)
        if join.publisher_offer.sdp:
            participant.spawn(participant.negotiate(join.publisher_offer))
        for other in room.others(participant):
            for track in other.tracks.values():
                if track.is_live:
                    participant.spawn(participant.subscribe(track))

    async def _serve(self, participant: Participant, socket: web.WebSocketResponse) -> web.StreamResponse:
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                await participant.handle(signal.SignalRequest.FromString(message.data))
        if not participant.is_gone:
            self._rooms.seen.note(participant.info.identity, "socket lost")
            await asyncio.sleep(self._rooms.resume_seconds)
            if participant.socket is socket:
                await participant.leave(models.DisconnectReason.SIGNAL_CLOSE)
        return socket
