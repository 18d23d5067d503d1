"""`audit ...` as auditors and programs meet it: exit codes, one sentence, nothing private."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from mortgage_fsm.audit_commands import audit_app
from mortgage_fsm.errors import ConfigurationError, MortgageFsmError
from tests.audit.calls import rewritten
from tests.stories.rehearsal import WAY, rehearse

pytestmark = pytest.mark.usefixtures("installation")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger in which one call has paid."""
    import asyncio  # noqa: PLC0415 - only here: a call once for all of these tests

    from mortgage_fsm.machine import State  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("held")

    async def held() -> None:
        async with rehearse(folder) as call:
            await call.say(*WAY[State.SUBMITTED])

    asyncio.run(held())
    return folder


@pytest.fixture
def installation(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "ledger.db").write_bytes((ledger / "ledger.db").read_bytes())
    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audit(*arguments: str, lines: str | bytes = "") -> Result:
    return CliRunner().invoke(audit_app, list(arguments), input=lines)


def error(result: Result) -> str:
    assert isinstance(result.exception, MortgageFsmError)
    return str(result.exception)


def export() -> str:
    done = audit("export")
    assert done.exit_code == 0
    return done.stdout


def the_call() -> str:
    [call] = json.loads(audit("list", "--json").stdout)
    assert set(call) == {"call", "started", "ended", "state", "records"}
    return str(call["call"])


def test_a_call_is_listed_and_found_by_its_loan_number_which_is_nowhere_in_the_log() -> None:
    call = the_call()
    for given in (audit("list", "--loan", "1000 4471"), audit("list", "--loan", "-", lines="10004471\n")):
        assert call in given.stdout
        assert "4471" not in given.stdout.replace(call, "")
    assert "no calls" in audit("list", "--loan", "10005582").stdout
    assert "10004471" not in export()
    assert isinstance(audit("list", "--loan", "x").exception, ConfigurationError)
    assert isinstance(audit("list", "--loan", "1000").exception, ConfigurationError)


def test_a_call_is_shown_as_a_timeline_with_its_path() -> None:
    shown = audit("show", the_call()[:8]).stdout
    assert "path: advising > collecting_loan > verifying > amount > method > confirming > submitted" in shown
    assert "payment_confirmed: stays in confirming" in shown
    assert "gateway_status=accepted" in shown
    assert error(audit("show", "ffff")) == "no call has this id"


