"""The README says what is so: its transcript is a call that can be had, its diagram is the table's, its commands exist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from google.protobuf.json_format import ParseDict
from livekit.protocol import sip
from pydantic import AliasChoices

from mortgage_fsm.machine import diagram
from mortgage_fsm.settings import Settings
from tests.stories.rehearsal import rehearse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_VARIES = re.compile(rf"MP-[A-Z0-9]{{10}}|(?:{_MONTHS}) \d+\w\w")


def _block(after: str, fence: str) -> str:
    found = re.search(rf"{re.escape(after)}.*?```{fence}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found.group(1)


def _same(text: str) -> str:
    return _VARIES.sub("*", text)


def test_trunk_and_dispatch_rule_are_what_livekits_server_takes_and_lead_to_a_tenant_of_the_example() -> None:
    trunk, rule = map(json.loads, re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    numbers = ParseDict(trunk, sip.CreateSIPInboundTrunkRequest()).trunk.numbers
    (agent,) = ParseDict(rule, sip.CreateSIPDispatchRuleRequest()).dispatch_rule.room_config.agents
    assert agent.agent_name == Settings.model_fields["agent_name"].default
    tenants = tomllib.loads(_block("## Tenants", "toml"))["tenant"]
    assert tenants[json.loads(agent.metadata)["tenant"]]["numbers"] == list(numbers)


async def test_the_transcript_is_a_call_that_can_be_had() -> None:
    written = _block("## A call", "text").splitlines()
    had: list[str] = []
    async with rehearse() as call:
        had += [f"agent: {said}" for said in call.spoken]
        for line in (line for line in written if line.startswith("caller: ")):
            before = len(call.spoken)
            await call.say(line.removeprefix("caller: "))
            had += [line, *(f"agent: {said}" for said in call.spoken[before:])]
    assert [_same(line) for line in had] == [_same(line) for line in written]


def test_the_diagram_is_the_tables() -> None:
    assert _block("## The states", "mermaid") in diagram.render()


def test_there_are_exactly_two_commands_to_set_up_and_run() -> None:
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 2
    assert "mortgage_fsm dev" in blocks[0]
    assert "pytest" in blocks[1]


def test_every_command_is_in_the_readme() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "mortgage_fsm", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout
    commands = set(re.findall(r"^│ (\w+) ", shown, re.MULTILINE)) - {"help"}
    assert {"dev", "console", "payments"} <= commands
    assert [name for name in sorted(commands) if f"`{name}" not in README] == []


def test_every_setting_is_in_the_readme() -> None:
    names = [
        str(field.validation_alias.choices[0])
        if isinstance(field.validation_alias, AliasChoices)
        else f"MORTGAGE_FSM_{name.upper()}"
        for name, field in Settings.model_fields.items()
    ]
    assert [name for name in names if f"`{name}`" not in README] == []
