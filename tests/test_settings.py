"""What the settings refuse, each in one sentence, before anything is opened with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from annotated_types import Ge, Gt, Le

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.settings import Settings, read_settings

NUMBERS = {name for name, field in Settings.model_fields.items() if field.annotation in {int, float, int | None}}


@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_every_number_has_an_end_on_both_sides(name: str) -> None:
    bounds = Settings.model_fields[name].metadata
    assert [each for each in bounds if isinstance(each, Le)]
    assert [each for each in bounds if isinstance(each, Gt | Ge)]


@pytest.mark.parametrize("value", ["1e300", "inf", "nan", "99999999999999999999999"])
@pytest.mark.parametrize("name", sorted(NUMBERS))
def test_a_number_that_nothing_could_hold_is_one_sentence(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"MORTGAGE_FSM_{name.upper()}", value)
    with pytest.raises(ConfigurationError) as refused:
        read_settings()
    (problem,) = refused.value.problems
    assert problem.startswith(f"MORTGAGE_FSM_{name.upper()}: ")
    assert value not in problem
