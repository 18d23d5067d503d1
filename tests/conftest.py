"""What several rooms' tests share: a PostgreSQL server, started when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgresql as server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[server.PostgreSQL]:
    programs = server.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed on this machine (Debian's package: postgresql)")
    with server.running(programs) as running:
        yield running
