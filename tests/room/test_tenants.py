"""Calls for several tenants on one worker, and calls that are for none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.room.conftest import StartWorker
from tests.room.house import House

pytestmark = pytest.mark.slow

TENANTS = """
[tenant.oak]
name = "Oak Home Loans"
numbers = ["+15105550100"]
[tenant.ash]
name = "Ash Servicing"
numbers = ["+15105550200"]
records_calls = true
"""


async def test_the_dispatch_chooses_the_tenant_and_a_call_for_nobody_is_told_so_and_ended(
    house: House, start_worker: StartWorker, tmp_path: Path
) -> None:
    file = tmp_path / "tenants.toml"
    file.write_text(TENANTS, encoding="utf-8")
    await start_worker(MORTGAGE_FSM_TENANTS=str(file))
    for tenant, sentence in (
        ("oak", "Thank you for calling Oak Home Loans."),
        ("ash", "This call is being recorded. Thank you for calling Ash Servicing."),
    ):
        async with house.call(metadata=f'{{"tenant": "{tenant}"}}') as caller:
            assert (await caller.hear("How can I help?")).startswith(sentence)
    for metadata in ('{"tenant": "elm"}', ""):
        async with house.call(metadata=metadata) as caller:
            await caller.hear("Goodbye.")
            await caller.gone()
            [said] = caller.heard
            assert "isn't set up to take calls" in said
            assert said.endswith("Goodbye.")
