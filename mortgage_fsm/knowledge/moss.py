"""The Moss index: loaded once per job process, on a thread of its own, so that an outage costs time nowhere else.

Only calls that release the interpreter lock while they wait are made here (load, query, close). The others, which
freeze the whole process and the caller's audio with it, belong to `push`, in a process of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, ParamSpec, Protocol, TypeVar

import structlog

from mortgage_fsm.knowledge.port import Answer, Passage, Status
from mortgage_fsm.knowledge.topics import HASH, Topic
from mortgage_fsm.knowledge.words import question

QUERY_TIMEOUT_S: Final = 0.3
_CLOSE_TIMEOUT_S: Final = 2.5
"""Moss waits up to two seconds on close for its own usage report."""
_RETRY_AFTER_S: Final = (30.0, 120.0)
"""Pauses between attempts to load; the last one repeats."""
_MIN_SCORE: Final = 0.4
"""Similarity under which Moss leaves a document out. A starting point of the vendor's; not calibrated here."""
_CODES: Final = frozenset(
    {"INVALID_ARGUMENT", "NOT_FOUND", "UNAUTHORIZED", "NETWORK", "DESERIALIZATION", "MODEL_UNAVAILABLE", "INTERNAL"}
)

_log = structlog.get_logger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that Moss returned. `score` is its similarity, 0 to 1; hits come in Moss's own order."""

    id: str
    text: str
    metadata: Mapping[str, str]
    score: float


class MossPort(Protocol):
    """What we use of a Moss client. Every method may raise anything; `MossError.code` says which it was."""

    async def load(self) -> None:
        """Bring the index into memory, and keep it fresh."""

    async def query(self, asked: str, top: int) -> Sequence[Hit]:
        """Search the loaded index."""

    async def close(self) -> None:
        """Send the last usage report and let go."""


def error_code(error: BaseException) -> str:
    """A fixed word for what went wrong at Moss. Never its message, which may quote the query."""
    code = getattr(error, "code", None)
    if isinstance(error, ImportError):
        return "moss_not_installed"
    return f"moss_{code.lower()}" if code in _CODES else "moss_failed"


