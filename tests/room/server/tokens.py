"""Access tokens: checked on every door, and minted for the agents of dispatched jobs.

A token is a JWT with `video` grants, in the header `Authorization: Bearer`. The real server also checks every grant
on every action, refreshes tokens, and knows many keys; here a valid signature and the grant for the door are enough.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import jwt
from aiohttp import web
from livekit import api
from livekit.protocol import agent as agents


def new_id(prefix: str) -> str:
    """An id as the real server makes them: the SDK refuses a participant whose id does not begin with `PA_`."""
    return f"{prefix}_{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True)
class Keys:
    """The one pair of keys that this server knows."""

    key: str
    secret: str

    def claims(self, request: web.Request) -> api.access_token.Claims:
        """Who is at the door.

        Raises:
            HTTPUnauthorized: the token is missing, expired or signed with another secret.
        """
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return api.TokenVerifier(self.key, self.secret).verify(token)
        except (jwt.PyJWTError, ValueError) as error:
            raise web.HTTPUnauthorized(text=f"invalid token: {type(error).__name__}") from None

    def agent_token(self, room: str, identity: str, answer: agents.AvailabilityResponse) -> str:
        """The token of a job: name, metadata and attributes are what the worker asked for when it accepted."""
        grants = api.VideoGrants(
            room_join=True,
            room=room,
            agent=True,
            can_publish=True,
            can_subscribe=True,
            can_publish_data=True,
            can_update_own_metadata=True,
        )
        return (
            api.AccessToken(self.key, self.secret)
            .with_identity(identity)
            .with_kind("agent")
            .with_name(answer.participant_name)
            .with_metadata(answer.participant_metadata)
            .with_attributes(dict(answer.participant_attributes))
            .with_grants(grants)
            .to_jwt()
        )
