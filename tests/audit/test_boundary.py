"""The log boundary: what a library may say, and what it may not, whatever it tries."""

from __future__ import annotations

import copy
import io
import logging
import pickle
from collections.abc import Iterator

import pytest

from mortgage_fsm.audit import boundary
from mortgage_fsm.audit.logs import DevLine, JsonLine

CANARIES = ("10004471", "7391", "four one one one", "Ada", "sip-15550100")


@pytest.fixture(params=["plain", "json", "dev"])
def sink(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """A library's logger whose only handler is guarded; also with formatters that know nothing of the boundary."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    if request.param == "plain":
        handler.setFormatter(logging.Formatter("%(name)s %(message)s %(threadName)s %(processName)s"))
        boundary.guard([handler])
    else:
        handler.setFormatter(JsonLine() if request.param == "json" else DevLine())
    logger = logging.getLogger("library.part")
    logger.handlers, logger.propagate, earlier = [handler], False, logger.handlers
    logger.setLevel(logging.DEBUG)
    yield stream
    logger.handlers, logger.propagate = earlier, True


LIBRARY = logging.getLogger("library.part")


def fail() -> None:
    raise ValueError("invalid literal: 'four one one one' of 10004471")


def test_a_constant_message_passes_and_its_arguments_do_not(sink: io.StringIO) -> None:
    LIBRARY.info("executing tool %s with %r", "pay", {"loan": "10004471"})
    assert "executing tool %s with %r" in sink.getvalue()
    assert "10004471" not in sink.getvalue()


def test_a_message_put_together_at_run_time_is_withheld(sink: io.StringIO) -> None:
    name = "Ada"
    for message in (f"caller said {name} 10004471", "caller said " + name, ValueError(name)):
        LIBRARY.warning(message)
    LIBRARY.warning(f"caller said {name}")
    assert sink.getvalue().count(boundary.WITHHELD) == 4
    assert not [each for each in CANARIES if each in sink.getvalue()]


def test_extras_do_not_pass(sink: io.StringIO) -> None:
    LIBRARY.info(
        "turn",
        extra={"lk.pii.text": "four one one one", "room": "sip-15550100", "error": "10004471", "participant": "Ada"},
    )
    assert "turn" in sink.getvalue()
    assert not [each for each in CANARIES if each in sink.getvalue()]


def test_of_an_exception_only_types_and_frames_pass(sink: io.StringIO) -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError("while reading 7391") from error
    except RuntimeError:
        LIBRARY.exception("tool failed", stack_info=True)
    assert "tool failed" in sink.getvalue()
    assert not [each for each in CANARIES if each in sink.getvalue()]


def test_an_exception_is_told_by_type_place_and_cause() -> None:
    try:
        try:
            fail()
        except ValueError as error:
            raise RuntimeError("while reading 7391") from error
    except RuntimeError as error:
        said = boundary.exception_summary((RuntimeError, error, error.__traceback__))
    assert said.startswith("RuntimeError at test_boundary.py:")
    assert "; after ValueError at test_boundary.py:" in said
    assert " in fail < " in said
    assert not [each for each in CANARIES if each in said]


def hide() -> None:
    try:
        fail()
    except ValueError:
        raise RuntimeError from None


def test_an_exception_that_hides_its_cause_does_not_tell_it() -> None:
    with pytest.raises(RuntimeError) as caught:
        hide()
    said = boundary.exception_summary((RuntimeError, caught.value, caught.value.__traceback__))
    assert "RuntimeError" in said
    assert "ValueError" not in said


def test_a_text_that_another_formatter_made_of_an_exception_does_not_pass(sink: io.StringIO) -> None:
    record = logging.LogRecord("library.part", logging.ERROR, __file__, 1, "x", None, None)
    record.exc_text = "ValueError: 10004471"
    record.stack_info = "local: 7391"
    LIBRARY.handle(record)
    assert sink.getvalue()
    assert not [each for each in CANARIES if each in sink.getvalue()]


def test_long_digits_in_a_name_or_a_constant_do_not_pass(sink: io.StringIO) -> None:
    LIBRARY.info("example 10004471")
    record = logging.LogRecord("room.sip-15550100", logging.ERROR, __file__, 1, "x", None, None, "f")
    LIBRARY.handle(record)
    assert "example #" in sink.getvalue()
    assert not [each for each in CANARIES if each in sink.getvalue()]


def sent_to_the_parent(record: logging.LogRecord) -> logging.LogRecord:
    """What the framework's child process does to a record: formats it, and pickles the result."""
    message = logging.Formatter().format(record)
    record = copy.copy(record)
    record.msg, record.args, record.exc_info = message, None, None
    return pickle.loads(pickle.dumps(record))  # type: ignore[no-any-return] # a record


def test_a_record_from_a_child_without_the_boundary_is_withheld_in_the_parent(sink: io.StringIO) -> None:
    record = logging.LogRecord("library.part", 20, __file__, 1, "loan %s", ("10004471",), None)
    LIBRARY.handle(sent_to_the_parent(record))
    assert boundary.WITHHELD in sink.getvalue()
    assert "10004471" not in sink.getvalue()


def test_a_record_cleaned_in_the_child_keeps_its_message_in_the_parent(sink: io.StringIO) -> None:
    seen: list[logging.LogRecord] = []

    class Child(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(sent_to_the_parent(record))

    handler = Child()
    boundary.guard([handler])
    logger = logging.getLogger("library.child")
    logger.addHandler(handler)
    logger.propagate = False
    logger.warning("tool %s failed", "10004471")
    logger.removeHandler(handler)
    LIBRARY.handle(seen[0])
    assert "tool %s failed" in sink.getvalue()
    assert "10004471" not in sink.getvalue()


def test_call_and_tenant_pass_on_a_librarys_record_in_their_own_form_only(sink: io.StringIO) -> None:
    LIBRARY.warning("one", extra={"call": "a1" * 16, "tenant": "acme"})
    LIBRARY.warning("two", extra={"call": "10004471", "tenant": "Ada"})
    assert not [each for each in CANARIES if each in sink.getvalue()]


def test_what_is_dropped_is_counted(sink: io.StringIO) -> None:
    boundary.dropped.clear()
    LIBRARY.info("turn", extra={"room": "x", "reason": "y", "call": "z"})
    LIBRARY.info(str(sink))
    assert boundary.dropped == {"extra": 1, "key": 1, "value": 1, "message": 1}


def test_our_own_records_keep_listed_keys_and_event_names_only(sink: io.StringIO) -> None:
    record = logging.LogRecord("mortgage_fsm.voice", 20, __file__, 1, "heard Ada", None, None)
    record.trigger, record.loan = "loan_offered", "10004471"
    boundary.clean(record)
    assert (record.msg, boundary.extras(record)) == (boundary.WITHHELD, {"trigger": "loan_offered"})


def test_guarding_twice_guards_once_and_reaches_the_last_resort() -> None:
    handler = logging.StreamHandler(io.StringIO())
    for _ in range(2):
        boundary.guard([handler])
    assert len(handler.filters) == 1
    root = logging.getLogger()
    root.addHandler(handler)
    boundary.guard()
    root.removeHandler(handler)
    assert logging.lastResort is not None
    assert any(isinstance(each, boundary.Boundary) for each in logging.lastResort.filters)


def test_without_the_boundary_the_canaries_are_there() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    LIBRARY.addHandler(handler)
    LIBRARY.propagate = False
    LIBRARY.error("loan %s", "10004471")
    LIBRARY.removeHandler(handler)
    LIBRARY.propagate = True
    assert "10004471" in stream.getvalue()
