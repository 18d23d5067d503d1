"""A PostgreSQL server of the tests' own: made in a temporary folder, reached through a socket, gone afterwards."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from mortgage_fsm.ledger import migrations
from mortgage_fsm.ledger.database import Database

_USER = "ledger"
_TEMPLATE = "with_schema"
_OTHER_USERS = ("postgres", "nobody")
_START_SECONDS = 30.0


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server of this machine: where packages put it, or on the path."""
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


class PostgreSQL:
    """A running server. Its databases are made one per test, empty or with the ledger's schema."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs

    @property
    def socket(self) -> str:
        """Where it listens."""
        return str(self._folder / ".s.PGSQL.5432")

    def described(self, url: str) -> list[str]:
        """The schema of one of its databases: statements, in an order that is always the same."""
        name = make_url(url).database or ""
        statements = self._run("pg_dump", "--schema-only", "--no-owner", name).split(";\n")
        # What pg_dump writes about itself differs each time.
        lines = (re.sub(r"(?m)^(--|\\\\).*$", "", each).strip() for each in statements)
        return [each for each in lines if each.startswith(("CREATE", "ALTER"))]

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql://{_USER}@/{name}?host={self._folder}"

    @contextmanager
    def database(self, *, with_schema: bool = True) -> Iterator[str]:
        """A database of its own; its URL. Whoever is still connected at the end is disconnected."""
        name = f"test_{secrets.token_hex(6)}"
        self._run("createdb", "--template", _TEMPLATE if with_schema else "template0", name)
        try:
            yield self.url(name)
        finally:
            self._run("dropdb", "--force", name)

    def make_template(self) -> None:
        """Make, by the migrations, what the databases with a schema are copied from."""

        async def upgrade() -> None:
            database = Database(self.url(_TEMPLATE))
            await migrations.upgrade(database)
            await database.close()

        self._run("createdb", "--template", "template0", _TEMPLATE)
        asyncio.run(upgrade())

    def _run(self, program: str, *arguments: str) -> str:
        where = ("--host", str(self._folder), "--username", _USER)
        done = subprocess.run(
            [self._programs / program, *where, *arguments], check=True, capture_output=True, text=True
        )
        return done.stdout


@contextmanager
def running(programs: Path) -> Iterator[PostgreSQL]:
    """A server for as long as the block lasts. It survives no loss of power: nothing of it is synced to the disk."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)  # short: a socket's path has at most 107 bytes
        user = _other_user(folder)
        data = folder / "data"
        options = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--locale", "C", "--no-sync"]
        subprocess.run([programs / "initdb", "-D", data, *options], check=True, capture_output=True, user=user)
        listening = ["-k", name, "-c", "listen_addresses=", "-c", "max_connections=200"]
        # No power is lost here; and a vacuum in the template would hold up whoever copies it.
        listening += ["-c", "fsync=off", "-c", "autovacuum=off"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen([programs / "postgres", "-D", data, *listening], stderr=log, user=user)
        try:
            _wait(programs, folder, server)
            made = PostgreSQL(folder, programs)
            made.make_template()
            yield made
        finally:
            server.send_signal(2)  # "fast": whoever is connected is disconnected
            server.wait(timeout=_START_SECONDS)


def _other_user(folder: Path) -> str | None:
    """Whom to run as: the server refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    for name in _OTHER_USERS:
        try:
            shutil.chown(folder, user=name)
        except LookupError:
            continue
        return name
    raise LookupError("run by root, and there is no other user to run a server as")


def _wait(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while subprocess.run([programs / "pg_isready", "-q", "-h", folder, "-U", _USER], check=False).returncode != 0:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "log").read_text("utf-8"))
        time.sleep(0.05)
