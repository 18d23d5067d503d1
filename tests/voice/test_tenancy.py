"""What a tenant asks of phrases, prompts and hearing, held against what there is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mortgage_fsm import spoken
from mortgage_fsm.heard import Reason
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenant, TransferNumbers, Weekday
from mortgage_fsm.voice.phrases import phrases, sections
from mortgage_fsm.voice.tenancy import check, missing_of, transfer_plan
from mortgage_fsm.voice.transfer import Hours

SETTINGS = Settings(_env_file=None)

SHIPPED = {
    "phrases": {"greeting": {"first": "Hello.", "recorded": "Recorded."}},
    "prompts": {"routing": {"task": "Choose."}},
}


def _write(file: Path, held: Mapping[str, Mapping[str, str]]) -> None:
    lines = []
    for section, entries in held.items():
        lines += [f"[{section}]", *(f'{key} = "{value}"' for key, value in entries.items())]
    file.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """English whole, and hearing for Spanish."""
    monkeypatch.setattr(spoken, "LANGUAGES", MappingProxyType({**spoken.LANGUAGES, "es": spoken.LANGUAGES["en"]}))
    for kind, held in SHIPPED.items():
        (tmp_path / kind).mkdir()
        _write(tmp_path / kind / "en.toml", held)
    return tmp_path / "phrases", tmp_path / "prompts"


def test_english_is_whole() -> None:
    assert list(missing_of("en")) == []


def test_a_language_with_every_key_of_english_is_whole(folders: tuple[Path, Path]) -> None:
    for folder, held in zip(folders, SHIPPED.values(), strict=True):
        _write(folder / "es.toml", held)
    assert list(missing_of("es", *folders)) == []


def test_a_language_that_is_half_there_is_refused_with_what_is_missing(folders: tuple[Path, Path]) -> None:
    _write(folders[0] / "es.toml", {"greeting": {"first": "Hola."}})
    assert list(missing_of("es", *folders)) == ["its phrases lack greeting.recorded", "it has no prompts"]


def test_a_language_that_cannot_be_heard_is_refused(folders: tuple[Path, Path]) -> None:
    for folder, held in zip(folders, SHIPPED.values(), strict=True):
        _write(folder / "fr.toml", held)
    assert list(missing_of("fr", *folders)) == ["callers cannot be heard in it: it has no folder in spoken"]


@pytest.mark.parametrize("name", ["..", "../../secret", "en.toml", ""])
def test_a_language_that_is_no_name_reads_no_file(name: str) -> None:
    assert len(list(missing_of(name))) == 3


def _problems(**overrides: Any) -> list[tuple[str, str]]:
    return list(check({"language": "en", "phrases": overrides}, SETTINGS))


FITS: list[dict[str, dict[str, Any]]] = [
    {"greeting": {"first": "{servicer}. How can I help?"}},
    {"greeting": {"first": "How can I help?"}},
    {"effect": {"answer": ""}} if sections("en")["effect"]["answer"] == "" else {"handoff": {"verifying": ""}},
    {"again": {"advising": ["Sorry?", "Sorry, how can I help?", "Would you like a person?"]}},
    {"read_back": {"partial": "The amount due is {amount_due}."}},
]


@pytest.mark.parametrize("overrides", FITS)
def test_a_sentence_that_fits_may_be_said_instead(overrides: dict[str, Any]) -> None:
    assert _problems(**overrides) == []


UNFIT: list[tuple[str, str, Any, str]] = [
    ("nowhere", "first", "x", "there is no such section"),
    ("greeting", "nothing", "x", "there is no such sentence"),
    ("greeting", "first", ["x"], "must be one sentence"),
    ("again", "advising", "x", "must be a list of sentences"),
    ("again", "advising", ["x"], "must hold 3 entries"),
    ("greeting", "first", " ", "is empty"),
    ("greeting", "first", "{loan_digits}", "has a placeholder that is not known there (known: servicer)"),
    ("greeting", "recorded", "{servicer}", "has a placeholder that is not known there (known: none)"),
    ("greeting", "first", "{servicer.__class__}", "has a placeholder that is not known there (known: servicer)"),
    ("greeting", "first", "{servicer", "has a brace that is no placeholder"),
    ("greeting", "first", "{}", "has a brace that is no placeholder"),
    ("greeting", "first", "{servicer!r}", "has a brace that is no placeholder"),
    ("greeting", "first", "{servicer:>99}", "has a brace that is no placeholder"),
    (
        "read_back",
        "payment",
        "A payment of {amount}, {instrument}.",
        "must hold loan_ending: a caller says yes to what was read back",
    ),
]


@pytest.mark.parametrize(("section", "key", "said", "problem"), UNFIT)
def test_a_sentence_that_does_not_fit_is_refused_by_its_key(section: str, key: str, said: Any, problem: str) -> None:
    [(place, found)] = _problems(**{section: {key: said}})
    assert found == problem
    assert place in {f"phrases.{section}.{key}", f"phrases.{section}"}


def test_a_table_of_which_nothing_can_be_used_is_left_to_the_model() -> None:
    for table in ({}, {"language": 7}, {"language": "en", "phrases": 7}, {"language": "en", "phrases": {"again": 7}}):
        assert list(check(table, SETTINGS)) == []


def test_only_the_sentences_named_are_said_otherwise() -> None:
    changed = phrases().but({"greeting": {"recorded": "Recorded."}, "again": {"amount": ("How much?", "What sum?")}})
    assert changed.say("greeting", "recorded") == "Recorded."
    assert changed.step("again", "amount", 9) == "What sum?"
    assert changed.say("greeting", "nobody") == phrases().say("greeting", "nobody")
    assert phrases().say("greeting", "recorded") != "Recorded."


def test_a_tenants_numbers_and_hours_are_the_plan_of_its_transfers() -> None:
    tenant = Tenant(
        name="Oak",
        time_zone="America/Chicago",
        hours={Weekday.MONDAY: "08:00-18:00", Weekday.SUNDAY: "00:00-24:00"},
        transfer=TransferNumbers(fraud="+15105550199", fallback="sip:desk@oak.example"),
    )
    plan = transfer_plan(tenant)
    assert dict(plan.numbers) == {Reason.FRAUD: "+15105550199"}
    assert plan.fallback == "sip:desk@oak.example"
    assert plan.zone == ZoneInfo("America/Chicago")
    assert dict(plan.hours) == {0: Hours(time(8), time(18)), 6: Hours(time(0), time.max)}
    assert plan.is_open(datetime(2026, 1, 5, 14, 30, tzinfo=UTC))  # 8:30 on a Monday in Chicago
    assert not plan.is_open(datetime(2026, 1, 5, 13, 30, tzinfo=UTC))


def test_a_tenant_without_hours_always_has_somebody_there() -> None:
    assert transfer_plan(Tenant(name="Oak")).is_open(datetime(2026, 1, 3, 3, 0, tzinfo=UTC))
