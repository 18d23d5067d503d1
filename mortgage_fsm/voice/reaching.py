"""Asks a LiveKit server whether it is there and takes our key, before a worker spends minutes on finding out."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from livekit import api

REACH_SECONDS: Final = 5.0
REFUSED: Final = frozenset({401, 403})
"""What a server answers to a key or secret that it does not know."""
OVER_HTTP: Final = MappingProxyType({"ws": "http", "http": "http", "wss": "https", "https": "https"})
"""How the server's own requests are made, by the scheme of its address."""


NO_ADDRESS: Final = "LIVEKIT_URL must be an address that begins with ws:// or wss://"


def host_of(url: str) -> str | None:
    """The host in a LiveKit server's address; None where it is none."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return host if parts.scheme in OVER_HTTP else None


async def knock(url: str, key: str, secret: str) -> int | None:
    """Ask the server for its rooms: the HTTP status it answers with, or None where nobody answers.

    LiveKit's worker retries for two minutes whatever the reason is, but a wrong key never becomes a right one.
    """
    parts = urlsplit(url)
    door = parts._replace(scheme=OVER_HTTP[parts.scheme], path="/twirp/livekit.RoomService/ListRooms").geturl()
    token = api.AccessToken(key, secret).with_grants(api.VideoGrants(room_list=True)).to_jwt()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/protobuf"}
    asked = api.ListRoomsRequest(names=["nobody's"]).SerializeToString()
    patience = aiohttp.ClientTimeout(total=REACH_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(trust_env=True, timeout=patience) as client,
            client.post(door, headers=headers, data=asked) as answer,
        ):
            return answer.status
    except aiohttp.ClientSSLError:
        return 0  # somebody is there; whether LiveKit knows the certificate is its own affair
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
