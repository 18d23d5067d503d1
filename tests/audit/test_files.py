"""Files on the command line: named in every error, and written all or none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mortgage_fsm.audit.files import content, create, lines_of, shown
from mortgage_fsm.errors import ConfigurationError


def test_the_lines_of_a_file_come_without_their_breaks_and_nothing_else_is_cut_off(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_bytes(b"one\r\n\ntwo ")
    assert list(lines_of(str(file))) == [b"one\r", b"", b"two "]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for unreadable in (tmp_path / "gone", tmp_path):
        with pytest.raises(ConfigurationError, match=unreadable.name):
            content(unreadable)
        with pytest.raises(ConfigurationError, match=unreadable.name):
            list(lines_of(str(unreadable)))


def test_a_name_that_is_no_text_can_be_printed() -> None:
    shown(Path(os.fsdecode(b"a\xff"))).encode()


def test_files_are_made_all_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with pytest.raises(ConfigurationError, match="two"):
        create({one: b"1", tmp_path / "none" / "two": b"2"})
    assert not one.exists()
    create({one: b"1", two: b"2"})
    assert (one.read_bytes(), two.read_bytes()) == (b"1", b"2")
