"""Whose line a call is: which of those in a room is the caller, and when a caller who dropped out will not come back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from livekit import rtc
from livekit.agents.job import DEFAULT_PARTICIPANT_KINDS

STAYS_AWAY_SECONDS = 20.0
"""How long a caller whose connection broke may be away. As long as LiveKit keeps a room that nobody is in."""

_NEVER = datetime.max.replace(tzinfo=UTC)


def caller_in(room: rtc.Room) -> str:
    """The identity of the caller: a phone line before anybody else, then who came first.

    Raises:
        LookupError: nobody is there who could call.
    """
    there = [each for each in room.remote_participants.values() if each.kind in DEFAULT_PARTICIPANT_KINDS]
    if not there:
        raise LookupError("no caller is in the room")
    return min(there, key=_order).identity


def dialled(room: rtc.Room, caller: str) -> str | None:
    """The number that a caller on a phone line dialled, as the trunk says it; None where there is no such line."""
    return _of_the_line(room, caller, "sip.trunkPhoneNumber")


def calling_from(room: rtc.Room, caller: str) -> str | None:
    """The number that a caller on a phone line calls from; None where it is withheld. It can be forged."""
    number = _of_the_line(room, caller, "sip.phoneNumber")
    return number if number is not None and any(each.isdigit() for each in number) else None


def _of_the_line(room: rtc.Room, caller: str, attribute: str) -> str | None:
    there = room.remote_participants.get(caller)
    if there is None or there.kind != rtc.ParticipantKind.PARTICIPANT_KIND_SIP:
        return None
    return there.attributes.get(attribute) or None


def _order(participant: rtc.RemoteParticipant) -> tuple[bool, datetime, str]:
    on_the_phone = participant.kind == rtc.ParticipantKind.PARTICIPANT_KIND_SIP
    return (not on_the_phone, participant.joined_at or _NEVER, participant.identity)


class Absence:
    """Ends a call whose caller is gone without having hung up; LiveKit's session would wait as long as the room lasts.

    Args:
        hang_up: called once, when the caller has been away for so many seconds.
    """

    def __init__(
        self, room: rtc.Room, caller: str, hang_up: Callable[[], object], seconds: float = STAYS_AWAY_SECONDS
    ) -> None:
        self._caller = caller
        self._hang_up = hang_up
        self._seconds = seconds
        self._waiting: asyncio.TimerHandle | None = None
        room.on("participant_disconnected", self._left)
        room.on("participant_connected", self._came)
        if caller not in room.remote_participants:
            self._begin()

    def over(self) -> None:
        """The call has ended: wait for nobody any more."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _left(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._caller:
            self._begin()

    def _came(self, participant: rtc.RemoteParticipant) -> None:
        if participant.identity == self._caller:
            self.over()

    def _begin(self) -> None:
        self.over()
        self._waiting = asyncio.get_running_loop().call_later(self._seconds, self._hang_up)
