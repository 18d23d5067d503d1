"""One office for all spoken calls, because a worker takes long to start; each test sees what its own call left behind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.speech.office import Office, open_office


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("worker")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def office(standing_office: Office) -> AsyncIterator[Office]:
    await standing_office.evidence.begin()
    standing_office.files.begin()
    yield standing_office
    print("the agent heard:", *standing_office.files.heard, sep="\n  ")
