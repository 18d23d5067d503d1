"""Reads `tenants.toml` whole: everything that is wrong is said at once, by tenant and key, and no value is repeated."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings
from mortgage_fsm.tenants import DEFAULT, TENANT_ID, Tenant, Tenants, TenantsFile, digits_of

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,40}")

_DEEPEST = 20
_TOO_DEEP = "has tables in tables in tables, more than any key of a tenant needs"

Check = Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]]
"""What else must hold for a tenant's table, other keys of which may be wrong: pairs of a key and what is wrong with it."""


def of_settings(settings: Settings) -> Tenant:
    """The one tenant of an installation without a tenants file."""
    return Tenant.model_validate_json(_json(_filled({"name": settings.servicer}, settings) | {"id": DEFAULT}))


def read_tenants(settings: Settings, check: Check) -> Tenants:
    """The tenants that the settings name: those of a file, or the one that the settings describe.

    Raises:
        ConfigurationError: one sentence for everything that is wrong, with its tenant and key; values are not repeated.
    """
    if settings.tenants is not None:
        return read_file(settings.tenants, settings, check)
    tenant = of_settings(settings)
    problems = [f"MORTGAGE_FSM_{key.upper()}: {problem}" for key, problem in check(tenant.model_dump(mode="json"))]
    if problems:
        raise ConfigurationError(*problems)
    return Tenants([tenant])


def read_file(file: Path, settings: Settings, check: Check) -> Tenants:
    """The tenants of a TOML file; what a table leaves out comes from the settings.

    Raises:
        ConfigurationError: as `read_tenants` does.
    """
    held = _toml(file)
    found = held.get("tenant")
    named = found if isinstance(found, dict) else {}
    places = {id_: id_ if TENANT_ID.fullmatch(id_) else f"number {at}" for at, id_ in enumerate(named, 1)}
    tables = {id_: table for id_, table in named.items() if isinstance(table, dict)}
    filled = {id_: _filled(table, settings) | {"id": id_} for id_, table in tables.items()}
    whole = {**held, "tenant": named | filled} if isinstance(found, dict) else held
    problems: list[str] = []
    read = None
    try:
        read = TenantsFile.model_validate_json(_json(whole))
    except ValidationError as error:
        problems += [_problem(each["type"], each["loc"], each["msg"], places) for each in error.errors()]
    for id_, table in filled.items():
        own = ("id", "is the name of the table, and no key in it") if "id" in tables[id_] else None
        found = [*filter(None, [own]), *check(table)]
        problems += [f"tenant {places[id_]}: {key}: {problem}" for key, problem in found]
    problems += [f"tenant {places[id_]}: numbers: one is another tenant's too" for id_ in _sharing(tables)]
    if problems or read is None:
        raise ConfigurationError(*dict.fromkeys(f"{file.name}: {problem}" for problem in problems))
    return Tenants(read.tenant.values())


def schema() -> str:
    """The JSON schema of a tenants file, made from the model that reads it."""
    return json.dumps(TenantsFile.model_json_schema(), indent=2, sort_keys=True) + "\n"


def _toml(file: Path) -> dict[str, Any]:
    try:
        held = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError:
        raise ConfigurationError(f"MORTGAGE_FSM_TENANTS: {file.name} cannot be read") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file.name}: is not text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line \d+", str(error))  # the rest of the message may repeat what stands there
        raise ConfigurationError(f"{file.name}: is not TOML{f' {line.group()}' if line else ''}") from None
    except RecursionError:
        raise ConfigurationError(f"{file.name}: {_TOO_DEEP}") from None
    if _is_deep(held):
        raise ConfigurationError(f"{file.name}: {_TOO_DEEP}")
    return held


def _is_deep(held: Mapping[str, Any]) -> bool:
    """Whether it goes deeper than any tenants file: what looks at every level of it does so by recursion."""
    level: list[object] = [held]
    for _ in range(_DEEPEST):
        level = [below for each in level for below in _below(each)]
    return bool(level)


def _below(held: object) -> Iterable[object]:
    return held.values() if isinstance(held, dict) else held if isinstance(held, list) else ()


def _json(held: object) -> str:
    # A date or a time of TOML has no form in JSON, and no place here: as an object it is refused wherever it stands.
    return json.dumps(held, default=lambda _: {})


def _filled(table: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """A tenant's table with what it leaves out."""
    limits = table.get("limits", {})
    of_house = {"minimum": settings.minimum_payment, "maximum": settings.maximum_payment}
    return {
        "language": settings.language,
        "knowledge_index": settings.moss_index_name or None,
        "text_streams": settings.text_streams,
        **table,
        "limits": of_house | limits if isinstance(limits, dict) else limits,
    }


def _sharing(tables: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The tenants that have a number which another has as well."""
    held: dict[str, set[str]] = {}
    for id_, table in tables.items():
        numbers = table.get("numbers", [])
        for number in numbers if isinstance(numbers, list) else []:
            held.setdefault(digits_of(str(number)), set()).add(id_)
    return sorted({id_ for ids in held.values() if len(ids) > 1 for id_ in ids})


_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a key that is known here",
    "too_short": "holds too few entries",
    "too_long": "holds too many entries",
    "string_too_short": "is empty",
    "string_too_long": "is too long",
}


def _problem(kind: str, location: tuple[int | str, ...], message: str, places: Mapping[str, str]) -> str:
    said = _SAID.get(kind, message.removeprefix("Value error, ").replace("String should", "should"))
    if len(location) < 2 or location[0] != "tenant":
        return f"{_key(location) or 'tenants'}: {said}"
    id_, keys = str(location[1]), location[2:]
    if keys[:1] == ("phrases",) and len(keys) > 3:
        keys, said = keys[:3], "must be a sentence or a list of sentences"  # each member of the union complains
    if keys[:1] in {("[key]",), ("id",)}:
        keys, said = (
            (),
            "its id must be lower-case letters, digits, _ and -, and a letter first" if kind != "value_error" else said,
        )
    place = f"tenant {places.get(id_, '?')}"
    return f"{place}: {_key(keys)}: {said}" if keys else f"{place}: {said}"


def _key(location: tuple[int | str, ...]) -> str:
    """A place as it is written in TOML; lists are counted from 1, and a key that could be anything is not repeated."""
    parts = [str(each + 1) if isinstance(each, int) else each for each in location if each != "[key]"]
    return ".".join(part if _PLAIN_KEY.fullmatch(part) else "?" for part in parts)
