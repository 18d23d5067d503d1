"""`python -m mortgage_fsm tenants ...`: a tenants file checked, and the JSON schema that editors check it by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mortgage_fsm.exits import FOUND_WRONG

tenants_app = typer.Typer(help="The servicers whose calls are taken.", no_args_is_help=True)

SCHEMA = Path(__file__).parent / "tenants.schema.json"


@tenants_app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="TOML; without it, what MORTGAGE_FSM_TENANTS names.")] = None,
) -> None:
    """Say everything that is wrong with the tenants; where nothing is, each with the hash that its calls are pinned to."""
    from mortgage_fsm.settings import read_settings  # noqa: PLC0415 - imports that cost time: see cli
    from mortgage_fsm.voice.tenancy import read_tenants  # noqa: PLC0415

    settings = read_settings()
    found = read_tenants(settings.model_copy(update={"tenants": file or settings.tenants}))
    for each in found.by_id.values():
        typer.echo(f"{each.id}  {each.config_hash}")


@tenants_app.command()
def schema(
    only_check: Annotated[bool, typer.Option("--check", help="Only say whether the file is up to date.")] = False,
) -> None:
    """Write the JSON schema of a tenants file."""
    from mortgage_fsm.tenants_file import schema as made  # noqa: PLC0415

    if not only_check:
        SCHEMA.write_text(made(), encoding="utf-8")
        typer.echo(f"wrote {SCHEMA.name}")
        return
    if not SCHEMA.is_file() or SCHEMA.read_text(encoding="utf-8") != made():
        typer.echo(f"{SCHEMA.name} is not what the model says: run `python -m mortgage_fsm tenants schema`", err=True)
        raise typer.Exit(FOUND_WRONG)
    typer.echo(f"{SCHEMA.name} is up to date")
