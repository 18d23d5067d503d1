"""The number that a caller calls from: it adds a limit to their guesses, and is kept nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest
from livekit import rtc

from mortgage_fsm.voice.line import calling_from

SIP = rtc.ParticipantKind.PARTICIPANT_KIND_SIP
NUMBER = "+15105550142"


def room(kind: int, **attributes: str) -> rtc.Room:
    named = {f"sip.{name}": value for name, value in attributes.items()}
    caller = SimpleNamespace(kind=kind, attributes=named)
    return cast("rtc.Room", SimpleNamespace(remote_participants={"caller": caller}))


def test_the_number_is_that_of_the_callers_own_line() -> None:
    assert calling_from(room(SIP, phoneNumber=NUMBER, trunkPhoneNumber="+15105550100"), "caller") == NUMBER


@pytest.mark.parametrize("withheld", ["", "anonymous", "Restricted"])
def test_a_number_that_is_withheld_is_none(withheld: str) -> None:
    assert calling_from(room(SIP, phoneNumber=withheld), "caller") is None


def test_who_is_not_on_the_telephone_has_no_number() -> None:
    standard = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
    assert calling_from(room(standard, phoneNumber=NUMBER), "caller") is None
    assert calling_from(room(SIP, phoneNumber=NUMBER), "gone") is None
