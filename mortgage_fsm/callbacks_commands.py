"""`python -m mortgage_fsm callbacks ...`: who is to be called back, and that it was done. No name and no number."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from mortgage_fsm.exits import FOUND_WRONG

callbacks_app = typer.Typer(help="Callers who are to be called back.", no_args_is_help=True)


@callbacks_app.command("list")
def waiting(as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False) -> None:
    """Who asked for a person when nobody could be reached, the longest wait first: number, time, reason, loan reference."""

    async def listing() -> list[dict[str, Any]]:
        from mortgage_fsm.settings import read_settings  # noqa: PLC0415 - imports that cost time: see cli
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(read_settings()) as ledger:
            return await ledger.callbacks.waiting()

    rows = asyncio.run(listing())
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        typer.echo(
            f"{row['id']:>6}  {row['asked_at']}  {row['reason']:<10}  {row['loan_ref'] or '-':<26}  {row['call']}"
        )
    if not rows:
        typer.echo("nobody waits to be called back")


@callbacks_app.command()
def done(number: Annotated[int, typer.Argument(min=1, metavar="ID", help="As `callbacks list` shows it.")]) -> None:
    """Say that a caller was called back."""

    async def mark() -> bool:
        from mortgage_fsm.settings import read_settings  # noqa: PLC0415
        from mortgage_fsm.wiring import open_ledger_there  # noqa: PLC0415

        async with open_ledger_there(read_settings()) as ledger:
            return await ledger.callbacks.done(number)

    if not asyncio.run(mark()):
        typer.echo("no callback of this number is waiting", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo("done")
