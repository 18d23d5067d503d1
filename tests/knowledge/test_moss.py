"""The Moss backend when Moss is slow, away, wrong, or out of step with the files."""

from __future__ import annotations

import ast
import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from moss import MossClient, QueryResultDocumentInfo, SearchResult
from structlog.testing import capture_logs

import mortgage_fsm
from mortgage_fsm.knowledge.moss import Hit, MossCloud, MossKnowledge, error_code
from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.knowledge.topics import HASH, Topic
from tests.knowledge.conftest import FakeMoss

QUESTION = "What is an escrow shortage?"
HANGS = 10.0
"""Seconds: much more than anything here takes on a busy machine, and much less than what never ends."""
PACKAGE = Path(mortgage_fsm.__file__).parent
RELEASES_THE_LOCK = {
    "close", "load_index", "load_indexes", "query", "query_multi_index", "unload_index", "unload_indexes",
    "was_served_stale",
}  # fmt: skip
HOLDS_THE_LOCK = {
    "add_docs", "create_index", "create_index_from_files", "create_web_source", "delete_docs", "delete_index",
    "delete_web_source", "get_docs", "get_index", "get_job_status", "get_web_source", "list_indexes",
    "list_web_sources", "resync_web_source", "session", "update_web_source", "wait_for_job",
}  # fmt: skip

Fake = Callable[..., FakeMoss]
Made = Callable[..., MossKnowledge]


def warmed(knowledge: MossKnowledge) -> MossKnowledge:
    assert knowledge.warm(2.0) is True
    return knowledge


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5.0
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_load_that_hangs_does_not_overrun_the_budget(fake_moss: Fake, moss_of: Made) -> None:
    knowledge = moss_of(fake_moss(load_as="hang"))
    began = time.monotonic()
    assert knowledge.warm(0.2) is False
    assert time.monotonic() - began < HANGS


def test_a_load_that_fails_at_once_does_not_use_up_the_budget(fake_moss: Fake, moss_of: Made) -> None:
    began = time.monotonic()
    assert moss_of(fake_moss(load_as="UNAUTHORIZED")).warm(2 * HANGS) is False
    assert time.monotonic() - began < HANGS


async def test_an_index_that_is_not_loaded_yet_is_unavailable_at_once(fake_moss: Fake, moss_of: Made) -> None:
    knowledge = moss_of(fake_moss(load_as="hang"))
    knowledge.warm(0.05)
    answer = await knowledge.search(QUESTION)
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, "not_loaded")


async def test_one_that_was_never_warmed_is_unavailable(fake_moss: Fake, moss_of: Made) -> None:
    answer = await moss_of(fake_moss()).search(QUESTION)
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, "not_loaded")


@pytest.mark.parametrize("code", ["NETWORK", "UNAUTHORIZED", "NOT_FOUND", "MODEL_UNAVAILABLE"])
async def test_a_load_that_fails_is_told_by_its_code_alone(
    fake_moss: Fake, moss_of: Made, quoted: str, code: str
) -> None:
    knowledge = moss_of(fake_moss(load_as=code))
    with capture_logs() as logs:
        assert knowledge.warm(0.2) is False
        answer = await knowledge.search(QUESTION)
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, f"moss_{code.lower()}")
    assert [entry["code"] for entry in logs if entry["event"] == "knowledge_load_failed"] == [answer.reason]
    assert quoted not in repr((logs, answer))


async def test_a_load_that_failed_is_tried_again_until_it_succeeds(fake_moss: Fake, moss_of: Made) -> None:
    client = fake_moss(load_as="NETWORK")
    knowledge = moss_of(client, retry_after_s=(0.01, 0.02))
    assert knowledge.warm(2.0) is False
    await asyncio.to_thread(wait_until, lambda: client.loads >= 3)
    client.load_as = "ok"
    await asyncio.to_thread(wait_until, lambda: knowledge.problem is None)
    assert knowledge.warm(1.0) is True
    assert (await knowledge.search(QUESTION)).status is Status.FOUND


async def test_a_client_that_cannot_even_be_made_is_unavailable(topics: tuple[Topic, ...]) -> None:
    def connect() -> MossCloud:
        raise ImportError

    knowledge = MossKnowledge(connect, topics)
    assert knowledge.warm(0.2) is False
    assert (await knowledge.search(QUESTION)).reason == "moss_not_installed"
    await knowledge.aclose()


