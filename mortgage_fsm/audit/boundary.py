"""The log boundary: what any log record, of ours or of a library, is reduced to before a handler may see it.

Of a library's record there remain: logger, level, place, the message where it is a constant of the code that logged it
(without long digits and never with its arguments), and for an exception its type and frames. Messages of exceptions,
arguments, extras and stack texts are dropped, whatever they are: no pattern decides what looks private.
Of ours there remain the event name and the keys of `keys.KEYS`.
"""

from __future__ import annotations

import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from types import FrameType, TracebackType

from mortgage_fsm.audit.keys import CONTEXT_KEYS, KEYS, event_name

OURS = "mortgage_fsm"
WITHHELD = "(message withheld)"

_CLEAN = "_mortgage_fsm_clean"
_EXTRA = "_mortgage_fsm_extra"
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
_LONG_DIGITS = re.compile(r"\d{3,}")
_MOST_FRAMES = 8

dropped: Counter[str] = Counter()
"""How much was dropped in this process: `message`, `extra`, `key` (unknown), `value` (of a known key), `event`."""


def clean(record: logging.LogRecord) -> logging.LogRecord:
    """Reduce a record, in place, to what may be seen. Done once for each record, also across processes."""
    if record.__dict__.get(_CLEAN) is True:
        return record
    is_ours = record.name == OURS or record.name.startswith(f"{OURS}.")
    record.msg = _our_event(record) if is_ours else _static_template(record)
    record.args = None
    kept = _allowed_extras(record, KEYS if is_ours else CONTEXT_KEYS)
    if record.exc_info:
        kept["exception"] = exception_summary(record.exc_info)
    record.exc_info = record.exc_text = record.stack_info = None
    record.name = _LONG_DIGITS.sub("#", record.name)
    record.threadName = record.processName = None
    record.__dict__["taskName"] = None
    record.__dict__.update(kept)
    record.__dict__[_EXTRA] = tuple(kept)
    record.__dict__[_CLEAN] = True
    return record


def extras(record: logging.LogRecord) -> dict[str, object]:
    """The keys and values that a cleaned record carries."""
    return {key: record.__dict__[key] for key in record.__dict__[_EXTRA] if key in record.__dict__}


def _allowed_extras(record: logging.LogRecord, allowed: Iterable[str]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key in [key for key in record.__dict__ if key not in _STANDARD]:
        value = record.__dict__.pop(key)
        if key not in allowed:
            dropped["key" if key in KEYS else "extra"] += 1
        elif KEYS[key](value):
            kept[key] = value
        else:
            dropped["value"] += 1
    return kept


def _our_event(record: logging.LogRecord) -> str:
    if event_name(record.msg):
        return str(record.msg)
    dropped["event"] += 1
    return WITHHELD


def _static_template(record: logging.LogRecord) -> str:
    """The message, if it stands as a constant in the code that is logging it right now: no caller's word does."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - what logging itself finds its callers with
    while frame is not None:
        code = frame.f_code
        if code.co_filename == record.pathname and code.co_name == record.funcName and frame.f_lineno == record.lineno:
            if isinstance(record.msg, str) and record.msg in code.co_consts:
                return _LONG_DIGITS.sub("#", record.msg)
            break
        frame = frame.f_back
    dropped["message"] += 1
    return WITHHELD


ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def exception_summary(exc_info: ExcInfo) -> str:
    """Types and frames of an exception and of what caused it: `KeyError at lookup.py:12 in find < call.py:7 in run`."""
    parts: list[str] = []
    error = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts.append(f"{type(error).__name__}{_frames(error.__traceback__)}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "; after ".join(parts)


def _frames(traceback: TracebackType | None) -> str:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{PurePath(code.co_filename).name}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    return f" at {' < '.join(reversed(frames[-_MOST_FRAMES:]))}" if frames else ""


class Boundary(logging.Filter):
    """Put on a handler, it lets every record through, cleaned."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record in place; always True."""
        clean(record)
        return True


def guard(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Put the boundary on these handlers: by default those of the root logger, and the one used when there is none.

    Call it again after a framework has added handlers, in every process: parent and child both write.
    """
    if handlers is None:
        last_resort = [logging.lastResort] if logging.lastResort else []
        handlers = [*logging.getLogger().handlers, *last_resort]
    for handler in handlers:
        if not any(isinstance(each, Boundary) for each in handler.filters):
            handler.filters.insert(0, Boundary())
