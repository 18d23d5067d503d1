"""`python -m mortgage_fsm audit ...`: the log listed, shown, exported, checked, asked again, sealed and purged."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mortgage_fsm.audit.files import STDIN, content, create, lines_of, shown, using
from mortgage_fsm.errors import ConfigurationError, MortgageFsmError
from mortgage_fsm.exits import FOUND_WRONG

# Imports that cost time stand inside the commands: see cli.
if TYPE_CHECKING:
    from mortgage_fsm.audit.words import Words
    from mortgage_fsm.ledger.database import Database
    from mortgage_fsm.settings import Settings

audit_app = typer.Typer(help="The log of every decision.", no_args_is_help=True)

MOST_DAYS = 36_500
AnExport = Annotated[
    str | None, typer.Argument(metavar="[FILE]", help="An export, `-` for stdin; without it, what the database holds.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _settings() -> Settings:
    from mortgage_fsm.settings import read_settings  # noqa: PLC0415

    return read_settings()


@asynccontextmanager
async def _database() -> AsyncIterator[Database]:
    from mortgage_fsm.ledger.database import Database  # noqa: PLC0415
    from mortgage_fsm.ledger.migrations import ensure  # noqa: PLC0415

    database = Database(_settings().database_url)
    database.require_there()
    try:
        await ensure(database)
        yield database
    finally:
        await database.close()


async def _lines(file: str | None, call: str | None = None) -> AsyncGenerator[bytes, None]:
    """The lines of an export, without their breaks, or the records of the database as if they were one."""
    if file is None:
        from mortgage_fsm.audit.kept import kept_lines, the_call  # noqa: PLC0415

        async with _database() as database, database.reading() as connection:
            one = None if call is None else await the_call(connection, call)
            async with aclosing(kept_lines(connection, one)) as kept:
                async for line in kept:
                    yield line
        return
    for line in lines_of(file):  # on the event loop: nothing else runs on it
        yield line


async def _feed(file: str | None, take: Callable[[bytes], object], call: str | None = None) -> None:
    """Give every line to `take`, until it answers False."""
    async with aclosing(_lines(file, call)) as read:
        async for line in read:
            if take(line) is False:
                return


@audit_app.command("list")
def list_(
    loan: Annotated[
        str | None,
        typer.Option(help="Only calls in which this loan number stood; `-` asks for it, so that no shell keeps it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """The calls, newest first."""
    number = _asked_for("loan number") if loan == STDIN else loan

    async def listing() -> list[dict[str, Any]]:
        from mortgage_fsm.audit.kept import listed  # noqa: PLC0415
        from mortgage_fsm.wiring import references  # noqa: PLC0415

        settings = _settings()
        lengths = settings.loan_number_lengths
        ref = None if number is None else references(settings).loan_ref(_digits(number, lengths))
        async with _database() as database, database.reading() as connection:
            return [each._asdict() async for each in listed(connection, ref)]

    rows = _run(listing())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        ended = row["ended"] or "not ended"
        typer.echo(f"{row['call']}  {row['started']}  {ended:<24}  {row['state']:<15}  {row['records']:>4} records")
    if not rows:
        typer.echo("no calls")


def _asked_for(what: str) -> str:
    return str(typer.prompt(what, hide_input=True, err=True)) if sys.stdin.isatty() else sys.stdin.readline()


def _digits(number: str, lengths: frozenset[int]) -> str:
    digits = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"[0-9]+", digits):
        raise ConfigurationError("a loan number has digits alone")
    if len(digits) not in lengths:
        raise ConfigurationError(f"a loan number has {' or '.join(map(str, sorted(lengths)))} digits")
    return digits


@audit_app.command()
def show(call: Annotated[str, typer.Argument(help="Its id, or enough of its beginning.")]) -> None:
    """One call as a timeline, with its path through the states."""

    async def read() -> list[Any]:
        async with aclosing(_lines(None, call)) as kept:
            return [json.loads(line) async for line in kept]

    from mortgage_fsm.audit.timeline import timeline  # noqa: PLC0415

    records = _run(read())
    if any("problem" in each for each in records):
        raise MortgageFsmError("this call has a row that is not what its record says: see `audit verify`")
    for line in timeline(records):
        typer.echo(line)


@audit_app.command()
def export(
    call: Annotated[
        str | None, typer.Option(help="One call's id, or enough of its beginning; without it, all calls.")
    ] = None,
) -> None:
    """Every record as one line of canonical JSON, in the order in which they were written."""
    _run(_feed(None, lambda line: sys.stdout.buffer.write(line + b"\n"), call))
    sys.stdout.buffer.flush()


@audit_app.command()
def verify(
    file: AnExport = None,
    seal: Annotated[
        list[Path] | None, typer.Option(help="A seal that was kept elsewhere; may be given several times.")
    ] = None,
    public_key: Annotated[Path | None, typer.Option(help="The key that the seals are signed with, as PEM.")] = None,
) -> None:
    """Check every record and every chain; with seals, also that nothing is missing and nothing was put in.

    Needs no key of ours, and with an export no database.
    """
    from mortgage_fsm.audit.checking import Checking, report  # noqa: PLC0415
    from mortgage_fsm.audit.parallel import check_file  # noqa: PLC0415
    from mortgage_fsm.audit.sealing import in_order_of_time, opened  # noqa: PLC0415

    if seal and public_key is None:
        raise ConfigurationError("--seal needs --public-key: a seal is worth what its signature is")
    key = content(public_key) if public_key else b""
    checking = Checking(in_order_of_time([opened(content(each), key) for each in seal or []]))

    if file is not None and file != STDIN and not seal:
        with using(Path(file)):
            checking.fault, checking.chains = check_file(Path(file))
    else:
        _run(_feed(file, checking.take))
    checking.require_records()
    for line in report(checking):
        typer.echo(line)
    if not checking.holds:
        raise typer.Exit(FOUND_WRONG)


@audit_app.command()
def replay(
    file: AnExport = None,
    words: Annotated[
        Path | None,
        typer.Option(help="JSON lines of a recording: call, turn and words of each turn to be heard again."),
    ] = None,
) -> None:
    """Ask the machine again: every decision must come out the same, every record the same byte for byte."""
    from mortgage_fsm.audit.checking import Checking  # noqa: PLC0415
    from mortgage_fsm.audit.replaying import DiffersError, Replay  # noqa: PLC0415

    said = _words(words) if words else None
    checking, again = Checking([]), Replay()

    def take(line: bytes) -> None:
        if not checking.take(line):
            raise MortgageFsmError(f"this log does not verify: {checking.wrong}")
        try:
            step = again.take(line)
            if said is not None and step is not None:
                said.take(step)
        except DiffersError as error:
            raise MortgageFsmError(f"{checking.where}: {error}") from None

    _run(_feed(file, take))
    checking.require_records()
    if again.asked:
        typer.echo(f"{again.asked} decisions of {len(again.calls)} calls asked again: all the same")
    elif not again.others:
        typer.echo("no decision was asked again: there is none in this log")
    if said is not None:
        said.finish_all()
        typer.echo(f"the words of {said.checked} turns heard again: all the same")
    for table, calls in again.others.items():
        typer.echo(f"not asked again: {len(calls)} calls decided by the table {table}, which is not this one", err=True)
    if again.others:
        raise typer.Exit(FOUND_WRONG)


def _words(file: Path) -> Words:
    from mortgage_fsm.audit.words import Words, read_words  # noqa: PLC0415
    from mortgage_fsm.spoken import VERSION  # noqa: PLC0415
    from mortgage_fsm.voice.tenancy import read_tenants  # noqa: PLC0415
    from mortgage_fsm.voice.turns import Hear, hears  # noqa: PLC0415
    from mortgage_fsm.wiring import references  # noqa: PLC0415

    settings = _settings()
    tenants = read_tenants(settings).by_id

    def hearing(tenant: str) -> Hear:
        if tenant not in tenants:
            raise ConfigurationError("the log has calls of a tenant that is not configured here")
        return hears(tenants[tenant].language, settings.loan_number_lengths)

    return Words(read_words(content(file)), references(settings), hearing, VERSION)


@audit_app.command()
def seal(
    key: Annotated[Path, typer.Option(help="Ed25519 private key, as PEM: see `audit keygen`.")],
    out: Annotated[Path | None, typer.Option(help="A new file; without it, stdout.")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The seal before this one; the log must still hold to it.")
    ] = None,
) -> None:
    """Sign the latest record of every call, so that nothing can be taken from the log or put into it unseen."""
    from mortgage_fsm.audit.checking import Checking  # noqa: PLC0415
    from mortgage_fsm.audit.sealing import made, own, signed  # noqa: PLC0415

    private = content(key)
    before = own(content(previous), private) if previous else None
    now = datetime.now(UTC)
    checking = Checking([before] if before else [])

    _run(_feed(None, checking.take))
    if not checking.holds:
        raise MortgageFsmError(f"this log is not sealed: {checking.wrong}")
    made_now = made(checking.chains, checking.starts, now, before)
    written = signed(made_now, private)
    if out is None:
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
        return
    create({out: written})
    typer.echo(f"{len(made_now.calls)} calls sealed in {shown(out)}")


@audit_app.command()
def keygen(
    file: Annotated[Path, typer.Argument(help="For the private key; the public one goes into FILE.pub.")],
) -> None:
    """Make a key to seal with. Keep it where the worker cannot read it."""
    from mortgage_fsm.audit.sealing import new_key  # noqa: PLC0415

    private, public = new_key()
    beside = file.with_name(f"{file.name}.pub")
    create({file: private, beside: public}, 0o600)
    typer.echo(f"wrote {shown(file)} and {shown(beside)}")


@audit_app.command()
def purge(
    older_than: Annotated[
        int, typer.Option(metavar="DAYS", min=1, max=MOST_DAYS, help="Age of a call's latest record.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Only say how many calls are that old.")] = False,
) -> None:
    """Remove whole ended calls by age, and record each removal. A call with a payment under way is left."""

    async def run() -> tuple[int, int]:
        from mortgage_fsm.audit.purging import BATCH, old_calls, purge  # noqa: PLC0415
        from mortgage_fsm.wiring import of_nobody, references  # noqa: PLC0415

        removed, journal = 0, of_nobody(references(_settings()))
        async with _database() as database:
            async with database.reading() as connection:
                calls = await old_calls(connection, timedelta(days=older_than), datetime.now(UTC))
            for start in [] if check else range(0, len(calls), BATCH):
                async with database.transaction() as connection:
                    removed += await purge(connection, journal, calls[start : start + BATCH])
        return len(calls), removed

    old, removed = _run(run())
    typer.echo(f"{old} calls are that old" if check else f"{removed} calls removed, {old - removed} left")
