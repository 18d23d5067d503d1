"""Whom a caller is sent to, when, and what is said of them on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from livekit import api
from livekit.protocol.sip import STS_TRANSFER_FAILED, STS_TRANSFER_ONGOING, STS_TRANSFER_SUCCESSFUL
from structlog.testing import capture_logs

from mortgage_fsm.audit.logs import allow
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.heard import Reason
from mortgage_fsm.machine import State
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.transfer import (
    Briefing,
    Hours,
    NobodyThere,
    Reached,
    RoomReferral,
    SipPersonLine,
    TransferPlan,
)
from mortgage_fsm.voice.watch import Watch

FRAUD_DESK, FALLBACK = "+15555550199", "sip:desk@example.com"
BRIEFING = Briefing(Reason.FRAUD, State.CONFIRMING, ("escrow", "late-fees"))
WEEK = {day: Hours(time(8), time(18)) for day in range(5)}
NEW_YORK = ZoneInfo("America/New_York")


class Switchboard:
    """Who answers, and who was called."""

    def __init__(self, *answers: str, error: Exception | None = None, forever: bool = False) -> None:
        self.answers = answers
        self.error = error
        self.forever = forever
        self.called: list[str] = []
        self.headers: list[Mapping[str, str]] = []

    async def refer(self, to: str, headers: Mapping[str, str], seconds: float) -> bool:
        self.called.append(to)
        self.headers.append(headers)
        if to not in self.answers and self.forever:
            await asyncio.Event().wait()
        if to not in self.answers and self.error is not None:
            raise self.error
        return to in self.answers


def plan(**changes: Any) -> TransferPlan:
    return TransferPlan(**({"numbers": {Reason.FRAUD: FRAUD_DESK}, "fallback": FALLBACK} | changes))


async def test_the_number_for_the_reason_is_called_first_and_the_fallback_where_nobody_answers() -> None:
    for answers, called, reached in (
        ((FRAUD_DESK, FALLBACK), [FRAUD_DESK], Reached.PERSON),
        ((FALLBACK,), [FRAUD_DESK, FALLBACK], Reached.PERSON),
        ((), [FRAUD_DESK, FALLBACK], Reached.NOBODY),
    ):
        board = Switchboard(*answers)
        assert await SipPersonLine(plan(), board).connect(BRIEFING) is reached
        assert board.called == called


async def test_a_reason_without_a_number_goes_to_the_fallback() -> None:
    board = Switchboard(FALLBACK)
    assert await SipPersonLine(plan(), board).connect(Briefing(Reason.ASKED, State.AMOUNT)) is Reached.PERSON
    assert board.called == [FALLBACK]


async def test_a_number_that_is_also_the_fallback_is_called_once() -> None:
    board = Switchboard()
    assert await SipPersonLine(plan(fallback=FRAUD_DESK), board).connect(BRIEFING) is Reached.NOBODY
    assert board.called == [FRAUD_DESK]


async def test_without_any_number_nobody_is_reached() -> None:
    board = Switchboard()
    assert await SipPersonLine(TransferPlan(), board).connect(BRIEFING) is Reached.NOBODY
    assert board.called == []


async def test_a_line_that_raises_is_a_line_where_nobody_answers() -> None:
    board = Switchboard(FALLBACK, error=RuntimeError(FRAUD_DESK))
    assert await SipPersonLine(plan(), board).connect(BRIEFING) is Reached.PERSON
    assert board.called == [FRAUD_DESK, FALLBACK]


async def test_a_line_that_fails_is_counted_and_one_that_is_not_answered_is_none() -> None:
    watch = Watch()
    await SipPersonLine(plan(), Switchboard(FALLBACK, error=RuntimeError(FRAUD_DESK)), watch).connect(BRIEFING)
    await SipPersonLine(plan(), Switchboard(), watch).connect(BRIEFING)
    failed: dict[str, str] = {"component": Component.TRANSFER}
    assert watch.metrics.registry.get_sample_value("mortgage_fsm_errors_total", failed) == 1


async def test_a_line_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SipPersonLine, "ANSWER_SECONDS", -0.95)
    board = Switchboard(FALLBACK, forever=True)
    assert await SipPersonLine(plan(ring_seconds=1.0), board).connect(BRIEFING) is Reached.PERSON
    assert board.called == [FRAUD_DESK, FALLBACK]


async def test_a_terminal_has_nobody_at_the_other_end() -> None:
    assert await NobodyThere().connect(BRIEFING) is Reached.NOBODY


@pytest.mark.parametrize(
    ("at", "there"),
    [
        (datetime(2026, 3, 2, 13, 0, tzinfo=UTC), True),  # a Monday, 8:00 in New York
        (datetime(2026, 3, 2, 12, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 23, 0, tzinfo=UTC), False),  # 18:00
        (datetime(2026, 3, 7, 17, 0, tzinfo=UTC), False),  # a Saturday
        (datetime(2026, 7, 6, 12, 0, tzinfo=UTC), True),  # in summer 8:00 is an hour earlier
    ],
)
async def test_out_of_hours_nobody_is_called(at: datetime, there: bool) -> None:
    board = Switchboard(FRAUD_DESK)
    line = SipPersonLine(plan(hours=WEEK, zone=NEW_YORK), board, now=lambda: at)
    assert await line.connect(BRIEFING) is (Reached.PERSON if there else Reached.CLOSED)
    assert board.called == ([FRAUD_DESK] if there else [])


def test_without_hours_somebody_is_always_there() -> None:
    assert plan().is_open(datetime(2026, 3, 7, 3, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    "to", ["+15555550199", "+442079460000", "sip:desk@example.com", "sips:a.b@10.0.0.1:5061", "sip:d@e:65535"]
)
def test_e164_numbers_and_sip_addresses_can_be_called(to: str) -> None:
    assert plan(fallback=to).tried(Reason.ASKED) == (to,)


@pytest.mark.parametrize(
    "to", ["5555550199", "+0155555501", "+1 555 555 0199", "tel:+15555550199", "sip:desk", "", "+15555550199\r\nX: y",
           "sip:desk@example.com\n", "sip:d@e?Replaces=1", "sip:d@e:65536", "sip:d@e:0", "+1555555019912345"],
)  # fmt: skip
def test_whatever_else_stands_for_a_number_is_refused_without_repeating_it(to: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        plan(fallback=to)
    assert "fallback transfer number" in str(caught.value)
    assert not to or to not in str(caught.value)


def test_everything_wrong_with_a_plan_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TransferPlan(
            numbers={Reason.FRAUD: "911", Reason.DISPUTE: FRAUD_DESK},
            fallback="none",
            hours={7: Hours(time(8), time(18)), 0: Hours(time(18), time(8))},
            ring_seconds=0.5,
        )
    assert len(caught.value.problems) == 5


def test_a_plan_does_not_print_its_numbers() -> None:
    assert "555" not in repr(plan())


def test_a_briefing_holds_reason_state_and_topics_and_nothing_that_could_break_out_of_a_header() -> None:
    assert BRIEFING.headers() == {
        "X-Transfer-Reason": "fraud", "X-Transfer-State": "confirming", "X-Transfer-Topics": "escrow,late-fees"
    }  # fmt: skip
    odd = Briefing(Reason.ASKED, State.ADVISING, ("a\r\nX-Evil: 1", "b c", *(f"topic-{n}" for n in range(9))))
    assert odd.headers()["X-Transfer-Topics"] == "topic-4,topic-5,topic-6,topic-7,topic-8"
    assert set(Briefing(Reason.ASKED, State.ADVISING).headers()) == {"X-Transfer-Reason", "X-Transfer-State"}


async def test_log_lines_of_a_transfer_bear_no_number_and_pass_the_list_of_what_may_be_logged() -> None:
    with capture_logs() as entries:
        await SipPersonLine(plan(), Switchboard(error=RuntimeError(FRAUD_DESK))).connect(BRIEFING)
        await SipPersonLine(plan(), Switchboard(FALLBACK)).connect(BRIEFING)
        await SipPersonLine(
            plan(hours={5: WEEK[0]}, zone=NEW_YORK), Switchboard(), now=lambda: datetime(2026, 3, 2, tzinfo=UTC)
        ).connect(BRIEFING)
    assert [entry["event"] for entry in entries] == ["transfer_failed"] * 2 + ["transfer_tried"] * 2 + [
        "transfer_out_of_hours"
    ]
    assert "555" not in json.dumps(entries, default=str)
    assert "example.com" not in json.dumps(entries, default=str)
    for entry in entries:
        kept = {key: value for key, value in entry.items() if key != "log_level"}
        assert allow(None, "info", dict(kept)) == kept


class Sip:
    """LiveKit's API as far as a transfer asks for it."""

    def __init__(self, answer: api.TransferSIPParticipantResponse) -> None:
        self.sip = self
        self.answer = answer
        self.request: api.TransferSIPParticipantRequest | None = None

    async def transfer_sip_participant(
        self, request: api.TransferSIPParticipantRequest
    ) -> api.TransferSIPParticipantResponse:
        self.request = request
        return self.answer


