"""Databases for processes that are killed, and the programs that kill them."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import mortgage_fsm

ROOT = Path(mortgage_fsm.__file__).parent.parent


@pytest.fixture
def new_url_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases of a kind; their URLs."""
    if getattr(request.node, "callspec", None) and "postgresql" in request.node.callspec.params.values():
        request.getfixturevalue("postgresql")  # now: it cannot be started once a test's own loop runs
    numbers = itertools.count()
    with ExitStack() as made:

        def new(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path}/{next(numbers)}/ledger.db"
            return str(made.enter_context(request.getfixturevalue("postgresql").database()))

        yield new


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, new_url_of: Callable[[str], str]) -> Callable[[], str]:
    """Makes empty databases of one kind; their URLs."""
    return lambda: new_url_of(request.param)


@pytest.fixture
def empty_url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def start_program() -> Iterator[Callable[..., Callable[[], Any]]]:
    """Starts a module as a program; what it gives waits for its end and reads what it printed."""
    running: list[subprocess.Popen[str]] = []

    def start(module: str, *arguments: object) -> Callable[[], Any]:
        command = [sys.executable, "-W", "error", "-m", module, *map(str, arguments)]
        one = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(one)

        def ended() -> Any:
            printed, _ = one.communicate()
            assert one.returncode == 0
            return json.loads(printed)

        return ended

    yield start
    for each in running:
        each.kill()
        each.wait()


@pytest.fixture
def program(start_program: Callable[..., Callable[[], Any]]) -> Callable[..., Any]:
    """Runs a module as a program; what it printed."""
    return lambda module, *arguments: start_program(module, *arguments)()
