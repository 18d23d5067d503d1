"""Which worker takes a job: offered (`AvailabilityRequest`), accepted, assigned (`JobAssignment`), or ended by us.

The real server weighs workers by the load they report, over all nodes, and has rules that dispatch by themselves when
a room or a phone call begins. Here a job is offered to the connected workers of its agent's name, least busy first,
and again whenever one reports in, until one accepts or nobody has for `OFFER_SECONDS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools

from livekit.protocol import agent as agents

from tests.room.server.rooms import Rooms
from tests.room.server.seen import Entry, Seen
from tests.room.server.tokens import Keys, new_id
from tests.room.server.workers import Worker, Workers

OFFER_SECONDS = 240.0
_ANSWER_SECONDS = 30.0


class Dispatch:
    """Gives jobs to workers. `url` is where the job's process joins its room."""

    def __init__(self, keys: Keys, seen: Seen, rooms: Rooms, workers: Workers) -> None:
        self.url = ""
        self.jobs: list[agents.Job] = []
        self._keys = keys
        self._seen = seen
        self._rooms = rooms
        self._workers = workers
        self._offering: set[asyncio.Task[None]] = set()

    def dispatch(self, room: str, agent_name: str, metadata: str = "") -> agents.Job:
        """Begin to offer a job for a room; like the real server, without waiting for a worker."""
        job = agents.Job(
            id=new_id("AJ"),
            dispatch_id=new_id("AD"),
            type=agents.JobType.JT_ROOM,
            room=self._rooms[room].info,
            metadata=metadata,
            agent_name=agent_name,
        )
        self.jobs.append(job)
        self._workers.jobs[job.id] = job
        task = asyncio.ensure_future(self._offer(job))
        self._offering.add(task)
        task.add_done_callback(self._offering.discard)
        return job

    async def terminate(self, job: agents.Job) -> None:
        """`JobTermination`: end the job's process."""
        for worker in self._workers.connected:
            if worker.id == job.state.worker_id:
                await worker.send(termination=agents.JobTermination(job_id=job.id))

    async def stop(self) -> None:
        """Offer nothing any more."""
        for each in self._offering:
            each.cancel()
        await asyncio.gather(*self._offering, return_exceptions=True)

    async def _offer(self, job: agents.Job) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OFFER_SECONDS):
                while True:
                    for worker in self._workers.of_name(job.agent_name):
                        if await self._accepts(worker, job):
                            return
                    more = functools.partial(self._is_more_than, len(self._news()))
                    await self._seen.until(more, within=OFFER_SECONDS)
        self._seen.note(job.id, "nobody took the job")

    def _news(self) -> list[Entry]:
        """What may have changed whether somebody takes a job."""
        return [*self._seen.of("register"), *self._seen.of("update_worker")]

    def _is_more_than(self, heard: int) -> bool:
        return len(self._news()) > heard

    async def _accepts(self, worker: Worker, job: agents.Job) -> bool:
        earlier = len(self._seen.of("availability", worker.id))

        def answer() -> agents.AvailabilityResponse | None:
            new = self._seen.of("availability", worker.id)[earlier:]
            return next((each.message for each in new if each.message.job_id == job.id), None)

        try:
            await worker.send(availability=agents.AvailabilityRequest(job=job))
            answered = await self._seen.until(answer, within=_ANSWER_SECONDS)
            if answered is None or not answered.available:
                return False
            job.state.participant_identity = answered.participant_identity or f"agent-{job.id}"
            job.state.worker_id = worker.id
            token = self._keys.agent_token(job.room.name, job.state.participant_identity, answered)
            await worker.send(assignment=agents.JobAssignment(job=job, url=self.url, token=token))
        except (ConnectionError, TimeoutError):
            return False
        self._seen.note(job.id, "assigned", worker)
        return True