@pytest.mark.parametrize(("to", "sent"), [(FRAUD_DESK, f"tel:{FRAUD_DESK}"), (FALLBACK, FALLBACK)])
async def test_the_callers_own_line_is_referred(to: str, sent: str) -> None:
    sip = Sip(api.TransferSIPParticipantResponse(transfer_id="t", status=STS_TRANSFER_SUCCESSFUL))
    assert await RoomReferral(sip, "room-1", "caller-1").refer(to, BRIEFING.headers(), 20.0)  # type: ignore[arg-type] # all that is asked of it
    assert sip.request is not None
    assert (sip.request.room_name, sip.request.participant_identity) == ("room-1", "caller-1")
    assert sip.request.transfer_to == sent
    assert dict(sip.request.headers) == BRIEFING.headers()
    assert sip.request.ringing_timeout.seconds == 20


@pytest.mark.parametrize(
    ("answer", "done"),
    [
        (api.TransferSIPParticipantResponse(transfer_id="t", status=STS_TRANSFER_FAILED), False),
        (api.TransferSIPParticipantResponse(transfer_id="t", status=STS_TRANSFER_ONGOING), False),
        (api.TransferSIPParticipantResponse(), True),
    ],
)
async def test_only_a_transfer_that_was_completed_counts(
    answer: api.TransferSIPParticipantResponse, done: bool
) -> None:
    assert await RoomReferral(Sip(answer), "room-1", "caller-1").refer(FALLBACK, {}, 5.0) is done  # type: ignore[arg-type] # all that is asked of it
