"""The command line as programs and people meet it: exit codes, one sentence, JSON that can be relied on."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from mortgage_fsm import cli
from mortgage_fsm.audit.drafts import Draft
from mortgage_fsm.audit.record import RecordType
from mortgage_fsm.errors import UnavailableError
from mortgage_fsm.ledger.snapshots import Place, Snapshots
from mortgage_fsm.machine import Call, State
from mortgage_fsm.voice.keeping import standing
from tests.stories.rehearsal import opened

PAYING = "make a payment\n10004471\n2190\n$1,450.25\nfrom my bank account\nyes\n"


def run(folder: Path, *arguments: str, lines: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parent.parent
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MORTGAGE_FSM_", "LIVEKIT_", "MOSS_", "OPENAI"))}
    return subprocess.run(
        [sys.executable, "-m", "mortgage_fsm", *arguments],
        cwd=folder,
        input=lines,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**clean, "PYTHONPATH": str(root), **environment},
    )


def test_a_piped_call_prints_the_agents_lines_alone_and_pays_once(tmp_path: Path) -> None:
    done = run(tmp_path, "console", lines=PAYING)
    assert done.returncode == 0
    assert done.stderr == ""
    spoken = done.stdout.splitlines()
    assert all(line.startswith("agent: ") for line in spoken)

    listed = run(tmp_path, "payments", "list", "--json")
    (payment,) = json.loads(listed.stdout)
    assert set(payment) == {"confirmation", "loan_ref", "amount_cents", "method", "status", "call", "created_at"}
    assert (payment["amount_cents"], payment["method"], payment["status"]) == (145025, "bank_transfer", "accepted")
    assert payment["confirmation"] in spoken[-1]
    assert "10004471" not in listed.stdout


def test_dev_without_a_livekit_server_is_that_call(tmp_path: Path) -> None:
    done = run(tmp_path, "dev", lines=PAYING)
    assert done.returncode == 0
    assert "confirmation number" in done.stdout


@pytest.mark.slow
def test_a_call_ends_well_whatever_bytes_come(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "mortgage_fsm", "console"],
        cwd=tmp_path,
        input=b"\xff\xfe\x00\n" + b"a" * 100_000 + b"\n\r\n%s{0}\n",
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.returncode == 0
    assert done.stdout.decode().lower().count("sorry") >= 4


@pytest.mark.slow
def test_no_payment_is_taken_when_nobody_can_hear_the_agent(tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mortgage_fsm", "console"],
            cwd=tmp_path,
            input=PAYING,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)},
        )
    assert done.returncode == 1
    assert done.stderr == "mortgage_fsm: the agent's words cannot be written, so nobody can answer them\n"
    assert run(tmp_path, "payments", "list").stdout.strip() == "no payments yet"


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def _main(monkeypatch: pytest.MonkeyPatch, folder: Path, command: str, environment: dict[str, str]) -> int:
    monkeypatch.chdir(folder)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["mortgage_fsm", command])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("command", "environment", "code", "sentence"),
    [
        ("console", {"MORTGAGE_FSM_LLM": "nonsense"}, 2, "MORTGAGE_FSM_LLM must be"),
        ("console", {"MORTGAGE_FSM_LLM": "openai"}, 2, "OPENAI_API_KEY is not set"),
        ("console", {"MORTGAGE_FSM_LLM": "os:nothing"}, 2, "cannot be imported"),
        ("console", {"MORTGAGE_FSM_LLM": "os:getcwd"}, 2, "not a LiveKit LLM"),
        ("console", {"MORTGAGE_FSM_MAXIMUM_PAYMENT": "lots"}, 2, "MORTGAGE_FSM_MAXIMUM_PAYMENT"),
        ("console", {"MORTGAGE_FSM_MINIMUM_PAYMENT": "5000000"}, 2, "is above"),
        ("console", {"MORTGAGE_FSM_DATABASE_URL": "nonsense"}, 2, "database URL"),
        ("console", {"MORTGAGE_FSM_DATABASE_URL": "sqlite:////proc/no/such/place.db"}, 1, "does not answer"),
        ("console", {"MORTGAGE_FSM_KB_DIR": "/no/such/folder"}, 2, "does not exist"),
        ("console", {"MORTGAGE_FSM_GATEWAY": "os:getcwd"}, 2, "without submit and look_up"),
        ("console", {"MORTGAGE_FSM_LOANS": "os:getcwd"}, 2, "without identity_matches"),
        ("console", {"MORTGAGE_FSM_LOAN_DIGITS": "4"}, 2, "MORTGAGE_FSM_LOAN_DIGITS"),
        ("console", {"MORTGAGE_FSM_LANGUAGE": "fr"}, 2, "no phrases"),
        ("console", {"MORTGAGE_FSM_IDENTITY_KEY": "short"}, 2, "32"),
        ("dev", {"LIVEKIT_URL": "ws://127.0.0.1:9"}, 2, "LIVEKIT_API_SECRET is not set"),
        ("dev", {"LIVEKIT_URL": "x", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}, 2, "ws:// or wss://"),
        ("dev", {"LIVEKIT_URL": "ws://[::1", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}, 2, "ws:// or wss://"),
        ("dev", {"LIVEKIT_URL": "wss://", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}, 2, "ws:// or wss://"),
        ("start", {}, 2, "MORTGAGE_FSM_IDENTITY_KEY is the development default"),
        ("start", {}, 2, "embedded gateway"),
        ("start", {"MORTGAGE_FSM_STT": "none"}, 2, "could not be heard"),
    ],
)
@pytest.mark.usefixtures("logging_as_it_was")
def test_what_cannot_be_used_is_said_in_one_sentence_each(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
    environment: dict[str, str],
    code: int,
    sentence: str,
) -> None:
    assert _main(monkeypatch, tmp_path, command, environment) == code
    said = capsys.readouterr()
    assert sentence in said.err
    assert said.out == ""
    assert all(line.startswith("mortgage_fsm: ") for line in said.err.splitlines())


def test_a_livekit_server_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    keys = {"LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}
    done = run(tmp_path, "dev", LIVEKIT_URL="ws://127.0.0.1:9", **keys)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "mortgage_fsm: the LiveKit server at LIVEKIT_URL cannot be reached"
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_loans_are_imported_all_or_none(tmp_path: Path) -> None:
    bad = tmp_path / "loans.csv"
    bad.write_text("nonsense\n1\n", encoding="utf-8")
    done = run(tmp_path, "loans", "import", str(bad))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert run(tmp_path, "loans", "import", str(tmp_path / "missing.csv")).returncode == 1


def test_knowledge_is_searched_as_programs_read_it(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "kb", "search", "what is escrow", "--json", "--top", "2").stdout)
    assert found["status"] == "found"
    assert found["backend"] == "embedded"
    assert 1 <= len(found["passages"]) <= 2
    assert set(found["passages"][0]) == {"id", "title", "text", "relevance", "source", "effective"}
    nothing = json.loads(run(tmp_path, "kb", "search", "--json", "who won the football game").stdout)
    assert (nothing["status"], nothing["passages"]) == ("not_found", [])


def test_every_topic_is_fit_to_be_spoken(tmp_path: Path) -> None:
    done = run(tmp_path, "kb", "check")
    assert done.returncode == 0, done.stderr


def test_pushing_without_an_account_says_what_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path, "kb", "push")
    assert done.returncode == 2
    assert "MOSS_PROJECT_KEY is not set" in done.stderr


def test_a_stale_diagram_is_found_and_redrawn(tmp_path: Path) -> None:
    assert run(tmp_path, "diagram", "--check").returncode == 1
    assert run(tmp_path, "diagram").returncode == 0
    assert run(tmp_path, "diagram", "--check").returncode == 0


@pytest.mark.slow
def test_the_schema_is_upgraded_on_command(tmp_path: Path) -> None:
    assert run(tmp_path, "db", "upgrade").returncode == 0
    assert run(tmp_path, "payments", "list").stdout.strip() == "no payments yet"
    assert run(tmp_path, "reconcile").stdout.strip() == "0 resolved, 0 left"


def test_calls_that_nobody_came_back_to_are_closed_on_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call, place = "ab" * 16, Place("R" * 26, "agent-AJ_one", "a" * 64)

    async def left_an_hour_ago() -> None:
        async with opened(tmp_path) as ledger:
            an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
            early = Snapshots(ledger.database, clock=lambda: an_hour_ago)
            async with ledger.database.transaction() as connection:
                await ledger.journal.append(
                    connection, call, [Draft(type=RecordType.CALL_STARTED, state_to=State.ADVISING)]
                )
                await early.open(connection, call, place, standing(Call(), 0, 0), an_hour_ago)

    asyncio.run(left_an_hour_ago())
    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)
    printed = [CliRunner().invoke(cli.app, ["reconcile"]).stdout for _ in range(2)]
    assert printed == ["0 resolved, 0 left\n1 abandoned calls closed\n", "0 resolved, 0 left\n"]


@pytest.mark.parametrize(
    "command",
    [
        ("payments", "list"),
        ("reconcile",),
        ("callbacks", "list"),
        ("callbacks", "done", "1"),
        ("notices", "list"),
        ("notices", "sent", "1"),
    ],
)
def test_a_mistyped_database_is_not_made_by_looking_into_it(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'mistyped' / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.app, list(command))
    assert str(done.exception) == "there is no database at the address of MORTGAGE_FSM_DATABASE_URL"
    assert isinstance(done.exception, UnavailableError)
    assert not list(tmp_path.iterdir())


def test_wrong_usage_is_exit_code_two(tmp_path: Path) -> None:
    assert run(tmp_path, "nonsense").returncode == 2
    assert run(tmp_path, "kb", "search").returncode == 2
