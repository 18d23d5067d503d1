"""The command line. Thin: each command reads the settings, calls one thing, and turns our errors into exit codes.

0 fine, 1 something was found wrong or does not answer, 2 wrong usage or configuration. Imports that cost time (LiveKit,
SQLAlchemy) stand inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mortgage_fsm.audit_commands import audit_app
from mortgage_fsm.callbacks_commands import callbacks_app
from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.exits import FOUND_WRONG, ended
from mortgage_fsm.machine_commands import diagram, prove
from mortgage_fsm.notices_commands import notices_app
from mortgage_fsm.tenants_commands import tenants_app

if TYPE_CHECKING:
    from mortgage_fsm.settings import Settings

app = typer.Typer(
    help="A voice agent for mortgage servicing calls, owned by an explicit state machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
payments_app = typer.Typer(help="What was paid.", no_args_is_help=True)
loans_app = typer.Typer(help="The embedded loan directory.", no_args_is_help=True)
kb_app = typer.Typer(help="The knowledge base.", no_args_is_help=True)
db_app = typer.Typer(help="The ledger's database.", no_args_is_help=True)
app.add_typer(payments_app, name="payments")
app.add_typer(callbacks_app, name="callbacks")
app.add_typer(notices_app, name="notices")
app.add_typer(loans_app, name="loans")
app.add_typer(kb_app, name="kb")
app.add_typer(db_app, name="db")
app.add_typer(audit_app, name="audit")
app.add_typer(tenants_app, name="tenants")

OfTenant = Annotated[
    str | None, typer.Option("--tenant", help="The tenant that the call is for, where there are several.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> None:
    """Run the command line; every error of ours is one sentence on stderr and an exit code."""
    ended(app)


def _settings() -> Settings:
    from mortgage_fsm.settings import read_settings  # noqa: PLC0415 - see the module's docstring

    return read_settings()


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _log_to_stderr(level: str) -> None:
    from mortgage_fsm.audit.logs import Style, configure  # noqa: PLC0415

    configure(Style.DEV, level)


# --- calls


@app.command()
def dev(tenant: OfTenant = None) -> None:
    """Take calls as a development worker; without LIVEKIT_URL, one call in this terminal."""
    settings = _settings()
    if settings.livekit_url is None:
        _talk(settings, verbose=False, tenant=tenant)
        return
    _log_to_stderr(settings.log_level)
    from mortgage_fsm.worker import run  # noqa: PLC0415

    run(settings, development=True)


@app.command()
def start() -> None:
    """Take calls in production. Refuses every development default."""
    settings = _settings()
    from mortgage_fsm.audit.logs import Style, configure  # noqa: PLC0415

    configure(Style.START, settings.log_level)
    from mortgage_fsm.worker import run  # noqa: PLC0415

    run(settings, development=False)


@app.command()
def console(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every decision on stderr.")] = False,
    tenant: OfTenant = None,
) -> None:
    """A call in this terminal. When stdin is no terminal: one caller turn a line, until the lines end."""
    _talk(_settings(), verbose=verbose, tenant=tenant)


def _talk(settings: Settings, *, verbose: bool, tenant: str | None) -> None:
    if sys.stdin is None or sys.stdout is None:
        raise ConfigurationError("a call in the terminal needs standard input and output")
    # Nothing of what is loaded at start is garbage: collecting it is a quarter of the time until the greeting.
    gc.disable()
    _log_to_stderr("info" if verbose else "warning")
    from mortgage_fsm.terminal import talk  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    _run(talk(settings, tenant_id=tenant))
    sys.stdout.flush()
    sys.stderr.flush()
    # The call is over and everything is written; taking the loaded libraries down again is half a second of nothing.
    os._exit(0)


@app.command()
def doctor(
    as_json: AsJson = False,
    production: Annotated[bool, typer.Option("--production", help="Hold everything to what start demands.")] = False,
    contract: Annotated[
        bool, typer.Option("--contract", help="Try what loans and gateway promise; the gateway is sent payments.")
    ] = False,
    case: Annotated[
        Path | None, typer.Option(help="TOML with a loan of your sandbox, for the contracts of your own systems.")
    ] = None,
) -> None:
    """Say what is configured, reachable and missing, and whether a call could be taken."""
    _log_to_stderr("warning")
    from mortgage_fsm.doctor import Asked, examine, read_case  # noqa: PLC0415
    from mortgage_fsm.doctor import as_json as written  # noqa: PLC0415
    from mortgage_fsm.doctor import as_lines as lines  # noqa: PLC0415

    found = _run(examine(Asked(production, contract or case is not None, read_case(case) if case else None)))
    for line in [json.dumps(written(found), indent=2)] if as_json else lines(found):
        typer.echo(line)
    if any(each.blocks for each in found):
        raise typer.Exit(FOUND_WRONG)


# --- machine

app.command()(diagram)
app.command()(prove)


# --- money


@payments_app.command("list")
def payments_list(as_json: AsJson = False) -> None:
    """What was submitted, newest first, without anything that tells who."""

    async def listing() -> list[dict[str, Any]]:
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(_settings()) as ledger:
            return await ledger.payments.listing()

    rows = _run(listing())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        cents = row["amount_cents"]
        amount = "each month's amount due" if cents is None else f"${cents // 100:,}.{cents % 100:02d}"
        typer.echo(
            f"{row['created_at']}  {row['status']:<22} {amount:>14}  {row['method']:<13} {row['confirmation'] or '-'}"
        )
    if not rows:
        typer.echo("no payments yet")


@app.command()
def reconcile() -> None:
    """Look up every payment whose outcome is not known, by its key; close the calls that nobody came back to."""

    async def run() -> tuple[Any, int]:
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(_settings()) as ledger:
            return await ledger.reconciler.run(), await ledger.abandoned.run()

    done, closed = _run(run())
    typer.echo(f"{len(done.resolved)} resolved, {done.left} left")
    if closed:
        typer.echo(f"{closed} abandoned calls closed")
    for gateway in sorted(done.elsewhere):
        typer.echo(f"some were sent through {gateway}: ask that one, with MORTGAGE_FSM_GATEWAY set to it", err=True)
    if done.left:
        raise typer.Exit(FOUND_WRONG)


@loans_app.command("import")
def loans_import(file: Annotated[Path, typer.Argument(help="CSV, UTF-8, with a header line.")]) -> None:
    """Keep the loans of a CSV file; nothing is kept when any row is bad, and every bad row is named by its line."""

    async def load() -> int:
        from mortgage_fsm.ledger.import_file import import_loans  # noqa: PLC0415
        from mortgage_fsm.wiring import embedded_loans, open_ledger  # noqa: PLC0415

        settings = _settings()
        async with open_ledger(settings) as ledger:
            return await import_loans(ledger.database, embedded_loans(settings, ledger.database), file)

    typer.echo(f"{_run(load())} loans imported")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema up to this version."""

    async def upgrade() -> None:
        from mortgage_fsm.ledger.database import Database  # noqa: PLC0415
        from mortgage_fsm.ledger.migrations import upgrade as run  # noqa: PLC0415

        database = Database(_settings().database_url)
        try:
            await run(database)
        finally:
            await database.close()

    _run(upgrade())
    typer.echo("the schema is up to date")


