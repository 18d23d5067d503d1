"""What is SQLite's alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import make_url

import mortgage_fsm.ledger
from mortgage_fsm.ledger import sqlite


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?cache=shared&uri=true"])
def test_a_database_in_memory_is_told_from_a_file(url: str) -> None:
    assert sqlite.is_in_memory(make_url(url))
    assert not sqlite.is_in_memory(make_url("sqlite:///ledger.db"))


@pytest.mark.parametrize("prefix", ["sqlite:///", "sqlite:///file:"])
def test_a_file_that_holds_nothing_is_no_database(prefix: str, tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    url = make_url(f"{prefix}{file}")
    assert not sqlite.is_there(url)
    file.touch()
    assert not sqlite.is_there(url)
    assert not sqlite.is_there(make_url(f"{prefix}{file}/below"))
    file.write_bytes(b"1")
    assert sqlite.is_there(url)


@pytest.mark.parametrize("kind", ["SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_NOTADB", "SQLITE_READONLY"])
def test_a_common_failure_has_a_remedy_however_closely_it_is_named(kind: str) -> None:
    assert sqlite.remedy(kind)
    assert sqlite.remedy(f"{kind}_DIRECTORY") == sqlite.remedy(kind)
    assert sqlite.remedy("SQLITE_FULLER") is None


def test_a_relative_file_needs_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite.make_folder(make_url("sqlite:///ledger.db"))
    sqlite.make_folder(make_url("sqlite:///below/ledger.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["below"]


def test_no_other_module_of_the_ledger_holds_sqlite_statements() -> None:
    folder = Path(mortgage_fsm.ledger.__file__).parent
    for path in folder.glob("*.py"):
        if path.name != "sqlite.py":
            assert not re.search(r"PRAGMA|BEGIN IMMEDIATE|sqlite_master|OR REPLACE", path.read_text("utf-8")), path.name
