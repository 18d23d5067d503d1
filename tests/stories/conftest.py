"""The ledgers of calls whose process dies: a SQLite file, and, in the slow suite, a PostgreSQL server's database."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from tests.stories import deaths
from tests.stories.deaths import NewRoom


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def a_room(request: pytest.FixtureRequest) -> Iterator[NewRoom]:
    if request.param == "sqlite":
        yield deaths.a_room
    else:
        with request.getfixturevalue("postgresql").database() as url:
            yield partial(deaths.a_room, url=url)