class MossKnowledge:
    """Searches a Moss index; what it finds is spoken as the topic files have it.

    `connect` is called on the Moss thread, because importing and connecting take time too. A document that `push`
    did not put there is spoken as it is; one that it did, but whose topic is gone from the files, is left out.
    """

    name = "moss"

    def __init__(
        self,
        connect: Callable[[], MossPort],
        topics: Sequence[Topic],
        *,
        query_timeout_s: float = QUERY_TIMEOUT_S,
        retry_after_s: Sequence[float] = _RETRY_AFTER_S,
    ) -> None:
        self._connect = connect
        self._topics = {topic.id: topic for topic in topics}
        self._query_timeout_s = query_timeout_s
        self._retry_after_s = tuple(retry_after_s)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._client: MossPort | None = None
        self._ready = threading.Event()
        self._tried = threading.Event()
        self._closed = False
        self._stale_reported = False
        self.problem: str | None = "not_loaded"
        """Why it cannot answer now, as a fixed code; None when it can."""

    def warm(self, budget_s: float) -> bool:
        """Start loading and wait for the first attempt, at most `budget_s` seconds. If it fails, others follow."""
        with self._starting:
            if self._thread is None and not self._closed:
                # A daemon: a load that hangs must not keep the process from ending.
                self._thread = threading.Thread(target=self._run, name="moss", daemon=True)
                self._thread.start()
        self._tried.wait(max(0.0, budget_s))
        return self._ready.is_set() and not self._closed

    async def search(self, query: str, *, top: int = 4) -> Answer:
        """Answer within the time limit of a query, or be unavailable."""
        if self._closed:
            return self._unavailable("closed")
        asked = question(query)
        if not asked or top < 1:
            return Answer(Status.NOT_FOUND, self.name)
        loop, client = self._loop, self._client
        if not self._ready.is_set() or loop is None or client is None:
            return self._unavailable(self.problem or "not_loaded")
        try:
            # On Moss's own loop and threads: this loop's may all be busy, and a query must not queue behind them.
            asking = asyncio.run_coroutine_threadsafe(_query(client, asked, top), loop)
            hits = await asyncio.wait_for(asyncio.wrap_future(asking), self._query_timeout_s)
        except TimeoutError:
            return self._unavailable("timed_out")
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return self._unavailable("closed")
        except Exception as error:  # noqa: BLE001 - whatever the vendor raises, a search never does
            return self._unavailable(error_code(error))
        passages = tuple(passage for hit in hits if (passage := self._passage(hit)) is not None)[:top]
        return Answer(Status.FOUND if passages else Status.NOT_FOUND, self.name, passages)

    async def aclose(self) -> None:
        """Stop loading and close the client, within a few seconds. Safe to call twice."""
        self._closed = True
        with self._starting:
            thread = self._thread
        if thread is None or not thread.is_alive():
            return
        self._signal_stop()
        await asyncio.to_thread(thread.join, _CLOSE_TIMEOUT_S)

    def _signal_stop(self) -> None:
        loop, stop = self._loop, self._stop
        if loop is not None and stop is not None:
            try:
                loop.call_soon_threadsafe(stop.set)
            except RuntimeError:
                return  # the loop ended by itself in this very moment: nothing is left to stop

    def _run(self) -> None:
        asyncio.run(self._live())

    async def _live(self) -> None:
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(_DaemonThreads(max_workers=1))
        loading = asyncio.create_task(self._keep_trying())
        if not self._closed:
            await self._stop.wait()
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)
        if self._client is not None:
            try:
                await asyncio.wait_for(self._client.close(), _CLOSE_TIMEOUT_S)
            except Exception as error:  # noqa: BLE001 - closing is a courtesy to the vendor
                _log.info("knowledge_close_failed", backend=self.name, code=error_code(error))

    async def _keep_trying(self) -> None:
        attempt = 0
        while True:
            try:
                if self._client is None:
                    self._client = self._connect()
                await self._client.load()
            except Exception as error:  # noqa: BLE001 - whatever it is, calls go on without Moss
                self.problem = error_code(error)
                _log.warning("knowledge_load_failed", backend=self.name, code=self.problem)
                self._tried.set()
            else:
                self.problem = None
                _log.info("knowledge_loaded", backend=self.name)
                self._ready.set()
                self._tried.set()
                return
            await asyncio.sleep(self._retry_after_s[min(attempt, len(self._retry_after_s) - 1)])
            attempt += 1

    def _passage(self, hit: Hit) -> Passage | None:
        relevance = round(hit.score, 4)
        pushed = hit.metadata.get(HASH)
        topic = self._topics.get(hit.id)
        if pushed is None:
            facts = (hit.metadata.get(name, "") for name in ("title", "source", "effective"))
            title, source, effective = facts
            return Passage(hit.id, title, hit.text, relevance, source, effective)
        if (topic is None or topic.hash != pushed) and not self._stale_reported:
            self._stale_reported = True
            _log.warning("knowledge_index_stale", backend=self.name)
        return None if topic is None else topic.passage(relevance)

    def _unavailable(self, reason: str) -> Answer:
        return Answer(Status.UNAVAILABLE, self.name, reason=reason)


async def _query(client: MossPort, asked: str, top: int) -> Sequence[Hit]:
    return await client.query(asked, top)


class _DaemonThreads(ThreadPoolExecutor):
    """A thread per call that the interpreter does not wait for on exit: a native call can hang for 15 seconds."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()

        def work() -> None:
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
                future.set_exception(error)
            else:
                future.set_result(result)

        # Marked as running, so that nobody can cancel it between here and the result.
        future.set_running_or_notify_cancel()
        threading.Thread(target=work, name="moss-call", daemon=True).start()
        return future


class MossCloud:
    """The real client. Imports moss when constructed, because that takes time and few installations use it."""

    def __init__(self, project_id: str, project_key: str, index_name: str, cache_path: Path | None = None) -> None:
        from moss import MossClient, QueryOptions  # noqa: PLC0415 - see the class

        self._options = QueryOptions
        self._client = MossClient(project_id, project_key, cache_path=str(cache_path) if cache_path else None)
        self._index_name = index_name

    async def load(self) -> None:
        """Load the index, and poll for newer versions of it."""
        await self._client.load_index(self._index_name, auto_refresh=True)

    async def query(self, asked: str, top: int) -> Sequence[Hit]:
        """Search in memory; the index must be loaded."""
        result = await self._client.query(self._index_name, asked, self._options(top_k=top, min_score=_MIN_SCORE))
        return [Hit(doc.id, doc.text, doc.metadata or {}, doc.score) for doc in result.docs]

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()