# --- knowledge


@kb_app.command("search")
def kb_search(
    question: str,
    top: Annotated[int, typer.Option(min=1, max=20, help="Passages at the most.")] = 4,
    as_json: AsJson = False,
) -> None:
    """Search the knowledge base as a call would."""
    from mortgage_fsm.knowledge.choose import as_json as written  # noqa: PLC0415
    from mortgage_fsm.knowledge.choose import ask_once  # noqa: PLC0415
    from mortgage_fsm.wiring import open_knowledge  # noqa: PLC0415

    answer = _run(ask_once(open_knowledge(_settings()), question, top=top))
    if as_json:
        typer.echo(json.dumps(written(answer), indent=2, ensure_ascii=False))
        return
    typer.echo(f"{answer.status} ({answer.backend})")
    for passage in answer.passages:
        typer.echo(f"\n{passage.title} [{passage.id}] {passage.source}, {passage.effective}\n{passage.text}")


@kb_app.command("check")
def kb_check() -> None:
    """Say everything that is wrong with the topics."""
    from mortgage_fsm.knowledge.topics import check, load  # noqa: PLC0415

    folder = _settings().knowledge_folder
    problems = check(folder)
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{len(load(folder))} topics, nothing wrong")


@kb_app.command("push")
def kb_push() -> None:
    """Create, update and prune the Moss index so that it holds exactly the topics."""
    from mortgage_fsm.knowledge.push import push_folder  # noqa: PLC0415

    settings = _settings()
    key = settings.moss_project_key
    needed = {
        "MOSS_INDEX_NAME": settings.moss_index_name,
        "MOSS_PROJECT_ID": settings.moss_project_id,
        "MOSS_PROJECT_KEY": key.get_secret_value() if key else None,
    }
    missing = [f"{name} is not set" for name, value in needed.items() if not value]
    if missing:
        raise ConfigurationError(*missing)
    plan = push_folder(
        settings.knowledge_folder,
        index_name=needed["MOSS_INDEX_NAME"] or "",
        project_id=needed["MOSS_PROJECT_ID"] or "",
        project_key=needed["MOSS_PROJECT_KEY"] or "",
    )
    typer.echo(str(plan))
