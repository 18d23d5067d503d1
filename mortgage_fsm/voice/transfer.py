"""The way to a person: whom to call for which reason, when they are there, and how a caller on a phone line is sent on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from enum import StrEnum
from typing import Final, Protocol

import structlog
from livekit import api
from livekit.protocol.sip import STS_TRANSFER_SUCCESSFUL

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Reason
from mortgage_fsm.machine import State
from mortgage_fsm.tenants import LINE
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.transfer")

MOST_TOPICS: Final = 5
_TOPIC: Final = re.compile(r"[a-z0-9_-]{1,64}")


class Reached(StrEnum):
    """How a transfer went."""

    PERSON = "person"
    """The call is no longer ours."""
    NOBODY = "nobody"
    CLOSED = "closed"
    """Nobody was tried: it is out of hours."""


@dataclass(frozen=True, slots=True)
class Briefing:
    """All that a person is told of a call. Nothing of the caller and nothing of the loan."""

    reason: Reason
    state: State
    topics: tuple[str, ...] = ()
    """Ids of the topics of the knowledge base that were answered."""

    def headers(self) -> dict[str, str]:
        """As SIP headers."""
        topics = [topic for topic in self.topics if _TOPIC.fullmatch(topic)][-MOST_TOPICS:]
        found = {"X-Transfer-Reason": str(self.reason), "X-Transfer-State": str(self.state)}
        return found | ({"X-Transfer-Topics": ",".join(topics)} if topics else {})


class PersonLine(Protocol):
    """Hands the caller to a person."""

    async def connect(self, briefing: Briefing) -> Reached:
        """Try to connect the caller. Never raises."""
        ...


class NobodyThere:
    """For calls that no one can be connected to, such as those in a terminal."""

    async def connect(self, briefing: Briefing) -> Reached:  # noqa: ARG002 - as the port has it
        """Nobody is reached."""
        return Reached.NOBODY


@dataclass(frozen=True, slots=True)
class Hours:
    """When people are there on one day, by the clock of the plan's zone: from `opens`, until just before `closes`."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class TransferPlan:
    """Whom to call, and when.

    Raises:
        ConfigurationError: one sentence for everything in it that cannot be used. Numbers are not repeated.
    """

    numbers: Mapping[Reason, str] = field(default_factory=dict, repr=False)
    """E.164 numbers (+15555550100) or SIP addresses (sip:desk@example.com), by reason."""
    fallback: str | None = field(default=None, repr=False)
    """Tried where a reason has no number of its own, or nobody answers there."""
    hours: Mapping[int, Hours] = field(default_factory=dict)
    """By weekday, 0 for Monday; a day that is left out is closed. None at all: somebody is always there."""
    zone: tzinfo = UTC
    ring_seconds: float = 20.0
    """How long each of them may take to answer."""

    def __post_init__(self) -> None:
        named = {f"transfer number for {reason}": number for reason, number in self.numbers.items()}
        named |= {"fallback transfer number": self.fallback} if self.fallback is not None else {}
        problems = [
            f"{name} is no E.164 number and no SIP address" for name, to in named.items() if not LINE.fullmatch(to)
        ]
        problems += [f"opening hours: {day} is no weekday from 0 to 6" for day in self.hours if day not in range(7)]
        problems += [
            f"opening hours of weekday {day} end before they begin"
            for day, hours in self.hours.items()
            if hours.opens >= hours.closes
        ]
        if not 1 <= self.ring_seconds <= 60:
            problems.append("a transfer may ring for 1 to 60 seconds")
        if problems:
            raise ConfigurationError(*problems)

    def is_open(self, now: datetime) -> bool:
        """Whether people are there at this moment (aware)."""
        there = now.astimezone(self.zone)
        hours = self.hours.get(there.weekday())
        return not self.hours or (hours is not None and hours.opens <= there.time() < hours.closes)

    def tried(self, reason: Reason) -> tuple[str, ...]:
        """The numbers to try, in their order, each once."""
        return tuple(dict.fromkeys(to for to in (self.numbers.get(reason), self.fallback) if to is not None))


class Referral(Protocol):
    """Sends the caller's phone line on to another number."""

    async def refer(self, to: str, headers: Mapping[str, str], seconds: float) -> bool:
        """Whether the one called answered within so many seconds, so that the caller is theirs. May raise anything."""
        ...


class RoomReferral:
    """Asks LiveKit's server to send SIP REFER on the caller's line.

    Args:
        room: name of the caller's room.
        caller: identity of the caller's SIP participant.
    """

    def __init__(self, livekit: api.LiveKitAPI, room: str, caller: str) -> None:
        self._livekit = livekit
        self._room = room
        self._caller = caller

    async def refer(self, to: str, headers: Mapping[str, str], seconds: float) -> bool:
        """See `Referral`. LiveKit's server raises where the one called does not answer."""
        request = api.TransferSIPParticipantRequest(
            room_name=self._room,
            participant_identity=self._caller,
            transfer_to=f"tel:{to}" if to.startswith("+") else to,
            play_dialtone=False,
            headers=dict(headers),
        )
        request.ringing_timeout.FromSeconds(int(seconds))
        answer = await self._livekit.sip.transfer_sip_participant(request)
        # A server from before transfers had a status answers success with an empty message.
        return answer.status == STS_TRANSFER_SUCCESSFUL or not answer.transfer_id


class SipPersonLine:
    """A caller on a phone line: the number for the reason, then the fallback, in opening hours."""

    ANSWER_SECONDS: Final = 5.0
    """How long the server may take beyond the ringing."""

    def __init__(
        self,
        plan: TransferPlan,
        referral: Referral,
        watch: Watch | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._watch = watch or Watch()
        self._plan = plan
        self._referral = referral
        self._now = now

    async def connect(self, briefing: Briefing) -> Reached:
        """Send the caller on. Numbers and the text of errors, which may quote them, go nowhere."""
        if not self._plan.is_open(self._now()):
            log.info("transfer_out_of_hours", reason=briefing.reason)
            return Reached.CLOSED
        for count, to in enumerate(self._plan.tried(briefing.reason), start=1):
            try:
                async with asyncio.timeout(self._plan.ring_seconds + self.ANSWER_SECONDS):
                    answered = await self._referral.refer(to, briefing.headers(), self._plan.ring_seconds)
            except Exception as error:  # noqa: BLE001 - whatever a line does, the caller is told and not left waiting
                answered = False
                self._watch.failed(Component.TRANSFER)
                log.warning("transfer_failed", reason=briefing.reason, count=count, error=type(error).__name__)
            else:
                log.info("transfer_tried", reason=briefing.reason, count=count, ok=answered)
            if answered:
                return Reached.PERSON
        return Reached.NOBODY
