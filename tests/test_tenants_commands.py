"""The commands about tenants."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mortgage_fsm import tenants_commands
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.tenants import TenantsFile
from mortgage_fsm.tenants_commands import SCHEMA, tenants_app

RUN = CliRunner()


def test_the_schema_is_that_of_the_model_that_reads_the_file() -> None:
    done = RUN.invoke(tenants_app, ["schema", "--check"])
    assert (done.exit_code, done.output) == (0, "tenants.schema.json is up to date\n")
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == TenantsFile.model_json_schema()


def test_a_schema_that_is_out_of_date_is_found_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tenants.schema.json"
    monkeypatch.setattr(tenants_commands, "SCHEMA", file)
    assert RUN.invoke(tenants_app, ["schema", "--check"]).exit_code == 1
    file.write_text("{}", encoding="utf-8")
    assert RUN.invoke(tenants_app, ["schema", "--check"]).exit_code == 1
    assert RUN.invoke(tenants_app, ["schema"]).exit_code == 0
    assert file.read_bytes() == SCHEMA.read_bytes()


def test_a_good_file_is_shown_with_the_hashes_its_calls_are_pinned_to(tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text('[tenant.oak]\nname = "Oak"\n[tenant.ash]\nname = "Ash"\n', encoding="utf-8")
    done = RUN.invoke(tenants_app, ["check", str(file)])
    shown = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, _ in shown] == ["oak", "ash"]
    assert all(len(digest) == 64 for _, digest in shown)


def test_a_bad_file_is_refused_with_everything_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text('[tenant.oak]\nlimits.minimum = 0\n[tenant.ash]\nlanguage = "xx"\n', encoding="utf-8")
    refused = RUN.invoke(tenants_app, ["check", str(file)]).exception
    assert isinstance(refused, ConfigurationError)
    assert len(refused.problems) >= 4