def test_an_export_verifies_and_replays_without_database_or_key(
    installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("log.jsonl").write_text(export())
    assert audit("export", "--call", the_call()).stdout == export()
    (installation / "ledger.db").unlink()
    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", "not a database")
    for arguments in (["verify", "log.jsonl"], ["replay", "log.jsonl"]):
        done = audit(*arguments)
        assert done.exit_code == 0, done.exception
    assert audit("verify", "-", lines=Path("log.jsonl").read_bytes()).exit_code == 0


def test_the_database_verifies_and_replays_as_an_export_does() -> None:
    assert "nothing is wrong" in audit("verify").stdout
    assert "all the same" in audit("replay").stdout


def test_the_first_bad_record_is_named() -> None:
    call = the_call()
    Path("log.jsonl").write_text(export().replace("method_offered", "amount_offered"))
    done = audit("verify", "log.jsonl")
    assert done.exit_code == 1
    assert f"call {call}, record 5 (line 6): hash: not that of the record" in done.stdout
    assert "does not verify" in error(audit("replay", "log.jsonl"))


def test_with_a_seal_a_cut_off_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mortgage_fsm.audit.sealing.SLACK", timedelta(0))
    assert audit("keygen", "key").exit_code == 0
    assert stat.S_IMODE(Path("key").stat().st_mode) == 0o600
    assert audit("seal", "--key", "key", "--out", "one.json").exit_code == 0
    assert audit("seal", "--key", "key", "--out", "two.json", "--previous", "one.json").exit_code == 0
    Path("log.jsonl").write_text(export())
    seals = ["--seal", "two.json", "--seal", "one.json", "--public-key", "key.pub"]
    assert audit("verify", "log.jsonl", *seals).exit_code == 0
    Path("cut.jsonl").write_text("".join(export().splitlines(keepends=True)[:-1]))
    assert audit("verify", "cut.jsonl").exit_code == 0
    cut = audit("verify", "cut.jsonl", *seals)
    assert cut.exit_code == 1
    assert "cut off" in cut.stdout
    assert "--public-key" in error(audit("verify", "log.jsonl", "--seal", "one.json"))


def test_neither_a_key_nor_a_seal_is_ever_written_over() -> None:
    audit("keygen", "key")
    before = Path("key").read_bytes()
    assert error(audit("keygen", "key")) == "key cannot be used (FileExistsError)"
    assert Path("key").read_bytes() == before
    audit("seal", "--key", "key", "--out", "one.json")
    assert error(audit("seal", "--key", "key", "--out", "one.json")) == "one.json cannot be used (FileExistsError)"


def test_a_key_is_made_with_both_of_its_files_or_none() -> None:
    Path("key.pub").write_bytes(b"another's")
    assert error(audit("keygen", "key")) == "key.pub cannot be used (FileExistsError)"
    assert not Path("key").exists()
    assert Path("key.pub").read_bytes() == b"another's"


def test_a_seal_goes_on_only_from_one_of_its_own_key() -> None:
    audit("keygen", "key")
    audit("keygen", "other")
    audit("seal", "--key", "other", "--out", "one.json")
    said = error(audit("seal", "--key", "key", "--previous", "one.json"))
    assert said == "the seal is not signed with this key, or was changed"


@pytest.mark.parametrize(
    "command",
    [
        ["verify"],
        ["replay"],
        ["export"],
        ["list"],
        ["show", "ab"],
        ["seal", "--key", "key"],
        ["purge", "--older-than", "1"],
    ],
    ids=lambda each: each[0],
)
def test_a_database_that_is_not_there_is_not_made(
    command: list[str], installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit("keygen", "key")
    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite:///{installation}/none/ledger.db")
    assert error(audit(*command)) == "there is no database at the address of MORTGAGE_FSM_DATABASE_URL"
    assert not Path("none").exists()


@pytest.mark.parametrize("command", ["verify", "replay"])
def test_nothing_to_look_at_is_not_nothing_wrong(command: str) -> None:
    Path("empty.jsonl").touch()
    assert error(audit(command, "empty.jsonl")) == "there are no records to check"
    assert error(audit(command, "-")) == "there are no records to check"
    assert error(audit("replay", "--words", "empty.jsonl")) == "there are no words to check"
    assert error(audit("export", "--call", "nope")) == "no call has this id"


def test_no_input_ends_in_a_traceback() -> None:
    deep = "[" * 200_000
    Path("deep").write_text(deep)
    audit("keygen", "key")
    assert "record: not JSON" in audit("verify", "deep").stdout
    assert "record: not JSON" in error(audit("replay", "deep"))
    assert error(audit("verify", "--seal", "deep", "--public-key", "key.pub")) == "this is no seal"
    assert "no object with call" in error(audit("replay", "--words", "deep"))
    Path("half").write_text('{"call":"ab","turn":1,"words":"2190\\ud800"}')
    assert error(audit("replay", "--words", "half")) == "line 1 of the words has words that are no text"
    assert error(audit("show", "\udcff")) == "no call has this id"
    assert audit("purge", "--older-than", "99999999999").exit_code == 2


def test_a_file_that_cannot_be_used_is_named_and_is_wrong_usage() -> None:
    audit("keygen", "key")
    for command in (
        ["verify", "gone"],
        ["replay", "gone"],
        ["replay", "--words", "gone"],
        ["verify", "--seal", "gone", "--public-key", "key.pub"],
        ["seal", "--key", "gone"],
        ["seal", "--key", "key", "--previous", "gone"],
    ):
        done = audit(*command)
        assert isinstance(done.exception, ConfigurationError), command
        assert error(done) == "gone cannot be used (FileNotFoundError)"


def test_a_recordings_words_are_held_against_the_log() -> None:
    from mortgage_fsm.machine import State  # noqa: PLC0415

    call = the_call()
    said = [json.dumps({"call": call, "turn": n, "words": w}) for n, w in enumerate(WAY[State.SUBMITTED], 1)]
    Path("words.jsonl").write_text("\n".join(said))
    assert "the words of 6 turns heard again" in audit("replay", "--words", "words.jsonl").stdout
    Path("words.jsonl").write_text(said[2].replace("2190", "2191"))
    assert "not of these words" in error(audit("replay", "--words", "words.jsonl"))


def test_calls_of_another_table_are_said_not_to_have_been_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mortgage_fsm.audit.replaying.TABLE_HASH", "e" * 64)
    done = audit("replay")
    assert done.exit_code == 1
    assert "1 calls decided by the table" in done.stderr
    assert "all the same" not in done.stdout


def test_a_call_of_two_tables_is_named() -> None:
    call = the_call()
    Path("log.jsonl").write_bytes(b"\n".join(rewritten(export().encode().splitlines(), 3, machine="e" * 64)))
    assert (
        error(audit("replay", "log.jsonl")) == f"call {call}, record 3: machine: not the one that the call started with"
    )


def test_old_calls_are_removed_and_young_ones_are_not() -> None:
    assert "0 calls are that old" in audit("purge", "--older-than", "1", "--check").stdout
    assert "0 calls removed, 0 left" in audit("purge", "--older-than", "1").stdout
    assert audit("purge", "--older-than", "0").exit_code == 2
    assert the_call()
