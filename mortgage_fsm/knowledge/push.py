"""Brings a Moss index in line with the topic files. Only for a process that takes no calls.

These calls of Moss hold the interpreter lock while they wait for the network: in a job process, a slow network would
stop the caller's audio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mortgage_fsm.errors import ConfigurationError, UnavailableError
from mortgage_fsm.knowledge.moss import error_code
from mortgage_fsm.knowledge.topics import HASH, Topic, check, load, version


class IndexPort(Protocol):
    """What we use of Moss's management calls. Every method may raise anything."""

    async def hashes(self) -> Mapping[str, str | None] | None:
        """The pushed hash of every document by id, None for a document that is not ours; None: there is no index."""

    async def create(self, topics: Sequence[Topic]) -> None:
        """Make the index with these documents in it, and wait until it is built."""

    async def put(self, topics: Sequence[Topic]) -> None:
        """Add these documents, each in the place of one with the same id, and wait until that is done."""

    async def delete(self, ids: Sequence[str]) -> None:
        """Take these documents out, and wait until that is done."""

    async def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to change in the index, as topic ids in order. An index made new has everything in `add`."""

    make_index: bool
    add: tuple[str, ...]
    change: tuple[str, ...]
    prune: tuple[str, ...]
    """Pushed once, and gone from the files since."""
    keep: tuple[str, ...]
    foreign: tuple[str, ...]
    """Documents that were put there by someone else; never touched."""
    version: str
    """Content hash of the topic files."""


def plan(topics: Sequence[Topic], existing: Mapping[str, str | None] | None) -> Plan:
    """Compare the files with the index.

    Raises:
        ConfigurationError: a topic has the id of a document that someone else put into the index.
    """
    wanted = {topic.id: topic.hash for topic in topics}
    there = existing or {}
    foreign = {id_ for id_, pushed in there.items() if pushed is None}
    if taken := sorted(foreign & wanted.keys()):
        raise ConfigurationError(
            f"The Moss index holds documents of somebody else under these ids: {', '.join(taken)}."
        )
    return Plan(
        make_index=existing is None,
        add=tuple(sorted(wanted.keys() - there.keys())),
        change=tuple(sorted(id_ for id_ in wanted.keys() & there.keys() if there[id_] != wanted[id_])),
        prune=tuple(sorted(there.keys() - wanted.keys() - foreign)),
        keep=tuple(sorted(id_ for id_ in wanted.keys() & there.keys() if there[id_] == wanted[id_])),
        foreign=tuple(sorted(foreign)),
        version=version(topics),
    )


async def push(topics: Sequence[Topic], index: IndexPort) -> Plan:
    """Carry the plan out: create, update what changed, prune, and read the index back.

    Raises:
        ConfigurationError: see `plan`.
        UnavailableError: Moss refused or did not answer, or the index is not as planned afterwards.
    """
    try:
        todo = plan(topics, await index.hashes())
        by_id = {topic.id: topic for topic in topics}
        if todo.make_index:
            await index.create([by_id[id_] for id_ in todo.add])
        elif todo.add or todo.change:
            await index.put([by_id[id_] for id_ in (*todo.add, *todo.change)])
        if todo.prune:
            await index.delete(todo.prune)
        after = plan(topics, await index.hashes())
    except ConfigurationError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the vendor raises is told as one sentence
        raise UnavailableError(f"Moss did not take the topics ({error_code(error)}).") from None
    if after.make_index or after.add or after.change or after.prune:
        raise UnavailableError("Moss took the topics, but its index does not hold them yet; run the push again.")
    return todo


def push_folder(folder: Path, *, index_name: str, project_id: str, project_key: str) -> Plan:
    """Check the topic files and push them to Moss. Returns what was changed.

    Raises:
        ConfigurationError: the files have problems (all of them listed), or see `plan`.
        UnavailableError: see `push`.
    """
    if problems := check(folder):
        raise ConfigurationError(*problems)

    async def connect_and_push() -> Plan:
        try:
            index = MossIndex(project_id, project_key, index_name)
        except Exception as error:  # noqa: BLE001 - as above
            raise UnavailableError(f"Moss cannot be used ({error_code(error)}).") from None
        try:
            return await push(load(folder), index)
        finally:
            await index.close()

    return asyncio.run(connect_and_push())


class MossIndex:
    """The real management client."""

    def __init__(self, project_id: str, project_key: str, index_name: str) -> None:
        import moss  # noqa: PLC0415 - takes time, and few installations use it

        self._moss = moss
        self._client = moss.MossClient(project_id, project_key)
        self._name = index_name

    async def hashes(self) -> Mapping[str, str | None] | None:
        """Asks for the list of indexes first: a missing one is not an error here."""
        if self._name not in {index.name for index in await self._client.list_indexes()}:
            return None
        return {doc.id: (doc.metadata or {}).get(HASH) for doc in await self._client.get_docs(self._name)}

    async def create(self, topics: Sequence[Topic]) -> None:
        """Waits for the build inside Moss's own call."""
        await self._client.create_index(self._name, [self._document(topic) for topic in topics])

    async def put(self, topics: Sequence[Topic]) -> None:
        """Upserts."""
        documents = [self._document(topic) for topic in topics]
        result = await self._client.add_docs(self._name, documents, self._moss.MutationOptions(upsert=True))
        await self._client.wait_for_job(result.job_id)

    async def delete(self, ids: Sequence[str]) -> None:
        """Deletes by id."""
        result = await self._client.delete_docs(self._name, list(ids))
        await self._client.wait_for_job(result.job_id)

    async def close(self) -> None:
        """Close the client."""
        await self._client.close()

    def _document(self, topic: Topic) -> Any:
        # Searched by title and phrasings too; what is spoken comes from the topic files.
        text = "\n".join((topic.title, *topic.asked_as, topic.text))
        facts = {"title": topic.title, "source": topic.source, "effective": topic.effective, HASH: topic.hash}
        return self._moss.DocumentInfo(topic.id, text, metadata=facts)
