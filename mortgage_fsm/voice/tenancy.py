"""Holds a tenant's table against what there is to speak, to hear and to ask with, before the first call is taken."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from mortgage_fsm import spoken, tenants_file
from mortgage_fsm.heard import Reason
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import Tenant, Tenants, Weekday, opening_times
from mortgage_fsm.voice import cast, phrases, prompts
from mortgage_fsm.voice.terms import Terms
from mortgage_fsm.voice.transfer import Hours, TransferPlan

COMPLETE = "en"
"""The language that has everything: another must have all of its keys."""

Problem = tuple[str, str]
"""A key of a tenant's table, and what is wrong with it."""


def read_tenants(settings: Settings) -> Tenants:
    """The tenants of this installation, ready to take calls.

    Raises:
        ConfigurationError: one sentence for everything that is wrong, with its tenant and key; values are not repeated.
    """
    return tenants_file.read_tenants(settings, lambda table: check(table, settings))


def check(table: Mapping[str, Any], settings: Settings) -> Iterator[Problem]:
    """What is wrong with a tenant's models, language and phrases. Its other keys may be anything."""
    yield from cast.problems(table.get("voice", {}), settings)
    language = table.get("language")
    if not isinstance(language, str):
        return  # said by the model
    missing = list(missing_of(language))
    yield from (("language", problem) for problem in missing)
    overrides = table.get("phrases", {})
    if not missing and isinstance(overrides, dict):
        yield from _overriding(phrases.sections(language), overrides)


def missing_of(
    language: str, phrase_files: Traversable | None = None, prompt_files: Traversable | None = None
) -> Iterator[str]:
    """What a language lacks in order to hold a call: hearing, each sentence, each instruction. Nothing: it is whole.

    `phrase_files` and `prompt_files` say where to look; None: in the package.
    """
    if language not in spoken.LANGUAGES:
        yield "callers cannot be heard in it: it has no folder in spoken"
    for kind, folder in (
        ("phrases", phrase_files or files(phrases)),
        ("prompts", prompt_files or files(prompts)),
    ):
        file = folder / f"{language}.toml"
        if not (language.isalpha() and file.is_file()):
            yield f"it has no {kind}"
            continue
        whole = set(_keys(tomllib.loads((folder / f"{COMPLETE}.toml").read_text(encoding="utf-8"))))
        lacking = sorted(whole - set(_keys(tomllib.loads(file.read_text(encoding="utf-8")))))
        if lacking:
            yield f"its {kind} lack {', '.join(lacking)}"


def _keys(held: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in held.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{above}{name}.")
        else:
            yield f"{above}{name}"


def _overriding(shipped: phrases.Sections, overrides: Mapping[str, Any]) -> Iterator[Problem]:
    for section, entries in overrides.items():
        if section not in shipped:
            yield f"phrases.{section}", "there is no such section"
        elif isinstance(entries, dict):
            for key, said in entries.items():
                if key not in shipped[section]:
                    yield f"phrases.{section}.{key}", "there is no such sentence"
                else:
                    for problem in _replacing(shipped[section][key], said, facts=section == "read_back"):
                        yield f"phrases.{section}.{key}", problem


def _replacing(shipped: str | list[str], said: object, *, facts: bool) -> Iterator[str]:
    """What is wrong with a sentence, or a list of them, that is to be said instead. `facts`: none may be left out."""
    if isinstance(shipped, list) != isinstance(said, list):
        yield f"must be {'a list of sentences' if isinstance(shipped, list) else 'one sentence'}"
        return
    if isinstance(said, list) and len(said) != len(shipped):
        yield f"must hold {len(shipped)} entries"
        return
    before = [shipped] if isinstance(shipped, str) else shipped
    known = {name for sentence in before for name in _placeholders(sentence) or ()}
    held: set[str] = set()
    for sentence in said if isinstance(said, list) else [said]:
        if not isinstance(sentence, str):
            return  # said by the model
        if not sentence.strip() and all(before):
            yield "is empty"
        names = _placeholders(sentence)
        if names is None:
            yield "has a brace that is no placeholder"
            return
        held |= names
    if held - known:
        allowed = ", ".join(sorted(known)) or "none"
        yield f"has a placeholder that is not known there (known: {allowed})"
    if facts and known - held:
        yield f"must hold {', '.join(sorted(known - held))}: a caller says yes to what was read back"


def _placeholders(sentence: str) -> set[str] | None:
    """The names that are filled in; None where a brace is anything but a plain name."""
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError:
        return None
    names = [(name, form, conversion) for _, name, form, conversion in parts if name is not None]
    if any(form or conversion or not name for name, form, conversion in names):
        return None
    return {name for name, _, _ in names}


def terms_of(tenant: Tenant) -> Terms:
    """What a tenant's callers are told of its terms."""
    return Terms(
        statements=tenant.statements,
        methods=frozenset(tenant.methods),
        recorded=tenant.records_calls,
        inquiry=tenant.inquiry_number or next(iter(tenant.numbers), None),
        zone=ZoneInfo(tenant.time_zone),
    )


def transfer_plan(tenant: Tenant) -> TransferPlan:
    """Whom a tenant's callers are connected with, and when."""
    numbers = {reason: getattr(tenant.transfer, reason) for reason in Reason}
    return TransferPlan(
        numbers={reason: number for reason, number in numbers.items() if number is not None},
        fallback=tenant.transfer.fallback,
        hours={at: Hours(*opening_times(tenant.hours[day])) for at, day in enumerate(Weekday) if day in tenant.hours},
        zone=ZoneInfo(tenant.time_zone) if tenant.hours else UTC,
    )
