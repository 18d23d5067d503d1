"""The files that a command is given: an error names the file, which stood on the command line and is not private."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mortgage_fsm.errors import ConfigurationError

STDIN = "-"
"""In place of a file's name."""


def shown(file: Path) -> str:
    """The name of a file as text that can be printed, whatever its bytes are."""
    return os.fsencode(file).decode(errors="replace")


@contextmanager
def using(file: Path) -> Iterator[None]:
    """A block that reads or writes this file.

    Raises:
        ConfigurationError: it cannot be used; its name and the kind of error, nothing of what it holds.
    """
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{shown(file)} cannot be used ({type(error).__name__})") from None


def content(file: Path) -> bytes:
    """All of a file.

    Raises:
        ConfigurationError: it cannot be read.
    """
    with using(file):
        return file.read_bytes()


def create(files: Mapping[Path, bytes], mode: int = 0o666) -> None:
    """Write these files, all of them new: all or none.

    Args:
        files: what is to stand in each.
        mode: as for `os.open`.

    Raises:
        ConfigurationError: one is there already, or cannot be written.
    """
    made: list[Path] = []
    try:
        for file, held in files.items():
            with using(file):
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
                made.append(file)
                with os.fdopen(descriptor, "wb") as target:
                    target.write(held)
    except BaseException:
        for file in made:
            file.unlink(missing_ok=True)
        raise


def lines_of(file: str) -> Iterator[bytes]:
    """The lines of a file, or of standard input, without their breaks.

    Raises:
        ConfigurationError: it cannot be read.
    """
    with using(Path(file)), sys.stdin.buffer if file == STDIN else Path(file).open("rb") as read:
        for line in read:
            yield line.removesuffix(b"\n")
