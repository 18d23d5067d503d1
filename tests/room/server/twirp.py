"""The server API: `POST /twirp/livekit.<Service>/<Method>`, protobuf in and out, errors as JSON with `code` and `msg`.

`RoomService`: CreateRoom, DeleteRoom, ListRooms, ListParticipants, GetParticipant, RemoveParticipant,
UpdateParticipant, UpdateRoomMetadata, SendData. `AgentDispatchService`: CreateDispatch, ListDispatch. `SIP`:
TransferSIPParticipant, which here only sends the participant away (a phone line would follow the REFER), and
CreateSIPParticipant, which here rings nobody. The real server checks the grant of every call, and has far more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from livekit.protocol import agent as agents
from livekit.protocol import agent_dispatch as dispatches
from livekit.protocol import models, sip
from livekit.protocol import room as api

from tests.room.server.dispatch import Dispatch
from tests.room.server.participant import Participant
from tests.room.server.rooms import Room, Rooms
from tests.room.server.seen import Seen
from tests.room.server.tokens import Keys, new_id

RINGING_SECONDS = 0.5
"""How long after a transfer was taken the caller stays on the line."""


class TwirpError(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, status: int, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.status = status


class Twirp:
    """Answers the methods in its table; any other is `bad_route`."""

    def __init__(self, keys: Keys, seen: Seen, rooms: Rooms, dispatch: Dispatch) -> None:
        self._keys = keys
        self._seen = seen
        self._rooms = rooms
        self._dispatch = dispatch
        self._methods: dict[str, tuple[type[Message], Callable[[Any], Awaitable[Message]]]] = {
            "CreateRoom": (api.CreateRoomRequest, self._create_room),
            "DeleteRoom": (api.DeleteRoomRequest, self._delete_room),
            "ListRooms": (api.ListRoomsRequest, self._list_rooms),
            "ListParticipants": (api.ListParticipantsRequest, self._list_participants),
            "GetParticipant": (api.RoomParticipantIdentity, self._get_participant),
            "RemoveParticipant": (api.RoomParticipantIdentity, self._remove_participant),
            "UpdateParticipant": (api.UpdateParticipantRequest, self._update_participant),
            "UpdateRoomMetadata": (api.UpdateRoomMetadataRequest, self._update_room_metadata),
            "SendData": (api.SendDataRequest, self._send_data),
            "CreateDispatch": (dispatches.CreateAgentDispatchRequest, self._create_dispatch),
            "ListDispatch": (dispatches.ListAgentDispatchRequest, self._list_dispatch),
            "TransferSIPParticipant": (sip.TransferSIPParticipantRequest, self._transfer),
            "CreateSIPParticipant": (sip.CreateSIPParticipantRequest, self._create_sip_participant),
        }

    def routes(self) -> list[web.RouteDef]:
        """One route for all services."""
        return [web.post("/twirp/{service}/{method}", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        try:
            answer = await self._call(request, method, await request.read())
        except web.HTTPUnauthorized as error:
            return _error("unauthenticated", 401, error.text or "")
        except TwirpError as error:
            return _error(error.code, error.status, str(error))
        return web.Response(body=answer.SerializeToString(), content_type="application/protobuf")

    async def _call(self, request: web.Request, method: str, body: bytes) -> Message:
        self._keys.claims(request)
        if method not in self._methods:
            raise TwirpError("bad_route", 404)
        kind, answer = self._methods[method]
        asked = kind.FromString(body)
        self._seen.note("api", method, asked)
        if method in self._rooms.faults.api:
            raise TwirpError(*self._rooms.faults.api[method])
        return await answer(asked)

    def _room(self, name: str) -> Room:
        room = self._rooms.find(name)
        if room is None:
            raise TwirpError("not_found", 404, "requested room does not exist")
        return room

    def _participant(self, room: str, identity: str) -> Participant:
        participant = self._room(room).participants.get(identity)
        if participant is None:
            raise TwirpError("not_found", 404, "participant does not exist")
        return participant

    # --- rooms

    async def _create_room(self, asked: api.CreateRoomRequest) -> Message:
        room = self._rooms[asked.name]
        room.info.metadata = asked.metadata or room.info.metadata
        return room.info

    async def _delete_room(self, asked: api.DeleteRoomRequest) -> Message:
        await self._room(asked.room).close(models.DisconnectReason.ROOM_DELETED)
        return api.DeleteRoomResponse()

    async def _list_rooms(self, asked: api.ListRoomsRequest) -> Message:
        named = [each.info for each in self._rooms.all() if not asked.names or each.info.name in asked.names]
        return api.ListRoomsResponse(rooms=named)

    async def _list_participants(self, asked: api.ListParticipantsRequest) -> Message:
        there = self._room(asked.room).participants.values()
        return api.ListParticipantsResponse(participants=[each.info for each in there])

    async def _get_participant(self, asked: api.RoomParticipantIdentity) -> Message:
        return self._participant(asked.room, asked.identity).info

    async def _remove_participant(self, asked: api.RoomParticipantIdentity) -> Message:
        participant = self._participant(asked.room, asked.identity)
        await participant.leave(models.DisconnectReason.PARTICIPANT_REMOVED, tell=True)
        return api.RemoveParticipantResponse()

    async def _update_participant(self, asked: api.UpdateParticipantRequest) -> Message:
        participant = self._participant(asked.room, asked.identity)
        participant.info.metadata = asked.metadata or participant.info.metadata
        participant.take_attributes(dict(asked.attributes))
        await participant.room.tell_of(participant, itself=True)
        return participant.info

    async def _update_room_metadata(self, asked: api.UpdateRoomMetadataRequest) -> Message:
        room = self._room(asked.room)
        await room.describe(asked.metadata)
        return room.info

    async def _send_data(self, asked: api.SendDataRequest) -> Message:
        user = models.UserPacket(payload=asked.data, topic=asked.topic)
        packet = models.DataPacket(destination_identities=asked.destination_identities, user=user)
        self._room(asked.room).forward(packet)
        return api.SendDataResponse()

    # --- dispatch

    async def _create_dispatch(self, asked: dispatches.CreateAgentDispatchRequest) -> Message:
        return _described(self._dispatch.dispatch(asked.room, asked.agent_name, asked.metadata))

    async def _list_dispatch(self, asked: dispatches.ListAgentDispatchRequest) -> Message:
        in_room = [_described(each) for each in self._dispatch.jobs if each.room.name == asked.room]
        return dispatches.ListAgentDispatchResponse(agent_dispatches=in_room)

    # --- phone lines

    async def _transfer(self, asked: sip.TransferSIPParticipantRequest) -> Message:
        participant = self._participant(asked.room_name, asked.participant_identity)
        if asked.transfer_to in self._rooms.faults.unanswered:
            raise TwirpError("unavailable", 503, "busy here")
        participant.spawn(self._referred(participant))
        return Empty()

    async def _referred(self, participant: Participant) -> None:
        # As on a carrier's line: the other telephone rings first, and what was said before is heard.
        await asyncio.sleep(RINGING_SECONDS)
        await participant.leave(models.DisconnectReason.CLIENT_INITIATED, tell=True)

    async def _create_sip_participant(self, asked: sip.CreateSIPParticipantRequest) -> Message:
        return sip.SIPParticipantInfo(
            participant_id=new_id("PA"), participant_identity=asked.participant_identity, room_name=asked.room_name
        )


def _described(job: agents.Job) -> dispatches.AgentDispatch:
    return dispatches.AgentDispatch(
        id=job.dispatch_id,
        agent_name=job.agent_name,
        room=job.room.name,
        metadata=job.metadata,
        state=dispatches.AgentDispatchState(jobs=[job]),
    )


def _error(code: str, status: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message}, status=status)
