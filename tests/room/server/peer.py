"""The one WebRTC connection of a participant: offers answered, ICE on loopback, the data channels, the tracks on it.

Speaks SDP and ICE candidates (inside `SignalRequest.offer`/`trickle` and `SignalResponse.answer`), and on the channels
`_reliable` and `_lossy` raw `DataPacket`s. In this protocol the client always offers; a server that wants to give it a
track asks for one more section (`media_sections_requirement`) and uses it in the answer to the next offer. The real
server also speaks the older protocol with two connections, has TURN, TCP and IPv6 candidates, and restarts ICE.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aioice.ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.sdp import SessionDescription, candidate_from_sdp
from livekit.protocol import rtc as signal

from tests.room.server.audio import Leg

RELIABLE, LOSSY = "_reliable", "_lossy"

# Loopback only: nobody outside this machine can reach a call, and no other address of it is needed.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]


class Peer:
    """A peer connection that answers.

    Args:
        on_data: called with label and raw packet for whatever arrives on one of the two channels.
        on_change: called when the connection's state has changed.
    """

    def __init__(self, on_data: Callable[[str, bytes], None], on_change: Callable[[], None]) -> None:
        self._on_data = on_data
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._channels: dict[str, RTCDataChannel] = {}
        self._backlog: dict[str, list[bytes]] = {RELIABLE: [], LOSSY: []}
        self._waiting: list[Leg] = []
        self._sections: dict[str, RTCRtpTransceiver] = {}
        self._described = asyncio.Event()
        self._settled = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._on_change = on_change
        self._connection.on("datachannel", self._channel_opened)
        self._connection.on("connectionstatechange", self._changed)

    @property
    def state(self) -> str:
        """`new`, `connecting`, `connected`, `failed` or `closed`."""
        return str(self._connection.connectionState)

    def _changed(self) -> None:
        if self.state in {"connected", "failed", "closed"}:
            self._settled.set()
        self._on_change()

    # --- negotiation

    async def answer(self, offer: signal.SessionDescription) -> tuple[signal.SessionDescription, list[Leg]]:
        """The answer to an offer, and the legs that found their section in it."""
        async with self._one_at_a_time:
            if self._described.is_set():
                # A renegotiation before DTLS is up leaves aiortc with senders and receivers that never start.
                await self._settled.wait()
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, offer.type))
            self._described.set()
            if not self._channels:
                # Not before the first offer: aiortc would bundle the media onto another transport than the data.
                self._open_channels()
            placed = self._place_waiting()
            await self._connection.setLocalDescription(await self._connection.createAnswer())
            self._adopt_ice(SessionDescription.parse(offer.sdp))
            answer = signal.SessionDescription(type="answer", sdp=self._connection.localDescription.sdp, id=offer.id)
            for sid, section in self._sections.items():
                answer.mid_to_track_id[str(section.mid)] = sid
            return answer, placed

    def sending(self, offer: str) -> dict[str, RTCRtpTransceiver]:
        """What the client publishes by this offer: id of its track (the `cid` of `add_track`) -> section.

        Read from the SDP itself: libwebrtc leaves "a=msid-semantic: WMS" empty, so aiortc forgets the ids.
        """
        ids = {each.rtp.muxId: each.msid.split()[1] for each in SessionDescription.parse(offer).media if each.msid}
        return {
            ids[section.mid]: section
            for section in self._connection.getTransceivers()
            if section.currentDirection == "recvonly" and section.mid in ids
        }

    def _place_waiting(self) -> list[Leg]:
        taken = list(self._sections.values())
        free = [
            section
            for section in self._connection.getTransceivers()
            if section.kind == "audio" and section._offerDirection == "sendonly" and section not in taken
        ]
        placed = []
        for section, leg in zip(free, list(self._waiting), strict=False):
            section.sender.replaceTrack(leg)
            section.direction = "sendonly"
            section.sender._stream_id = leg.track.stream_id
            section.sender._track_id = leg.track.info.sid
            self._sections[leg.track.info.sid] = section
            self._waiting.remove(leg)
            placed.append(leg)
        return placed

    def _adopt_ice(self, offer: SessionDescription) -> None:
        """Take over the peer's new credentials: aiortc has no ICE restart, and consent would run out in 30 seconds."""
        sctp, ice = self._connection.sctp, offer.media[0].ice
        if sctp is None or ice is None:
            return
        connection = sctp.transport.transport._connection
        if connection.remote_username and ice.usernameFragment != connection.remote_username:
            connection.remote_username, connection.remote_password = ice.usernameFragment, ice.password

    async def add_candidate(self, written: str) -> None:
        """Take an ICE candidate (JSON, as browsers write it), which may overtake the offer it belongs to."""
        init = json.loads(written)
        if not init.get("candidate"):
            return
        await self._described.wait()
        candidate = candidate_from_sdp(init["candidate"].split(":", 1)[1])
        candidate.sdpMid, candidate.sdpMLineIndex = init["sdpMid"], init["sdpMLineIndex"]
        if candidate.protocol == "udp" and ":" not in candidate.ip:
            await self._connection.addIceCandidate(candidate)

    # --- tracks to the client

    async def wants(self, leg: Leg) -> None:
        """Give the client this leg with its next offer; returns when it may be asked for one."""
        self._waiting.append(leg)
        await self._settled.wait()

    def drop(self, track_sid: str) -> None:
        """Send no more of a track."""
        self._waiting = [leg for leg in self._waiting if leg.track.info.sid != track_sid]
        section = self._sections.pop(track_sid, None)
        if section is not None and self.state == "connected":
            section.sender.replaceTrack(None)
            section.direction = "inactive"

    # --- data

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        def arrived(raw: Any) -> None:
            if channel.label in self._backlog:  # `_data_track` is not forwarded
                self._on_data(channel.label, raw)

        channel.on("message", arrived)

    def _open_channels(self) -> None:
        self._channels = {
            RELIABLE: self._connection.createDataChannel(RELIABLE),
            LOSSY: self._connection.createDataChannel(LOSSY, ordered=False, maxRetransmits=0),
        }
        for label, channel in self._channels.items():
            channel.on("open", lambda label=label: self._flush(label))

    def _flush(self, label: str) -> None:
        for raw in self._backlog[label]:
            self._channels[label].send(raw)
        self._backlog[label].clear()

    def deliver(self, label: str, raw: bytes) -> None:
        """Send a packet, or keep it until the channel is open."""
        channel = self._channels.get(label)
        if channel is not None and channel.readyState == "open":
            channel.send(raw)
        elif self.state not in {"failed", "closed"}:
            self._backlog[label].append(raw)

    async def close(self) -> None:
        """Close the connection; whoever waits for it goes on."""
        await self._connection.close()
        self._settled.set()
        self._described.set()
