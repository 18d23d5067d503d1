"""What operators see of a worker with real job processes, how many calls it takes, and what ending it may not cut."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from tests.room.conftest import StartWorker
from tests.room.evidence import Evidence
from tests.room.house import House
from tests.room.payment import LAST_FOUR, LOAN, pay, up_to_the_yes
from tests.room.servicer import SETTINGS
from tests.room.test_life_of_a_worker import LIVEKITS_PORT, nothing_listens_on
from tests.room.worker_process import LIVEKIT_START, START, WorkerProcess, until

pytestmark = pytest.mark.slow

PRIVATE = (LOAN, LAST_FOUR, "4471", "6021", "1,234", "123456", "MP-", "call-")


@pytest.fixture
def port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def asked(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


def value(text: str, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


@dataclass
class Collector:
    """An OpenTelemetry collector that keeps what it is sent."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        spans = set()
        for body in self.bodies:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans |= {span.name for scope in resource.scope_spans for span in scope.spans}
        return spans


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    kept = Collector()

    async def take(request: web.Request) -> web.Response:
        kept.bodies.append(await request.read())
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/v1/traces", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kept
    await runner.cleanup()


async def test_a_worker_shows_what_its_job_processes_counted_and_traced_and_nothing_of_the_caller(
    house: House, start_worker: StartWorker, port: int, collector: Collector
) -> None:
    worker = await start_worker(MORTGAGE_FSM_HEALTH_PORT=str(port), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    for amount in ("$1,234.56", "$1,234.57"):
        async with house.call() as caller:
            await pay(caller, amount)
    await Evidence(worker).ended(2)
    await until(lambda: not worker.jobs())
    status, text = await asked(port, "/metrics")
    assert status == 200
    assert value(text, "mortgage_fsm_calls_total", state="submitted") == 2
    assert value(text, "mortgage_fsm_submissions_total", outcome="accepted") == 2
    assert value(text, "mortgage_fsm_turns_total", heard_by="rules") == 12
    assert value(text, "mortgage_fsm_first_word_seconds_count") == 12
    assert value(text, "mortgage_fsm_handoffs_total", outcome="landed") >= 12
    assert value(text, "mortgage_fsm_handoffs_total", outcome="failed") == 0
    assert "lk_agents_worker_load" in text, "LiveKit's own stand beside them"
    labels = "\n".join(line.rpartition(" ")[0] for line in text.splitlines())
    assert [private for private in PRIVATE if private in labels] == []
    assert {"caller_turn", "decision", "agent_session", "job_entrypoint"} <= collector.names
    assert [private for private in PRIVATE if any(private.encode() in body for body in collector.bodies)] == []
    assert "call_used" in worker.log


async def test_a_worker_is_ready_while_it_is_registered_and_not_while_its_server_is_away(
    house: House, start_worker: StartWorker, port: int
) -> None:
    await start_worker(MORTGAGE_FSM_HEALTH_PORT=str(port))
    await until_served(port)

    async def becomes(status: int) -> str:
        async with asyncio.timeout(30):
            while True:
                is_now, said = await asked(port, "/ready")
                if is_now == status:
                    return said
                await asyncio.sleep(0.2)

    await becomes(200)
    await house.own.vanish()
    assert "livekit" in await becomes(503)
    await house.own.start()
    await becomes(200)


async def test_livekits_own_command_tells_it_too(start_worker: StartWorker, port: int) -> None:
    await until(lambda: nothing_listens_on(LIVEKITS_PORT))
    await start_worker(LIVEKIT_START, **SETTINGS, MORTGAGE_FSM_HEALTH_PORT=str(port))
    await until_served(port)
    assert (await asked(port, "/ready"))[0] == 200
    assert "lk_agents" in (await asked(port, "/metrics"))[1]


async def until_served(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with suppress(aiohttp.ClientError):
                await asked(port, "/metrics")
                return
            await asyncio.sleep(0.2)


async def test_a_worker_takes_no_more_calls_than_it_may(house: House, start_worker: StartWorker) -> None:
    worker = await start_worker(MORTGAGE_FSM_MAX_CALLS="1")
    async with house.call() as first:
        await up_to_the_yes(first, "$50")
        async with house.call() as second:
            await worker.has_logged("call_left_to_others")
            assert second.heard == []
            assert len(worker.jobs()) == 1
        await first.say("yes")
        await first.hear("confirmation number")


@pytest.mark.parametrize("patience", ["1", "60"], ids=["its patience ends", "it drains"])
async def test_ending_a_worker_cuts_no_submission(house: House, start_worker: StartWorker, patience: str) -> None:
    await until(lambda: nothing_listens_on(LIVEKITS_PORT))
    worker: WorkerProcess = await start_worker(
        START,
        **{**SETTINGS, "MORTGAGE_FSM_GATEWAY": "tests.room.slow_gateway:gateway"},
        MORTGAGE_FSM_DRAIN_SECONDS=patience,
    )
    async with house.call() as caller:
        await caller.greeted(within=120)
        await up_to_the_yes(caller, "$50")
        await caller.say("yes")
        await worker.has_logged("trigger=payment_confirmed" if "trigger=" in worker.log else "payment_confirmed")
        worker.end()
        if patience == "60":
            await caller.hear("confirmation number", within=60)
    assert await worker.ended(within=60) == 0
    [payment] = await Evidence(worker).payments()
    assert payment["status"] == "accepted"
    [records] = await Evidence(worker).ended(1)
    assert [each["trigger"] for each in records if "trigger" in each].count("payment_accepted") == 1
