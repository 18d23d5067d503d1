"""`python -m mortgage_fsm notices ...`: what is to be sent to borrowers in writing, and that it was. No name, no number."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from mortgage_fsm.exits import FOUND_WRONG

notices_app = typer.Typer(help="What is to be sent to borrowers in writing.", no_args_is_help=True)


@notices_app.command("list")
def waiting(as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """What waits to be sent, the oldest first: number, time, kind, confirmation number."""

    async def listing() -> list[dict[str, Any]]:
        from mortgage_fsm.settings import read_settings  # noqa: PLC0415 - imports that cost time: see cli
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(read_settings()) as ledger:
            return await ledger.notices.waiting()

    rows = asyncio.run(listing())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(f"{row['id']:>6}  {row['queued_at']}  {row['kind']:<24}  {row['confirmation']}")
    if not rows:
        typer.echo("nothing waits to be sent")


@notices_app.command()
def sent(number: Annotated[int, typer.Argument(min=1, metavar="ID", help="As `notices list` shows it.")]) -> None:
    """Say that a notice was sent."""

    async def mark() -> bool:
        from mortgage_fsm.settings import read_settings  # noqa: PLC0415
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(read_settings()) as ledger:
            return await ledger.notices.sent(number)

    if not asyncio.run(mark()):
        typer.echo("no notice of this number is waiting", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo("done")
