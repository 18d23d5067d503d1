from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from livekit import rtc

from mortgage_fsm.voice.line import Absence, caller_in, dialled

STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
AGENT = rtc.ParticipantKind.PARTICIPANT_KIND_AGENT
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass
class Somebody:
    identity: str
    kind: int = STANDARD
    joined_at: datetime | None = NOON
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class FakeRoom:
    there: list[Somebody]
    doors: dict[str, Callable[[Somebody], None]] = field(default_factory=dict)

    @property
    def remote_participants(self) -> dict[str, Somebody]:
        return {each.identity: each for each in self.there}

    def on(self, event: str, callback: Callable[[Somebody], None]) -> None:
        self.doors[event] = callback

    def leaves(self, who: Somebody) -> None:
        self.there.remove(who)
        self.doors["participant_disconnected"](who)

    def comes(self, who: Somebody) -> None:
        self.there.append(who)
        self.doors["participant_connected"](who)


def room(*there: Somebody) -> Any:
    return cast("Any", FakeRoom(list(there)))


def test_the_caller_is_who_came_first_whatever_the_order_of_the_list() -> None:
    late = Somebody("late", joined_at=NOON + timedelta(milliseconds=1))
    assert caller_in(room(late, Somebody("early"))) == "early"
    assert caller_in(room(Somebody("early"), late)) == "early"


def test_a_phone_line_is_the_caller_although_somebody_was_there_before() -> None:
    assert caller_in(room(Somebody("here"), Somebody("phone", SIP, NOON + timedelta(hours=1)))) == "phone"


def test_somebody_of_whom_it_is_not_known_when_they_came_came_last() -> None:
    assert caller_in(room(Somebody("a", joined_at=None), Somebody("b"))) == "b"


def test_another_agent_is_no_caller() -> None:
    with pytest.raises(LookupError):
        caller_in(room(Somebody("agent", AGENT)))


def test_what_was_dialled_is_what_the_trunk_of_the_callers_own_line_says() -> None:
    number = {"sip.trunkPhoneNumber": "+15105550100", "sip.phoneNumber": "+15105550199"}
    other = Somebody("other", SIP, attributes={"sip.trunkPhoneNumber": "+15105550123"})
    assert dialled(room(Somebody("phone", SIP, attributes=number), other), "phone") == "+15105550100"


@pytest.mark.parametrize(
    "somebody",
    [
        Somebody("caller", attributes={"sip.trunkPhoneNumber": "+15105550100"}),  # a browser may claim what it likes
        Somebody("caller", SIP, attributes={"sip.phoneNumber": "+15105550199"}),
        Somebody("caller", SIP, attributes={"sip.trunkPhoneNumber": ""}),
        Somebody("gone"),
    ],
)
def test_without_a_trunk_that_says_it_nothing_was_dialled(somebody: Somebody) -> None:
    assert dialled(room(somebody), "caller") is None


async def test_a_caller_who_stays_away_is_hung_up_on() -> None:
    caller, hung_up = Somebody("caller"), asyncio.Event()
    here = room(caller, Somebody("other"))
    Absence(here, "caller", hung_up.set, seconds=0.01)
    here.leaves(caller)
    await asyncio.wait_for(hung_up.wait(), 10)


async def test_a_caller_who_left_before_the_call_began_is_hung_up_on() -> None:
    hung_up = asyncio.Event()
    Absence(room(Somebody("other")), "caller", hung_up.set, seconds=0.01)
    await asyncio.wait_for(hung_up.wait(), 10)


async def test_neither_a_caller_who_comes_back_nor_anybody_else_ends_the_call() -> None:
    caller, other, hung_up = Somebody("caller"), Somebody("other"), asyncio.Event()
    here = room(caller, other)
    absence = Absence(here, "caller", hung_up.set, seconds=0.05)
    here.leaves(caller)
    here.leaves(other)
    here.comes(other)
    here.comes(caller)
    # Another that began at the same time is over: so would this one be.
    ended = asyncio.Event()
    Absence(room(), "caller", ended.set, seconds=0.05)
    await asyncio.wait_for(ended.wait(), 10)
    assert not hung_up.is_set()
    absence.over()


async def test_nobody_is_waited_for_once_the_call_is_over() -> None:
    caller, hung_up, ended = Somebody("caller"), asyncio.Event(), asyncio.Event()
    here = room(caller)
    absence = Absence(here, "caller", hung_up.set, seconds=0.01)
    here.leaves(caller)
    absence.over()
    Absence(room(), "caller", ended.set, seconds=0.01)
    await asyncio.wait_for(ended.wait(), 10)
    assert not hung_up.is_set()
