from pathlib import Path

import pytest

from mortgage_fsm.machine import TABLE_HASH, State, Trigger, diagram
from mortgage_fsm.machine.invariants import INVARIANTS

PAGE = Path(__file__).parents[2] / "docs" / "state-diagram.md"


def test_the_page_in_docs_is_the_table_that_runs() -> None:
    assert PAGE.read_text(encoding="utf-8") == diagram.render()


def test_the_page_names_every_state_trigger_and_invariant_and_the_hash() -> None:
    page = diagram.render()
    named = (*State, *Trigger, *(invariant.sentence for invariant in INVARIANTS), TABLE_HASH)
    assert [word for word in named if word not in page] == []


def test_a_main_road_that_no_row_goes_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagram, "MAIN_ROAD", ((State.ADVISING, State.SUBMITTED, "wished"),))
    with pytest.raises(AssertionError, match="advising -> submitted"):
        diagram.render()
