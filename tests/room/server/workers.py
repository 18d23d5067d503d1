"""The worker protocol: `GET /agent`, a WebSocket of `WorkerMessage`s in and `ServerMessage`s out.

In: `register`, `update_worker` (status and load, every 2.5 seconds), `availability`, `update_job`, `migrate_job` (after
a re-registration with calls under way), `ping`. Out: `register`, which must be the first message, and what `dispatch`
sends. The real server also has workers of type publisher and participant, and forgets jobs whose worker stays away.
"""

from __future__ import annotations

import time
from typing import Any

from aiohttp import WSMsgType, web
from livekit.protocol import agent as agents
from livekit.protocol import models

from tests.room.server.seen import Seen
from tests.room.server.tokens import Keys, new_id

_ENDED = {agents.JobStatus.JS_SUCCESS, agents.JobStatus.JS_FAILED}


class Worker:
    """A registered worker."""

    def __init__(self, socket: web.WebSocketResponse) -> None:
        self.socket = socket
        self.id = new_id("AW")
        self.agent_name = ""
        self.is_available = False

    async def send(self, **message: Any) -> None:
        """Send one `ServerMessage`.

        Raises:
            ConnectionError: its connection is gone.
        """
        await self.socket.send_bytes(agents.ServerMessage(**message).SerializeToString())


class Workers:
    """Everybody who registered and is still connected, and every job that was ever given out."""

    def __init__(self, keys: Keys, seen: Seen) -> None:
        self.connected: list[Worker] = []
        self.jobs: dict[str, agents.Job] = {}
        self._keys = keys
        self._seen = seen

    def routes(self) -> list[web.RouteDef]:
        """The door of workers."""
        return [web.get("/agent", self._come_in)]

    def has_ended(self, job: str) -> bool:
        """Whether its worker has reported the end of a job."""
        return self.jobs[job].state.status in _ENDED

    def of_name(self, agent_name: str) -> list[Worker]:
        """Those that can be offered a job now, the ones with the fewest calls first."""
        open_jobs = [each.state.worker_id for each in self.jobs.values() if not self.has_ended(each.id)]
        fitting = [each for each in self.connected if each.agent_name == agent_name and each.is_available]
        return sorted(fitting, key=lambda worker: open_jobs.count(worker.id))

    async def _come_in(self, request: web.Request) -> web.StreamResponse:
        claims = self._keys.claims(request)
        if claims.video is None or not claims.video.agent:
            raise web.HTTPUnauthorized(text="no permission to be an agent")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        worker = Worker(socket)
        try:
            async for message in socket:
                if message.type == WSMsgType.BINARY:
                    await self._handle(worker, agents.WorkerMessage.FromString(message.data))
        finally:
            if worker in self.connected:
                self.connected.remove(worker)
            self._seen.note(worker.id, "worker gone")
        return socket

    async def _handle(self, worker: Worker, message: agents.WorkerMessage) -> None:
        kind = message.WhichOneof("message")
        if kind == "register":
            worker.agent_name = message.register.agent_name
            worker.is_available = True
            info = models.ServerInfo(edition=models.ServerInfo.Standard, version="1.9.0", protocol=16)
            await worker.send(register=agents.RegisterWorkerResponse(worker_id=worker.id, server_info=info))
            self.connected.append(worker)
        elif kind == "update_worker":
            worker.is_available = message.update_worker.status == agents.WorkerStatus.WS_AVAILABLE
        elif kind == "update_job" and message.update_job.job_id in self.jobs:
            self.jobs[message.update_job.job_id].state.status = message.update_job.status
        elif kind == "migrate_job":
            for job in message.migrate_job.job_ids:
                if job in self.jobs:
                    self.jobs[job].state.worker_id = worker.id
        elif kind == "ping":
            now = int(time.time() * 1000)
            await worker.send(pong=agents.WorkerPong(last_timestamp=message.ping.timestamp, timestamp=now))
        if kind is not None:
            self._seen.note(worker.id, kind, getattr(message, kind))
