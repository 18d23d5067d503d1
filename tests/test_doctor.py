"""The doctor names every part with how it stands, says whether a call could be taken, and tells no secret."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from mortgage_fsm.doctor import Asked, Finding, Verdict, as_json, as_lines, examine, read_case
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from tests.room.servicer import SETTINGS
from tests.test_cli import run

SECRETS = {
    "OPENAI_API_KEY": "sk-canary-1",
    "DEEPGRAM_API_KEY": "dg-canary-2",
    "CARTESIA_API_KEY": "ca-canary-3",
    "LIVEKIT_API_KEY": "lk-canary-4",
    "LIVEKIT_API_SECRET": "lk-canary-5-of-enough-characters-for-it",
    "MORTGAGE_FSM_IDENTITY_KEY": "canary-6-" + "x" * 32,
    "MORTGAGE_FSM_REFERENCE_KEY": "canary-7-" + "x" * 32,
}
CASE = 'loan = "10004471"\nlast_four = "2190"\nunknown_loan = "10000000"\ninstrument_token = "demo-checking-6021"\n'


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("MORTGAGE_FSM_", "LIVEKIT_", "MOSS_", "OPENAI_", "DEEPGRAM_", "CARTESIA_", "OTEL_")):
            monkeypatch.delenv(name)


async def look(asked: Asked | None = None, /, **environment: str) -> list[Finding]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return await examine(asked or Asked())


def left_in(folder: Path) -> list[Path]:
    """What was made there."""
    return list(folder.iterdir())


def of(found: list[Finding], name: str) -> Finding:
    """What blocks of this part, or else its first finding."""
    mine = [each for each in found if each.name == name]
    return next((each for each in mine if each.blocks), mine[0])


@pytest.fixture
async def livekit() -> AsyncIterator[tuple[str, list[int]]]:
    """A server that answers with the status in the list."""
    status = [200]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status[0])

    app = web.Application()
    app.add_routes([web.post("/{anything:.*}", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"ws://127.0.0.1:{runner.addresses[0][1]}", status
    await runner.cleanup()


async def test_with_nothing_set_a_call_in_the_terminal_could_be_taken_and_nothing_is_made(tmp_path: Path) -> None:
    found = await look()
    assert not [each for each in found if each.blocks]
    assert {each.name for each in found} >= {
        *("settings", "tenants", "database", "knowledge", "llm", "stt", "tts", "livekit", "loans", "gateway"),
        *("health", "tracing"),
    }
    assert left_in(tmp_path) == []


async def test_production_needs_what_start_demands() -> None:
    found = await look(Asked(production=True))
    assert {each.name for each in found if each.blocks} == {"defaults", "stt", "tts", "livekit"}


@pytest.mark.parametrize(("agents", "blocks"), [(("advisor", "payment"), False), (("payment",), True)])
async def test_tenants_with_voices_of_their_own_need_none_of_the_installation(
    tmp_path: Path, agents: tuple[str, ...], blocks: bool
) -> None:
    voices = "".join(
        f'[tenant.oak.voice.{each}]\nstt = "deepgram/nova-3"\ntts = "cartesia/sonic-3"\n' for each in agents
    )
    (tmp_path / "tenants.toml").write_text(f'[tenant.oak]\nname = "Oak"\n{voices}', encoding="utf-8")
    keys = {name: SECRETS[name] for name in ("DEEPGRAM_API_KEY", "CARTESIA_API_KEY")}
    none = {"MORTGAGE_FSM_STT": "none", "MORTGAGE_FSM_TTS": "none"}
    found = await look(Asked(production=True), MORTGAGE_FSM_TENANTS="tenants.toml", **keys, **none)
    for kind in ("stt", "tts"):
        assert of(found, kind).blocks is blocks
        assert ("oak" in of(found, kind).says) is blocks


async def test_a_whole_installation_is_ready_for_production(livekit: tuple[str, list[int]], tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}"
    found = await look(
        Asked(production=True),
        **{**SETTINGS, **SECRETS},
        LIVEKIT_URL=livekit[0],
        MORTGAGE_FSM_DATABASE_URL=database,
        MORTGAGE_FSM_HEALTH_PORT="8082",
        OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4318",
    )
    assert [each for each in found if each.verdict is not Verdict.OK] == []


@pytest.mark.parametrize(("status", "says"), [(401, "refuses"), (403, "refuses")])
async def test_a_key_that_livekit_does_not_take_is_said(livekit: tuple[str, list[int]], status: int, says: str) -> None:
    url, answers = livekit
    answers[0] = status
    finding = of(await look(LIVEKIT_URL=url, LIVEKIT_API_KEY="k", LIVEKIT_API_SECRET="s" * 32), "livekit")
    assert finding.blocks
    assert says in finding.says


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("settings", {"MORTGAGE_FSM_MAXIMUM_PAYMENT": "lots"}),
        ("settings", {"MORTGAGE_FSM_MINIMUM_PAYMENT": "5000000"}),
        ("database", {"MORTGAGE_FSM_DATABASE_URL": "sqlite:////dev/null/ledger.db"}),
        ("database", {"MORTGAGE_FSM_DATABASE_URL": "nonsense"}),
        ("knowledge", {"MORTGAGE_FSM_KB_DIR": "nowhere"}),
        ("tenants", {"MORTGAGE_FSM_LANGUAGE": "fr"}),
        ("llm", {"MORTGAGE_FSM_LLM": "os:getcwd"}),
        ("stt", {"MORTGAGE_FSM_STT": "deepgram"}),
        ("tts", {"MORTGAGE_FSM_TTS": "no.such:thing"}),
        ("loans", {"MORTGAGE_FSM_LOANS": "no.such:thing"}),
        ("gateway", {"MORTGAGE_FSM_GATEWAY": "os:nothing"}),
        ("gateway", {"MORTGAGE_FSM_GATEWAY": "tests.test_doctor:unmakeable"}),
        ("livekit", {"LIVEKIT_URL": "ws://127.0.0.1:9"}),
        ("livekit", {"LIVEKIT_URL": "x", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}),
        ("livekit", {"LIVEKIT_URL": "ws://[::1", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s"}),
        (
            "livekit",
            {"LIVEKIT_URL": "ws://127.0.0.1:9", "LIVEKIT_API_KEY": "k", "LIVEKIT_API_SECRET": "s" * 32},
        ),
    ],
)
async def test_what_would_keep_a_call_from_being_taken_is_named(name: str, environment: dict[str, str]) -> None:
    found = await look(**environment)
    assert of(found, name).blocks
    assert not as_json(found)["ready"]
    assert list(as_lines(found))[-1] == "no call could be taken"


@pytest.mark.parametrize(
    ("host", "verdict"), [("127.0.0.1", Verdict.OK), ("192.0.2.1", Verdict.FAILED), ("a..b", Verdict.FAILED)]
)
async def test_a_host_that_cannot_be_listened_on_is_said_and_keeps_no_call_from_being_taken(
    host: str, verdict: Verdict
) -> None:
    finding = of(await look(MORTGAGE_FSM_HEALTH_PORT="8082", MORTGAGE_FSM_HEALTH_HOST=host), "health")
    assert (finding.verdict, finding.blocks) == (verdict, False)


async def test_a_misspelt_setting_is_named_without_its_value_and_blocks_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MORTGAGE_FSM_FILED=canary\nOTHER=1\nMORTGAGE_FSM_LLM=none\n", encoding="utf-8")
    found = await look(
        MORTGAGE_FSM_TYPO="canary", mortgage_fsm_stt="none", MORTGAGE_FSM_LIVEKIT_URL="canary", OTHER="canary"
    )
    said = [each.says for each in found if each.name == "settings" and each.verdict is not Verdict.OK]
    assert said == [f"MORTGAGE_FSM_{name} is no setting" for name in ("FILED", "LIVEKIT_URL", "TYPO")]
    assert not [each for each in found if each.blocks]
    assert "canary" not in repr(found)


def unmakeable() -> None:
    raise RuntimeError("the password is canary-9")


async def test_a_ledger_that_is_there_is_asked_whether_it_takes_writes(tmp_path: Path) -> None:
    assert run(tmp_path, "db", "upgrade").returncode == 0
    assert "takes writes" in of(await look(), "database").says
    (tmp_path / ".mortgage_fsm" / "ledger.db").write_bytes(b"no database at all, but a file of some length" * 40)
    assert of(await look(), "database").blocks


async def test_no_secret_is_told(livekit: tuple[str, list[int]]) -> None:
    password = "postgresql://ledger:canary-8@127.0.0.1:9/ledger"
    gateway = "tests.test_doctor:unmakeable"
    found = await look(
        Asked(production=True),
        **SECRETS,
        LIVEKIT_URL=livekit[0],
        MORTGAGE_FSM_DATABASE_URL=password,
        MORTGAGE_FSM_GATEWAY=gateway,
    )
    assert of(found, "database").blocks
    assert of(found, "gateway").blocks
    assert "canary" not in "\n".join(as_lines(found)) + json.dumps(as_json(found)) + repr(found)


# --- contracts


async def test_the_embedded_parts_keep_their_contracts_and_leave_no_payment(tmp_path: Path) -> None:
    found = await look(Asked(contract=True))
    kept = [each.name for each in found if each.says == "keeps its contract"]
    assert kept == ["loans", "gateway"]
    assert left_in(tmp_path) == []


class Forgetful:
    """Gives a new answer every time: the one thing that a gateway must not do."""

    absent_after = timedelta(minutes=1)
    sent = 0

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        Forgetful.sent += 1
        return Accepted(f"XX-{Forgetful.sent:06d}")

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return None


def forgetful() -> Forgetful:
    return Forgetful()


async def test_a_gateway_that_breaks_its_contract_is_told_which_promise(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(CASE)
    asked = Asked(contract=True, case=read_case(file))
    finding = of(await look(asked, MORTGAGE_FSM_GATEWAY="tests.test_doctor:forgetful"), "gateway")
    assert finding.blocks
    assert "one key is sent twice" in finding.says
    assert not any(private in finding.says for private in ("10004471", "2190", "6021"))


async def test_without_a_case_nothing_is_sent_to_a_gateway_of_ones_own() -> None:
    before = Forgetful.sent
    found = await look(Asked(contract=True), MORTGAGE_FSM_GATEWAY="tests.test_doctor:forgetful")
    assert Forgetful.sent == before
    assert any("--case" in each.says and not each.blocks for each in found)


@pytest.mark.parametrize("text", ["", "nonsense =", CASE + "more = 1\n", CASE + 'method = "gold 10004471"\n'])
def test_a_case_that_cannot_be_used_is_refused_without_its_values(tmp_path: Path, text: str) -> None:
    file = tmp_path / "case.toml"
    file.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        read_case(file)
    assert "10004471" not in str(refused.value)


# --- as it is run


@pytest.mark.slow
def test_it_prints_a_line_each_and_its_exit_code_is_the_conclusion(tmp_path: Path) -> None:
    done = run(tmp_path, "doctor")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "a call could be taken"
    done = run(tmp_path, "doctor", "--json", MORTGAGE_FSM_HEALTH_PORT="many")
    assert done.returncode == 1
    read = json.loads(done.stdout)
    assert (read["ready"], [each["name"] for each in read["findings"]]) == (False, ["settings"])
