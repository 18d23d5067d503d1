"""How a command ends: 0 fine, 1 found wrong or not answering, 2 wrong usage or configuration; never in a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from mortgage_fsm.errors import ConfigurationError, MortgageFsmError

FOUND_WRONG, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def ended(command: Callable[[], Any]) -> None:
    """Run a command; every error of ours, and of input and output, becomes a sentence each and an exit code."""
    try:
        command()
    except ConfigurationError as error:
        _end(WRONG_USAGE, error.problems)
    except MortgageFsmError as error:
        _end(FOUND_WRONG, getattr(error, "problems", (str(error),)))
    except OSError as error:
        leave(FOUND_WRONG, (f"input or output cannot be used ({type(error).__name__})",))
    except KeyboardInterrupt:
        leave(INTERRUPTED)


def _said(problems: Iterable[str]) -> None:
    for problem in problems:
        sys.stderr.write(f"mortgage_fsm: {problem}\n")


def _end(code: int, problems: Iterable[str]) -> NoReturn:
    _said(problems)
    try:
        sys.stdout.flush()
    except OSError:
        leave(code)
    sys.exit(code)


def leave(code: int, problems: Iterable[str] = ()) -> NoReturn:
    """End at once: what is left to be written cannot be, and a thread that waits for a key must not be waited for."""
    with contextlib.suppress(OSError):
        _said(problems)
        sys.stderr.flush()
    os._exit(code)
