"""Bringing the Moss index in line with the files, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import create_autospec

import pytest
from moss import DocumentInfo, MossClient, MossError

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.knowledge.push import MossIndex, plan, push, push_folder
from mortgage_fsm.knowledge.topics import HASH, Topic, version


class Index:
    """An index in memory. `lossy`: takes everything and keeps nothing. `refuses`: raises what Moss would."""

    def __init__(
        self, documents: Mapping[str, str | None] | None, *, lossy: bool = False, refuses: bool = False
    ) -> None:
        self.documents = None if documents is None else dict(documents)
        self.lossy = lossy
        self.refuses = refuses
        self.closed = False
        self.calls: list[tuple[str, list[str]]] = []

    async def hashes(self) -> Mapping[str, str | None] | None:
        if self.refuses:
            error = MossError("key 123 is not valid")
            error.code = "UNAUTHORIZED"
            raise error
        return self.documents

    async def create(self, topics: Sequence[Topic]) -> None:
        assert self.documents is None, "the index exists already"
        self.documents = {}
        await self._take("create", topics)

    async def put(self, topics: Sequence[Topic]) -> None:
        await self._take("put", topics)

    async def delete(self, ids: Sequence[str]) -> None:
        assert self.documents is not None
        self.calls.append(("delete", list(ids)))
        for id_ in ids:
            del self.documents[id_]

    async def close(self) -> None:
        self.closed = True

    async def _take(self, call: str, topics: Sequence[Topic]) -> None:
        assert self.documents is not None
        self.calls.append((call, [topic.id for topic in topics]))
        if not self.lossy:
            self.documents |= {topic.id: topic.hash for topic in topics}


@pytest.fixture
def three(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    return topics[:3]


async def test_a_missing_index_is_made_with_every_topic_in_it(three: tuple[Topic, ...]) -> None:
    index = Index(None)
    done = await push(three, index)
    assert (done.make_index, done.add, done.version) == (True, tuple(t.id for t in three), version(three))
    assert [call for call, _ in index.calls] == ["create"]


async def test_pushing_again_changes_nothing(three: tuple[Topic, ...]) -> None:
    index = Index(None)
    await push(three, index)
    index.calls.clear()
    again = await push(three, index)
    assert index.calls == []
    assert (again.add, again.change, again.prune, len(again.keep)) == ((), (), (), 3)


async def test_only_what_changed_is_sent_and_what_is_gone_is_pruned(three: tuple[Topic, ...]) -> None:
    first, second, third = three
    index = Index({first.id: first.hash, second.id: second.hash, "gone": "0" * 64})
    rewritten = replace(second, text=second.text + " And more.")
    done = await push([first, rewritten, third], index)
    assert index.calls == [("put", [third.id, second.id]), ("delete", ["gone"])]
    assert (done.add, done.change, done.prune, done.keep) == ((third.id,), (second.id,), ("gone",), (first.id,))


async def test_documents_of_somebody_else_are_left_alone(three: tuple[Topic, ...]) -> None:
    index = Index({"their-own": None})
    done = await push(three, index)
    assert done.foreign == ("their-own",)
    assert index.documents is not None
    assert "their-own" in index.documents


async def test_an_id_taken_by_somebody_else_stops_the_push(three: tuple[Topic, ...]) -> None:
    index = Index({three[0].id: None})
    with pytest.raises(ConfigurationError, match=three[0].id):
        await push(three, index)
    assert index.calls == []


def test_a_plan_alone_changes_nothing_and_says_what_would_be_done(three: tuple[Topic, ...]) -> None:
    todo = plan(three, {three[0].id: three[0].hash, three[1].id: "0" * 64, "gone": "0" * 64})
    assert (todo.make_index, todo.keep, todo.change, todo.add, todo.prune) == (
        False,
        (three[0].id,),
        (three[1].id,),
        (three[2].id,),
        ("gone",),
    )


async def test_a_refusal_is_told_by_its_code_and_quotes_nothing(three: tuple[Topic, ...]) -> None:
    with pytest.raises(UnavailableError, match="moss_unauthorized") as refused:
        await push(three, Index(None, refuses=True))
    assert "123" not in str(refused.value)
    assert refused.value.__suppress_context__


async def test_an_index_that_does_not_hold_what_it_took_is_found_out(three: tuple[Topic, ...]) -> None:
    with pytest.raises(UnavailableError, match="does not hold them yet"):
        await push(three, Index(None, lossy=True))


def test_files_with_problems_are_not_pushed(write_topic: Callable[..., Path]) -> None:
    with pytest.raises(ConfigurationError, match="characters, not"):
        push_folder(write_topic(text="Short."), index_name="kb", project_id="project", project_key="key")


async def test_a_document_is_searched_by_every_phrasing_and_carries_its_hash(three: tuple[Topic, ...]) -> None:
    index = MossIndex("project", "key", "kb")
    document = index._document(three[0])
    await index.close()
    assert document.id == three[0].id
    assert all(words in document.text for words in (three[0].title, *three[0].asked_as, three[0].text))
    assert document.metadata[HASH] == three[0].hash


def test_a_folder_is_checked_pushed_and_the_connection_closed(
    monkeypatch: pytest.MonkeyPatch, write_topic: Callable[..., Path]
) -> None:
    index = Index({"gone": "0" * 64})
    monkeypatch.setattr("mortgage_fsm.knowledge.push.MossIndex", lambda *_: index)
    done = push_folder(write_topic("late"), index_name="kb", project_id="project", project_key="key")
    assert (done.add, done.prune) == (("late",), ("gone",))
    assert index.closed


def test_a_client_that_cannot_be_made_is_told_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, write_topic: Callable[..., Path]
) -> None:
    def absent(*_: str) -> None:
        raise ImportError

    monkeypatch.setattr("mortgage_fsm.knowledge.push.MossIndex", absent)
    with pytest.raises(UnavailableError, match="moss_not_installed"):
        push_folder(write_topic(), index_name="kb", project_id="project", project_key="key")


async def test_the_real_client_is_called_only_as_its_signatures_allow(
    monkeypatch: pytest.MonkeyPatch, three: tuple[Topic, ...]
) -> None:
    spec = create_autospec(MossClient)
    moss = spec.return_value
    monkeypatch.setattr("moss.MossClient", spec)
    index = MossIndex("project", "key", "kb")
    moss.list_indexes.return_value = []
    assert await index.hashes() is None
    moss.list_indexes.return_value = [SimpleNamespace(name="kb")]
    moss.get_docs.return_value = [DocumentInfo("ours", "text", {HASH: "0"}), DocumentInfo("theirs", "text")]
    assert await index.hashes() == {"ours": "0", "theirs": None}
    moss.add_docs.return_value = moss.delete_docs.return_value = SimpleNamespace(job_id="job")
    await index.create(three)
    await index.put(three[:1])
    await index.delete(["gone"])
    await index.close()
    assert [document.id for document in moss.create_index.await_args.args[1]] == [topic.id for topic in three]
    assert moss.add_docs.await_args.args[2].upsert is True
    moss.delete_docs.assert_awaited_once_with("kb", ["gone"])
    assert moss.wait_for_job.await_count == 2
