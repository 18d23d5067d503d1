"""Sets up structlog and the handlers: one readable line on stderr in `dev`, JSON lines on stdout in `start`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import structlog

from mortgage_fsm.audit import boundary
from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.keys import KEYS, event_name

_PASSED_ON = frozenset({"event", "exc_info"})
# These describe every statement, with its parameters, when asked to; the boundary withholds that, this saves the work.
_NEVER_BELOW_WARNING = ("aiosqlite", "sqlalchemy", "asyncio", "transitions")


class Style(StrEnum):
    """How lines look and where they go."""

    DEV = "dev"
    """One readable line each, on stderr: stdout belongs to the call."""
    START = "start"
    """JSON lines on stdout, audit records among them."""


def allow(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: keeps the keys that are listed and hold what they may; drops and counts all others."""
    for key in [key for key in event if key not in _PASSED_ON]:
        rule = KEYS.get(key)
        if rule is None:
            boundary.dropped["key"] += 1
            del event[key]
        elif not rule(event[key]):
            boundary.dropped["value"] += 1
            del event[key]
    if not event_name(event.get("event")):
        boundary.dropped["event"] += 1
        event["event"] = "unnamed"
    return event


class JsonLine(logging.Formatter):
    """One JSON object a line, in ASCII. Cleans the record itself, should the handler have no boundary."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, without a line break."""
        fields = _fields(boundary.clean(record))
        line = {
            "ts": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": str(record.msg),
            **_place(record),
            **fields,
        }
        return json.dumps(line, separators=(",", ":"), default=lambda _: None)


class DevLine(logging.Formatter):
    """One line for people: time, level, event, and what goes with it. A change of state stands out as an arrow."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, without a line break."""
        fields = _fields(boundary.clean(record))
        audit = fields.pop("audit", None)
        if isinstance(audit, dict):
            fields |= {key: audit[key] for key in _SHOWN if key in audit}
        came, goes = fields.pop("state_from", None), fields.pop("state_to", None)
        move = [f"{came} -> {goes}" if came and came != goes else str(goes)] if goes else []
        pairs = [f"{key}={value}" for key, value in fields.items()]
        time = _moment(record).astimezone().strftime("%H:%M:%S")
        place = [] if record.name.startswith(boundary.OURS) else [record.name, *_place(record).values()]
        return " ".join([time, f"{record.levelname.lower():<7}", *place, str(record.msg), *move, *pairs])


_SHOWN = ("state_from", "state_to", "trigger", "heard_by", "outcome", "reason", "attempts_left", "gateway_status")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {
        key: value.record() if isinstance(value, Sealed) else value for key, value in boundary.extras(record).items()
    }


def _place(record: logging.LogRecord) -> dict[str, str]:
    """Where a library's record comes from: all there is when its message is withheld."""
    return {} if record.name.startswith(boundary.OURS) else {"at": f"{record.module}.py:{record.lineno}"}


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


_FORMATTERS: dict[Style, type[logging.Formatter]] = {Style.DEV: DevLine, Style.START: JsonLine}


def formatter(style: Style) -> logging.Formatter:
    """The formatter of a style, for handlers that a framework has made."""
    return _FORMATTERS[style]()


def configure(style: Style, level: str = "info") -> logging.Handler:
    """Give the root logger one handler of this style, in place of an earlier one of ours, and set up structlog.

    Handlers of others stay, guarded. `level`: the name of a standard level.
    """
    handler = _OurHandler(sys.stderr if style is Style.DEV else sys.stdout)
    handler.setFormatter(formatter(style))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _OurHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(capture=True)
    boundary.guard()
    configure_structlog()
    return handler


def configure_structlog() -> None:
    """Have structlog's events become standard log records with extras, so that they pass the boundary like all others.

    Enough by itself in a child process whose handlers are the framework's (with `boundary.guard`).
    """
    for name in _NEVER_BELOW_WARNING:
        logging.getLogger(name).setLevel(max(logging.getLogger().level, logging.WARNING))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, allow, structlog.stdlib.render_to_log_kwargs],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class _OurHandler(logging.StreamHandler[Any]):
    """Told from the handlers of others by its type."""
