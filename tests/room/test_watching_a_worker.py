"""What operators see of a worker with real job processes, and how many calls it takes."""

from __future__ import annotations

import pytest

from tests.room.conftest import Office, StartWorker
from tests.room.house import House
from tests.room.payment import LAST_FOUR, LOAN, agree, pay, up_to_the_yes
from tests.room.watching import asked, value
from tests.room.worker_process import until

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

PRIVATE = (LOAN, LAST_FOUR, "4471", "6021", "1,234", "123456", "MP-", "call-")


async def test_a_worker_shows_what_its_job_processes_counted_and_traced_and_nothing_of_the_caller(
    office: Office,
) -> None:
    _, before = await asked(office.health_port, "/metrics")
    for amount in ("$1,234.56", "$1,234.57"):
        async with office.house.call() as caller:
            await pay(caller, amount)
    await office.evidence.ended(2)
    await until(lambda: not office.worker.jobs())
    status, after = await asked(office.health_port, "/metrics")
    assert status == 200

    def more(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more("mortgage_fsm_calls_total", state="submitted") == 2
    assert more("mortgage_fsm_submissions_total", outcome="accepted") == 2
    assert more("mortgage_fsm_turns_total", heard_by="rules") == 12
    assert more("mortgage_fsm_first_word_seconds_count") == 12
    assert more("mortgage_fsm_handoffs_total", outcome="landed") >= 12
    assert more("mortgage_fsm_handoffs_total", outcome="failed") == 0
    assert "lk_agents_worker_load" in after, "LiveKit's own stand beside them"
    labels = "\n".join(line.rpartition(" ")[0] for line in after.splitlines())
    assert [private for private in PRIVATE if private in labels] == []
    assert {"caller_turn", "decision", "agent_session", "job_entrypoint"} <= office.collector.names
    spans = "\n".join(office.collector.texts)
    assert "submitted" in spans, "what spans say is not among what is looked at"
    assert [private for private in PRIVATE if private in spans] == []
    assert "call_used" in office.worker.log


async def test_a_worker_takes_no_more_calls_than_it_may(house: House, start_worker: StartWorker) -> None:
    worker = await start_worker(MORTGAGE_FSM_MAX_CALLS="1")
    async with house.call() as first:
        await up_to_the_yes(first, "$50")
        async with house.call() as second:
            await worker.has_logged("call_left_to_others")
            assert second.heard == []
            assert len(worker.jobs()) == 1
        await agree(first)
