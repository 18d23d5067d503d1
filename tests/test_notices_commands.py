"""The commands about notices: what the servicer's people send, without anything that tells who."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.intents import Intent, Status
from mortgage_fsm.ledger.ports import Instrument
from mortgage_fsm.notices_commands import notices_app
from tests.stories.rehearsal import opened

RUN = CliRunner()
LOAN = "10004471"
INTENT = Intent(
    call="c" * 32,
    confirmation_id=1,
    loan=LOAN,
    cents=1850_00,
    method=Method.BANK_TRANSFER,
    instrument=Instrument(Method.BANK_TRANSFER, "demo-checking-6021", "checking account ending 6021"),
    digest="D" * 26,
)


@pytest.fixture(autouse=True)
def a_ledger_with_a_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pay() -> None:
        async with opened(tmp_path) as ledger:
            async with ledger.database.transaction() as connection:
                await ledger.payments.begin(connection, INTENT)
            async with ledger.database.transaction() as connection:
                await ledger.payments.settle(connection, INTENT.key, Status.ACCEPTED, "MP-AA2BB3CC4D")

    monkeypatch.setenv("MORTGAGE_FSM_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.chdir(tmp_path)
    asyncio.run(pay())


def test_what_is_to_be_sent_is_listed_until_it_was_sent() -> None:
    shown = RUN.invoke(notices_app, ["list"])
    assert shown.exit_code == 0
    assert shown.output.split()[2:] == ["telephone_authorisation", "MP-AA2BB3CC4D"]
    (row,) = json.loads(RUN.invoke(notices_app, ["list", "--json"]).output)
    assert (row["id"], row["amount_cents"], row["call"]) == (1, 1850_00, "c" * 32)
    assert LOAN not in json.dumps(row) + shown.output
    assert RUN.invoke(notices_app, ["sent", "1"]).output == "done\n"
    assert RUN.invoke(notices_app, ["list"]).output == "nothing waits to be sent\n"


@pytest.mark.parametrize("number", ["2", "99999"])
def test_a_notice_that_does_not_wait_cannot_be_sent(number: str) -> None:
    refused = RUN.invoke(notices_app, ["sent", number])
    assert refused.exit_code == 1
    assert "no notice of this number is waiting" in refused.output
