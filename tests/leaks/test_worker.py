"""A real worker and its job process, at DEBUG: nothing of a call is on its output, in its records, or left by a crash."""

from __future__ import annotations

import json

import psutil
import pytest

from tests.leaks.babbling import PRIVATE
from tests.leaks.canaries import KINDS, found
from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House
from tests.room.payment import pay

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

ROOM, IDENTITY = "call-_+15550142368_Quillfeather", "Zephyrine Quillfeather"
"""As LiveKit's SIP service names them: after the caller."""


async def test_a_worker_at_debug_writes_nothing_of_what_its_callers_say(
    house: House, start_worker: StartWorker
) -> None:
    worker = await start_worker(
        MORTGAGE_FSM_LOG_LEVEL="debug", MORTGAGE_FSM_LLM="tests.leaks.babbling:model", MORTGAGE_FSM_MODEL_TIMEOUT="5"
    )
    for pid in (worker.process.pid, *(each.pid for each in worker.jobs())):
        assert psutil.Process(pid).rlimit(psutil.RLIMIT_CORE)[0] == 0, "a crash would write the call to a disk"
    async with house.caller(ROOM, IDENTITY) as caller:
        await house.dispatch(ROOM)
        await pay(caller, "$61")
        for sentence in PRIVATE:
            await caller.say(sentence)
            await caller.hear()
    (records,) = await Evidence(worker).ended()
    log = worker.log
    assert log.count("DEBUG") + log.count("debug") > 10, "the worker does not log at DEBUG: the test shows nothing"
    assert "livekit.agents" in log
    written = "\n".join(json.dumps(record) for record in records)
    assert {kind: [*found(kind, log), *found(kind, written)] for kind in KINDS} == {kind: [] for kind in KINDS}
    for private in (ROOM, IDENTITY, "15550142368", "Quillfeather"):
        assert private not in log
