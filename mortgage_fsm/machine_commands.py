"""`python -m mortgage_fsm diagram` and `prove`: the table drawn, and the table proved."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from mortgage_fsm.exits import FOUND_WRONG

DIAGRAM = Path("docs/state-diagram.md")


def diagram(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the page is up to date.")] = False,
) -> None:
    """Draw docs/state-diagram.md from the table."""
    from mortgage_fsm.machine.diagram import render  # noqa: PLC0415 - imports that cost time: see cli

    page = render()
    if not check:
        DIAGRAM.parent.mkdir(parents=True, exist_ok=True)
        DIAGRAM.write_text(page, encoding="utf-8")
        typer.echo(f"wrote {DIAGRAM}")
        return
    if not DIAGRAM.is_file() or DIAGRAM.read_text(encoding="utf-8") != page:
        typer.echo(f"{DIAGRAM} is not what the table draws: run `python -m mortgage_fsm diagram`", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{DIAGRAM} is up to date")


def prove(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
) -> None:
    """Walk every state that the machine can reach and check every invariant. Takes seconds."""
    from mortgage_fsm.machine import proof  # noqa: PLC0415

    began = time.monotonic()
    proved = proof.prove()
    took = time.monotonic() - began
    if as_json:
        typer.echo(json.dumps({**proof.as_json(proved), "seconds": round(took, 1)}, indent=2))
    else:
        for line in proof.as_lines(proved):
            typer.echo(line)
        typer.echo(f"{took:.1f} seconds")
    if not proved.holds:
        raise typer.Exit(FOUND_WRONG)
