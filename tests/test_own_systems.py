"""A servicer's own systems, named by their address: never in the clear, and held to the same contract as all others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from mortgage_fsm.doctor import Asked, Verdict, examine, read_case
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.ledger.http_gateway import HttpGateway
from mortgage_fsm.ledger.http_loans import HttpLoans
from mortgage_fsm.ledger.plugged_in import PluggedInGateway, PluggedInLoans
from mortgage_fsm.settings import Settings, read_settings
from mortgage_fsm.voice.providers import provider
from mortgage_fsm.wiring import open_ledger, own_directory, own_gateway
from tests.ledger.processor import TOKEN, LoanSystem, Processor, serving

CASE = 'loan = "10004471"\nlast_four = "2190"\nunknown_loan = "10009999"\ninstrument_token = "t"\n'

Set = Callable[..., None]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Set:
    monkeypatch.chdir(tmp_path)

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"MORTGAGE_FSM_{name}", value)

    return put


@pytest.mark.parametrize("name", ["LOANS", "GATEWAY"])
@pytest.mark.parametrize(
    "address", ["http://payments.example/v1", "ftp://h", "wss://h", "https://", "https://u:canary@h", "https://h?x=1"]
)
def test_an_address_in_the_clear_or_with_a_password_is_refused(environment: Set, name: str, address: str) -> None:
    environment(**{name: address})
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    assert f"MORTGAGE_FSM_{name}: " in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("address", ["https://payments.example/v1/", "http://127.0.0.1:8080", "http://localhost"])
async def test_an_address_makes_both_systems(environment: Set, address: str) -> None:
    environment(LOANS=address, GATEWAY=address, GATEWAY_ABSENT_AFTER="77")
    async with open_ledger(read_settings()) as ledger:
        assert isinstance(ledger.directory, HttpLoans)
        assert isinstance(ledger.gateway, HttpGateway)
        assert ledger.gateway.absent_after.total_seconds() == 77


async def test_what_a_factory_makes_stands_behind_its_door(environment: Set) -> None:
    environment(LOANS="tests.voice.test_desk:leaving", GATEWAY="tests.voice.test_desk:leaving")
    async with open_ledger(read_settings()) as ledger:
        assert isinstance(ledger.directory, PluggedInLoans)
        assert isinstance(ledger.gateway, PluggedInGateway)


def test_a_gateway_must_say_how_long_a_payment_may_be_on_its_way(environment: Set) -> None:
    environment(GATEWAY=f"{__name__}:_without_absent_after")
    with pytest.raises(ConfigurationError, match="absent_after, a timedelta"):
        own_gateway(read_settings())


def _without_absent_after() -> object:
    return SimpleNamespace(submit=print, look_up=print, absent_after=900)


class _Shy:
    submit = look_up = identity_matches = print

    @property
    def find(self) -> None:
        raise ValueError("canary-password")

    @property
    def absent_after(self) -> None:
        raise ValueError("canary-password")


@pytest.mark.parametrize(("setting", "make"), [("loans", own_directory), ("gateway", own_gateway)])
def test_what_cannot_be_looked_at_is_one_sentence(setting: str, make: Callable[[Settings], object]) -> None:
    name: dict[str, Any] = {setting: f"{__name__}:_Shy"}
    with pytest.raises(ConfigurationError) as refused:
        make(Settings(_env_file=None, **name))
    assert refused.value.problems == (f"MORTGAGE_FSM_{setting.upper()} cannot be used: its code raised ValueError",)


def test_a_key_too_short_for_digests_is_refused(environment: Set) -> None:
    environment(LOANS="https://loans.example", LOANS_LAST_FOUR="digest", IDENTITY_KEY="short")
    with pytest.raises(ConfigurationError):
        own_directory(read_settings())


def test_start_refuses_a_system_without_tls_or_without_a_token() -> None:
    settings = Settings(loans="http://localhost/v1", gateway="https://payments.example", loans_token=SecretStr("t"))
    problems = "\n".join(settings.development_defaults())
    assert "MORTGAGE_FSM_LOANS is not asked over TLS" in problems
    assert "MORTGAGE_FSM_GATEWAY_TOKEN is not set" in problems
    assert "MORTGAGE_FSM_LOANS_TOKEN" not in problems
    assert "MORTGAGE_FSM_GATEWAY is" not in problems


@pytest.mark.slow
async def test_the_doctor_holds_them_to_the_contract(environment: Set, tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(CASE)
    asked = Asked(contract=True, case=read_case(file))
    processor = Processor()
    async with serving(processor, LoanSystem()) as address:
        environment(LOANS=address, LOANS_TOKEN=TOKEN, GATEWAY=address, GATEWAY_TOKEN=TOKEN)
        found = [each for each in await examine(asked) if each.name in {"loans", "gateway"}]
        assert [each.says for each in found if each.verdict is not Verdict.OK] == []
        assert [each.name for each in found if each.says == "keeps its contract"] == ["loans", "gateway"]
        assert processor.effects > 0
        environment(GATEWAY_TOKEN="canary-9")
        broken = [each for each in await examine(asked) if each.blocks]
        assert [each.name for each in broken] == ["gateway"]
        assert "canary" not in broken[0].says


@pytest.mark.parametrize(
    ("database", "one_worker", "refused"),
    [("sqlite:///ledger.db", False, True), ("sqlite:///ledger.db", True, False), ("postgresql://h/d", False, False)],
)
def test_start_refuses_a_file_for_a_ledger_where_several_workers_could_run(
    database: str, one_worker: bool, refused: bool
) -> None:
    problems = Settings(loans="a.b:c", database_url=database, one_worker=one_worker).development_defaults()
    assert any("which several workers cannot share" in each for each in problems) is refused


def _raises() -> None:
    raise ValueError("canary-password")


def _leaves() -> None:
    raise SystemExit(0)


def _cancels() -> None:
    raise asyncio.CancelledError("canary-password")


def _wants(_: str) -> None:
    """Cannot be made without an argument."""


@pytest.mark.parametrize(
    ("name", "kind"),
    [("_raises", "ValueError"), ("_leaves", "SystemExit"), ("_cancels", "CancelledError"), ("_wants", "TypeError")],
)
def test_a_factory_that_makes_nothing_is_one_sentence_without_its_own_words(name: str, kind: str) -> None:
    settings = Settings(loans=f"{__name__}:{name}", gateway=f"{__name__}:{name}", llm=f"{__name__}:{name}")
    makes: dict[str, Callable[[], object]] = {
        "LOANS": lambda: own_directory(settings),
        "GATEWAY": lambda: own_gateway(settings),
        "LLM": provider("llm", settings),
    }
    for setting, make in makes.items():
        with pytest.raises(ConfigurationError) as refused:
            make()
        assert refused.value.problems == (f"MORTGAGE_FSM_{setting} cannot be made: its code raised {kind}",)


@pytest.mark.parametrize(("body", "kind"), [("raise SystemExit(0)", "SystemExit"), ("1 +", "SyntaxError")])
def test_a_module_that_cannot_be_imported_is_one_sentence(
    body: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / f"unfit_{kind}.py").write_text(body, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        own_gateway(Settings(gateway=f"unfit_{kind}:made"))
    assert refused.value.problems == (f"'unfit_{kind}:made' cannot be imported: its code raised {kind}",)