async def test_a_query_that_hangs_ends_after_its_time_limit(fake_moss: Fake, moss_of: Made) -> None:
    knowledge = warmed(moss_of(fake_moss(query_as="hang")))
    began = time.monotonic()
    answer = await knowledge.search(QUESTION)
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, "timed_out")
    assert 0.25 < time.monotonic() - began < HANGS


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [("NETWORK", "moss_network"), ("MODEL_UNAVAILABLE", "moss_model_unavailable"), ("closed", "moss_failed")],
)
async def test_a_query_that_fails_is_unavailable_and_quotes_nothing(
    fake_moss: Fake, moss_of: Made, quoted: str, behaviour: str, reason: str
) -> None:
    knowledge = warmed(moss_of(fake_moss(query_as=behaviour)))
    answer = await knowledge.search(QUESTION)
    assert (answer.status, answer.reason) == (Status.UNAVAILABLE, reason)
    assert quoted not in repr(answer)


async def test_masked_values_and_control_characters_do_not_reach_moss(fake_moss: Fake, moss_of: Made) -> None:
    client = fake_moss()
    knowledge = warmed(moss_of(client))
    await knowledge.search(f"[8 digits] {QUESTION}\x00")
    await knowledge.search("[8 digits]")
    await knowledge.search("x" * 100_000)
    assert client.asked == [QUESTION]


async def test_hits_keep_the_order_of_moss_though_its_scores_do_not_fall(fake_moss: Fake, moss_of: Made) -> None:
    answer = await warmed(moss_of(fake_moss())).search(QUESTION)
    assert [(passage.id, passage.relevance) for passage in answer.passages] == [
        ("escrow-shortage", 0.8),
        ("escrow-analysis", 0.9),
    ]


async def test_a_pushed_document_whose_topic_is_gone_is_left_out_and_reported_once(
    fake_moss: Fake, moss_of: Made
) -> None:
    gone = Hit("gone-topic", "Old words.", {HASH: "0" * 64}, 0.9)
    knowledge = warmed(moss_of(fake_moss({"gone": [gone]})))
    with capture_logs() as logs:
        first, second = await knowledge.search("gone"), await knowledge.search("gone")
    assert first.status is second.status is Status.NOT_FOUND
    assert [entry["event"] for entry in logs] == ["knowledge_index_stale"]


async def test_a_document_pushed_in_an_older_wording_is_spoken_as_the_file_has_it(
    fake_moss: Fake, moss_of: Made, topics: tuple[Topic, ...]
) -> None:
    old = Hit(topics[0].id, "Old words.", {HASH: "0" * 64}, 0.9)
    answer = await warmed(moss_of(fake_moss({"old": [old]}))).search("old")
    assert answer.passages[0].text == topics[0].text


async def test_a_document_of_the_servicers_own_is_spoken_as_it_is(fake_moss: Fake, moss_of: Made) -> None:
    own = Hit("branch", "Our branch opens at nine.", {"title": "Branch", "source": "Us"}, 0.7)
    (passage,) = (await warmed(moss_of(fake_moss({"branch": [own]}))).search("branch")).passages
    assert (passage.title, passage.text, passage.source) == ("Branch", "Our branch opens at nine.", "Us")


async def test_a_search_that_is_cancelled_by_its_caller_stays_cancelled(fake_moss: Fake, moss_of: Made) -> None:
    knowledge = warmed(moss_of(fake_moss(query_as="hang"), query_timeout_s=30.0))
    searching = asyncio.create_task(knowledge.search(QUESTION))
    await asyncio.sleep(0.05)
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching


async def test_closing_while_a_query_hangs_answers_the_query(fake_moss: Fake, moss_of: Made) -> None:
    client = fake_moss(query_as="hang")
    knowledge = warmed(moss_of(client, query_timeout_s=30.0))
    searching = asyncio.create_task(knowledge.search(QUESTION))
    await asyncio.sleep(0.05)
    await knowledge.aclose()
    answer = await asyncio.wait_for(searching, 5.0)
    assert answer.status is Status.UNAVAILABLE
    assert client.closed


async def test_closing_stops_the_loading_and_leaves_no_thread(fake_moss: Fake, moss_of: Made) -> None:
    knowledge = moss_of(fake_moss(load_as="NETWORK"), retry_after_s=(60.0,))
    knowledge.warm(0.1)
    await knowledge.aclose()
    assert not [thread for thread in threading.enumerate() if thread.name == "moss"]
    assert knowledge.warm(0.1) is False


