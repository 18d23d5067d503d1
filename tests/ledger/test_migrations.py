"""Migrations: the quick way and Alembic's leave the same schema, which is that of the tables in the code."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

import mortgage_fsm
from mortgage_fsm.audit import schema as audit_schema
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.ledger import migrations, schema
from mortgage_fsm.ledger.database import Database
from tests.ledger.conftest import ON_SQLITE


async def dumped(url: str, *, by_alembic: bool) -> str:
    database = Database(url)
    await (migrations.upgrade(database) if by_alembic else migrations.ensure(database))
    found = await migrations.dump(database)
    await database.close()
    return found


async def test_the_snapshot_is_what_alembic_leaves(tmp_path: Path) -> None:
    snapshot = resources.files(migrations).joinpath(migrations.SNAPSHOT).read_text("utf-8")
    assert await dumped(f"sqlite:///{tmp_path}/a.db", by_alembic=True) == snapshot
    assert await dumped(f"sqlite:///{tmp_path}/b.db", by_alembic=False) == snapshot


async def test_the_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    await dumped(f"sqlite:///{tmp_path}/migrated.db", by_alembic=True)
    made = create_engine(f"sqlite:///{tmp_path}/made.db")
    schema.metadata.create_all(made)
    audit_schema.metadata.create_all(made)

    def statements(path: str) -> set[str]:
        engine = create_engine(f"sqlite:///{tmp_path}/{path}")
        query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
        with engine.connect() as connection:
            found = {re.sub(r"\s+", " ", row).replace(" )", ")") for row in connection.scalars(text(query))}
        engine.dispose()
        return found

    assert statements("migrated.db") == statements("made.db")
    made.dispose()


def test_head_is_the_newest_migration() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    loaded = {}
    for path in folder.glob("[0-9]*.py"):
        spec = importlib.util.spec_from_file_location(f"migration_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        loaded[module.revision] = module.down_revision
    assert {migrations.HEAD} == set(loaded) - set(loaded.values())


@ON_SQLITE
async def test_ensure_tells_whether_it_made_the_schema(url: str) -> None:
    database = Database(url)
    assert await migrations.ensure(database) is True
    assert await migrations.ensure(database) is False
    await database.close()


@ON_SQLITE
def test_making_and_opening_an_embedded_database_does_not_import_alembic(url: str) -> None:
    program = f"""
import asyncio, sys
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
async def main():
    database = Database({url!r})
    await migrations.ensure(database)
    await migrations.ensure(database)
    await database.close()
asyncio.run(main())
print([name for name in sys.modules if name.startswith("alembic")])
"""
    root = Path(mortgage_fsm.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@ON_SQLITE
async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    before = await migrations.dump(database)
    await migrations.upgrade(database)
    assert await migrations.dump(database) == before


@ON_SQLITE
async def test_a_database_made_by_a_newer_version_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="another version"):
        await migrations.ensure(database)


@ON_SQLITE
async def test_a_database_with_tables_of_others_is_refused_and_left_alone(url: str) -> None:
    database = Database(url)
    async with database.transaction() as connection:
        await connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    for make in (migrations.ensure, migrations.upgrade):
        with pytest.raises(ConfigurationError, match="not ours"):
            await make(database)
    async with database.reading() as connection:
        assert await connection.run_sync(lambda bare: inspect(bare).get_table_names()) == ["recipes"]
    await database.close()


@ON_SQLITE
@pytest.mark.slow
async def test_several_processes_may_make_one_database_at_once(url: str, in_processes: Any) -> None:
    program = f"""
import asyncio
from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database
async def main():
    database = Database({url!r})
    print(await migrations.ensure(database))
    await database.close()
asyncio.run(main())
"""
    assert sorted(await in_processes(program, 4)) == ["False", "False", "False", "True"]


@ON_SQLITE
async def test_a_servers_schema_is_changed_only_on_an_operators_word(url: str) -> None:
    database = Database(url)
    database.is_sqlite = False  # a server that has no schema yet, as far as `ensure` can tell
    with pytest.raises(ConfigurationError, match="run `db upgrade`"):
        await migrations.ensure(database)
    await database.close()
