"""Calls for several tenants on one worker, and calls that are for none of them."""

from __future__ import annotations

import pytest

from tests.room.conftest import Office
from tests.room.tenants import ASH, OAK

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_the_dispatch_chooses_the_tenant_and_a_call_for_nobody_is_told_so_and_ended(office: Office) -> None:
    for metadata, sentence in (
        (OAK, "Thank you for calling Oak Home Loans."),
        (ASH, "This call is being recorded. Thank you for calling Ash Servicing."),
    ):
        async with office.house.call(metadata=metadata) as caller:
            assert (await caller.hear("How can I help?")).startswith(sentence)
    for metadata, dialled in (('{"tenant": "elm"}', None), ("", None), ("", "+15105550300")):
        async with office.house.call(metadata=metadata, dialled=dialled) as caller:
            await caller.hear("Goodbye.")
            await caller.gone()
            [said] = caller.heard
            assert "isn't set up to take calls" in said
            assert said.endswith("Goodbye.")
    await office.evidence.ended(5)
