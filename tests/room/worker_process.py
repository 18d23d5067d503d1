"""Our worker as its users run it: a process of its own, in a folder of its own, gone without a trace afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from mortgage_fsm.settings import Settings
from tests.room.server.seen import PATIENCE

ROOT = Path(__file__).parents[2]
DEV = ("mortgage_fsm", "dev")
START = ("mortgage_fsm", "start")
LIVEKIT_START = ("livekit.agents", "start", str(ROOT / "mortgage_fsm" / "server.py"))
"""The three ways to run it, as arguments of `python -m`."""

_OURS = ("MORTGAGE_FSM_", "LIVEKIT_", "MOSS_", "OPENAI_", "DEEPGRAM_", "CARTESIA_")
_QUIET_ROOM = {"PYTHONUNBUFFERED": "1", "MORTGAGE_FSM_SILENCE_SECONDS": "600"}
"""On a machine with other work a caller may take long; a test that wants to be asked sets its own patience."""

_LOOK_AGAIN_SECONDS = 0.02


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def until(holds: Callable[[], object], *, within: float = PATIENCE) -> None:
    """Wait for something in another process: a file that grows, a process that ends.

    Raises:
        TimeoutError: it did not happen within so many seconds.
    """
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 - nothing in this process could set an event
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


class WorkerProcess:
    """A worker and the job processes below it: one process group.

    Args:
        folder: its working directory; the database is made there.
        environment: on top of this process's own, from which every setting of ours is taken out.
    """

    def __init__(self, folder: Path, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._command = command
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self.environment = {**inherited, **_QUIET_ROOM, "PYTHONPATH": str(ROOT), **environment}
        self._log = folder / "worker.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def settings(self) -> Settings:
        """Settings with which a test reads what the worker has written."""
        own = f"sqlite+aiosqlite:///{self.folder / '.mortgage_fsm' / 'ledger.db'}"
        return Settings(database_url=self.environment.get("MORTGAGE_FSM_DATABASE_URL", own))

    @property
    def log(self) -> str:
        """Everything it has printed."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The started process."""
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    async def start(self) -> None:
        """Start it; does not wait."""
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self._command,
                cwd=self.folder,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def run(self, *command: str) -> str:
        """What `python -m mortgage_fsm ...` prints where the worker runs, with the settings it has.

        Raises:
            AssertionError: it ended with another exit code than 0.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "mortgage_fsm", *command),
            cwd=self.folder,
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0, printed
        return printed.decode()

    async def has_logged(self, words: str, *, within: float = PATIENCE) -> None:
        """Wait until these words stand in its log.

        Raises:
            AssertionError: they do not, or the worker has ended; with its log.
        """
        with suppress(TimeoutError):
            await until(lambda: words in self.log or self.process.returncode is not None, within=within)
        assert words in self.log, f"{words!r} is not in the worker's log:\n{self.log}"

    async def registered(self) -> None:
        """Wait until it takes calls. Before that it loads its models once or twice, a minute where nothing is idle."""
        await self.has_logged("registered worker", within=3 * PATIENCE)

    def jobs(self) -> list[psutil.Process]:
        """The job processes that are alive: what the fork server under the worker has forked."""
        return [each for each in self.living() if self._is_job(each)]

    def _is_job(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error):
            parent = process.parent()
            return parent is not None and parent.ppid() == self.process.pid
        return False

    def end(self) -> None:
        """Ask it to end, as systemd and Kubernetes do."""
        self.process.send_signal(signal.SIGTERM)

    async def ended(self, *, within: float = PATIENCE) -> int:
        """Its exit code, once it has ended.

        Raises:
            AssertionError: it is still running; with its log.
        """
        try:
            async with asyncio.timeout(within):
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"the worker did not end:\n{self.log}") from None

    async def close(self) -> None:
        """End it, in peace or by force; nothing of it is left when this returns.

        Raises:
            AssertionError: it had to be forced; with its log.
        """
        if self._process is None:
            return
        try:
            if self._process.returncode is None:
                self.end()
                await self.ended()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            await until(lambda: not self.living())

    def living(self) -> list[psutil.Process]:
        """All living processes of its group; those that have ended and were not waited for do not count."""
        found = []
        for each in psutil.process_iter():
            with suppress(psutil.Error, ProcessLookupError):
                if os.getpgid(each.pid) == self.process.pid and each.status() != psutil.STATUS_ZOMBIE:
                    found.append(each)
        return found
