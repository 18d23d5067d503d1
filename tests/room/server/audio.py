"""Forwards a caller's or an agent's Opus packets to the others, without decoding a single one.

The real server also forwards video, simulcast layers, RED and encrypted media, repairs losses (NACK, FEC), adapts to
bandwidth and reports who is speaking; here every packet that arrives goes out once to each subscriber.
"""

from __future__ import annotations

import asyncio
import fractions
from typing import TYPE_CHECKING, Any

import av
from aiortc import MediaStreamTrack, RTCRtpTransceiver
from aiortc.rtp import RtpPacket
from livekit.protocol import models

if TYPE_CHECKING:
    from tests.room.server.participant import Participant

_CLOCK = fractions.Fraction(1, 48_000)
"""Opus counts its RTP timestamps at 48 kHz, whatever it was sampled at."""


class Leg(MediaStreamTrack):
    """A published track on its way to one subscriber."""

    kind = "audio"

    def __init__(self, track: Track) -> None:
        super().__init__()
        self.track = track
        self._packets: asyncio.Queue[tuple[bytes, int]] = asyncio.Queue()

    def push(self, payload: bytes, timestamp: int) -> None:
        """Queue one Opus packet; `timestamp` in samples at 48 kHz."""
        self._packets.put_nowait((payload, timestamp))

    async def recv(self) -> av.Packet[Any]:
        """The next packet. aiortc's sender passes an encoded packet on as it is."""
        payload, timestamp = await self._packets.get()
        packet = av.Packet(payload)
        packet.pts, packet.time_base = timestamp, _CLOCK
        return packet


class Track:
    """What a participant publishes. It becomes live with the offer that carries it."""

    def __init__(self, owner: Participant, cid: str, info: models.TrackInfo) -> None:
        self.owner = owner
        self.cid = cid
        self.info = info
        self.legs: dict[str, Leg] = {}
        self.is_live = False
        self.packets = 0

    @property
    def stream_id(self) -> str:
        """From this the SDK finds whose track it is."""
        return f"{self.owner.info.sid}|{self.info.sid}"

    def go_live(self, transceiver: RTCRtpTransceiver) -> None:
        """Tap the packets that arrive, in front of aiortc's jitter buffer and decoder."""
        self.is_live = True
        opus = next(each.payloadType for each in transceiver._codecs if each.mimeType.lower() == "audio/opus")

        async def tap(packet: RtpPacket, arrival_time_ms: int) -> None:
            if packet.payload and packet.payload_type == opus:
                self.packets += 1
                for leg in self.legs.values():
                    leg.push(packet.payload, packet.timestamp)

        # aiortc has no other way to get at a packet before it is decoded.
        transceiver.receiver._handle_rtp_packet = tap  # type: ignore[method-assign]
