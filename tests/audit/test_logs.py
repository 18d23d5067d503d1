"""Our log lines: readable in `dev`, JSON in `start`, and nothing in them that is not on the list."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog

from mortgage_fsm.audit import boundary
from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.logs import Style, allow, configure, formatter


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    (only,) = capsys.readouterr().out.splitlines()
    found: dict[str, object] = json.loads(only)
    return found


def test_start_writes_json_lines_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    structlog.get_logger("mortgage_fsm.voice").info("decided", trigger="loan_offered", attempts_left=2)
    found = line(capsys)
    assert {key: found[key] for key in ("level", "logger", "event", "trigger", "attempts_left")} == {
        "level": "info",
        "logger": "mortgage_fsm.voice",
        "event": "decided",
        "trigger": "loan_offered",
        "attempts_left": 2,
    }


def test_dev_writes_one_readable_line_on_stderr_and_nothing_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.DEV)
    structlog.get_logger("mortgage_fsm").info(
        "decided", state_from="amount", state_to="method", trigger="amount_offered"
    )
    out, err = capsys.readouterr()
    assert out == ""
    (only,) = err.splitlines()
    assert only.endswith("info    decided amount -> method trigger=amount_offered")


def test_unknown_keys_and_bad_values_are_dropped_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    boundary.dropped.clear()
    structlog.get_logger("mortgage_fsm").info("decided", words="my loan is 10004471", reason="said 2190", turn=3)
    found = line(capsys)
    assert found["turn"] == 3
    assert not {"words", "reason"} & set(found)
    assert boundary.dropped == {"key": 1, "value": 1}


def test_an_event_that_is_a_sentence_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    structlog.get_logger("mortgage_fsm").info("caller said 10004471")
    assert line(capsys)["event"] == "unnamed"


def test_an_audit_record_is_written_whole(
    capsys: pytest.CaptureFixture[str],
    sealed: Callable[..., list[Sealed]],
    started: Draft,
    decision: Callable[..., Draft],
) -> None:
    configure(Style.START)
    one = sealed(started, decision())[1]
    structlog.get_logger("mortgage_fsm").info("audit", audit=one)
    assert line(capsys)["audit"] == one.record()


def test_an_audit_record_is_shown_in_short_to_people(
    capsys: pytest.CaptureFixture[str],
    sealed: Callable[..., list[Sealed]],
    started: Draft,
    decision: Callable[..., Draft],
) -> None:
    configure(Style.DEV)
    structlog.get_logger("mortgage_fsm").info("audit", audit=sealed(started, decision(state_to="submitted"))[1])
    shown = capsys.readouterr().err
    assert "confirming -> submitted trigger=payment_confirmed heard_by=rules outcome=accepted" in shown
    assert "AAAA" not in shown


def test_of_an_exception_type_and_frames_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    try:
        int("four one one one")
    except ValueError:
        structlog.get_logger("mortgage_fsm").exception("tool_failed")
    found = line(capsys)
    assert str(found["exception"]).startswith("ValueError at test_logs.py:")
    assert "four" not in json.dumps(found)


def test_a_librarys_line_says_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    logging.getLogger("livekit.agents").warning("room %s", "sip-15550100", extra={"lk.pii.text": "10004471"})
    found = line(capsys)
    assert (found["event"], found["logger"]) == ("room %s", "livekit.agents")
    assert str(found["at"]).startswith("test_logs.py:")
    assert set(found) == {"ts", "level", "logger", "event", "at"}


def test_a_warning_of_a_library_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START)
    logging.getLogger("py.warnings").warning("%s", "UserWarning: 10004471")
    assert "10004471" not in capsys.readouterr().out


def test_configuring_again_replaces_our_handler_and_guards_others() -> None:
    theirs = logging.NullHandler()
    logging.getLogger().addHandler(theirs)
    first, second = configure(Style.DEV), configure(Style.START)
    handlers = logging.getLogger().handlers
    assert first not in handlers
    assert second in handlers
    assert any(isinstance(each, boundary.Boundary) for each in theirs.filters)


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Style.START, "warning")
    structlog.get_logger("mortgage_fsm").info("decided")
    assert capsys.readouterr().out == ""


def test_the_database_driver_is_never_asked_to_describe_its_statements() -> None:
    configure(Style.DEV, "debug")
    assert not logging.getLogger("aiosqlite").isEnabledFor(logging.INFO)
    assert not logging.getLogger("sqlalchemy.engine").isEnabledFor(logging.INFO)


def test_a_formatter_cleans_by_itself() -> None:
    for style in Style:
        record = logging.LogRecord("library", 20, __file__, 1, "loan %s", ("10004471",), None)
        assert "10004471" not in formatter(style).format(record)


def test_the_processor_keeps_an_event_that_has_nothing_else() -> None:
    assert allow(None, "info", {"event": "call_ended"}) == {"event": "call_ended"}