async def test_a_blocking_call_inside_moss_neither_delays_a_search_nor_the_end(topics: tuple[Topic, ...]) -> None:
    released = threading.Event()

    class Stuck:
        async def load(self) -> None:
            return None

        async def query(self, asked: str, top: int) -> list[Hit]:
            await asyncio.to_thread(released.wait, 20.0)
            return []

        async def close(self) -> None:
            return None

    knowledge = MossKnowledge(Stuck, topics)
    warmed(knowledge)
    assert (await knowledge.search(QUESTION)).reason == "timed_out"
    stuck = [thread for thread in threading.enumerate() if thread.name == "moss-call"]
    assert stuck
    assert all(thread.daemon for thread in stuck)
    began = time.monotonic()
    await knowledge.aclose()
    assert time.monotonic() - began < HANGS
    released.set()
    for thread in stuck:
        thread.join(2.0)


async def test_an_error_on_a_thread_of_moss_and_one_on_closing_are_told_by_code_and_never_raised(
    topics: tuple[Topic, ...], quoted: str
) -> None:
    def refuse() -> None:
        raise ValueError(quoted)

    class Refusing:
        async def load(self) -> None:
            return None

        async def query(self, asked: str, top: int) -> list[Hit]:
            await asyncio.to_thread(refuse)
            return []

        async def close(self) -> None:
            refuse()

    knowledge = warmed(MossKnowledge(Refusing, topics))
    assert (await knowledge.search(QUESTION)).reason == "moss_failed"
    with capture_logs() as logs:
        await knowledge.aclose()
    assert [(entry["event"], entry["code"]) for entry in logs] == [("knowledge_close_failed", "moss_failed")]


async def test_the_real_client_says_not_found_before_loading_and_fails_after_closing() -> None:
    cloud = MossCloud("project", "key", "index")
    with pytest.raises(RuntimeError) as unloaded:
        await cloud.query(QUESTION, 4)
    assert error_code(unloaded.value) == "moss_not_found"
    await cloud.close()
    with pytest.raises(RuntimeError) as closed:
        await cloud.query(QUESTION, 4)
    assert error_code(closed.value) == "moss_failed"


async def test_the_real_client_is_called_only_as_its_signatures_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = create_autospec(MossClient)
    spec.return_value.query.return_value = SearchResult(
        [QueryResultDocumentInfo("late-charges", "text", {HASH: "0"}, 0.5)], "late fee", None, 3, None
    )
    monkeypatch.setattr("moss.MossClient", spec)
    cloud = MossCloud("project", "key", "index", Path("cache"))
    await cloud.load()
    assert await cloud.query("late fee", 3) == [Hit("late-charges", "text", {HASH: "0"}, 0.5)]
    await cloud.close()
    spec.assert_called_once_with("project", "key", cache_path="cache")
    spec.return_value.load_index.assert_awaited_once_with("index", auto_refresh=True)
    name, asked, options = spec.return_value.query.await_args.args
    assert (name, asked, options.top_k) == ("index", "late fee", 3)
    assert options.min_score == pytest.approx(0.4)
    spec.return_value.close.assert_awaited_once_with()


def test_every_call_of_the_installed_moss_is_known_to_hold_the_interpreter_lock_or_not_to() -> None:
    public = {name for name, value in vars(MossClient).items() if inspect.iscoroutinefunction(value)}
    assert {name for name in public if not name.startswith("_")} == RELEASES_THE_LOCK | HOLDS_THE_LOCK


def imports_of(tree: ast.Module) -> set[str]:
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


def test_only_two_modules_import_moss_and_only_push_makes_calls_that_hold_the_interpreter_lock() -> None:
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in PACKAGE.rglob("*.py")}
    importing = {file.name for file, tree in trees.items() if imports_of(tree) & {"moss", "moss_core"}}
    assert importing == {"moss.py", "push.py"}
    called = {
        file.name: {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & HOLDS_THE_LOCK
        for file, tree in trees.items()
        if file.name in importing
    }
    assert called["moss.py"] == set()
    assert called["push.py"] >= {"create_index", "get_docs"}


def test_no_module_that_takes_calls_imports_push() -> None:
    importing = {
        file.relative_to(PACKAGE).as_posix()
        for file in PACKAGE.rglob("*.py")
        if "mortgage_fsm.knowledge.push" in imports_of(ast.parse(file.read_text(encoding="utf-8")))
    }
    assert importing <= {"cli.py"} | {path for path in importing if path.startswith("cli/")}
