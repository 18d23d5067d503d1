"""A call that is for nobody here."""

from __future__ import annotations

import secrets
from pathlib import Path

from livekit.agents import AgentSession, CloseEvent

from mortgage_fsm.audit.verifying import check_chain
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.turning_away import turn_away
from mortgage_fsm.wiring import of_nobody
from tests.stories.rehearsal import opened

SENTENCE = "This number isn't set up to take calls. Goodbye."


async def test_a_call_for_nobody_is_told_so_ended_and_recorded_for_no_tenant(tmp_path: Path) -> None:
    call = secrets.token_hex(16)
    spoken: list[str | None] = []
    closed: list[CloseEvent] = []
    session: AgentSession[None] = AgentSession(vad=None, user_away_timeout=None, turn_handling={"turn_detection": None})
    session.on("conversation_item_added", lambda event: spoken.append(event.item.text_content))
    session.on("close", closed.append)
    async with opened(tmp_path) as ledger:
        journal = of_nobody(ledger.references)
        await turn_away(session, Recorder(call, ledger.database, journal, ledger.references), SENTENCE)
        async with ledger.database.reading() as connection:
            records = [record async for record in journal.records(connection, call)]
    assert spoken == [SENTENCE]
    assert len(closed) == 1
    assert check_chain(records) is None
    assert [(each["type"], each["tenant"], each.get("reason")) for each in records] == [
        ("call_started", "unknown", None),
        ("call_ended", "unknown", "no_tenant"),
    ]
    assert "tenant_config" not in records[0]
