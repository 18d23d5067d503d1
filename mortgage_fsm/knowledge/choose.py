"""Which knowledge base this installation gets, from plain values."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.knowledge.fallback import FallbackKnowledge
from mortgage_fsm.knowledge.moss import MossCloud, MossKnowledge
from mortgage_fsm.knowledge.port import Answer, KnowledgeBase
from mortgage_fsm.knowledge.topics import load


def build(
    folder: Path,
    *,
    backend: str = "auto",
    index_name: str | None = None,
    project_id: str | None = None,
    project_key: str | None = None,
    cache_path: Path | None = None,
) -> KnowledgeBase:
    """The knowledge base for `backend`: `embedded`, `moss`, or `auto`, which is Moss when all of its values are given.

    Moss always has the embedded index behind it. `cache_path` is where Moss keeps its copy of the index and the
    identity of this device; without a lasting one, each start may count as a new device with the vendor. No network
    is used here.

    Raises:
        ConfigurationError: `backend` is none of the three, Moss is asked for but not configured, or the topic files
            cannot be used.
    """
    needed = {"MOSS_INDEX_NAME": index_name, "MOSS_PROJECT_ID": project_id, "MOSS_PROJECT_KEY": project_key}
    missing = [name for name, value in needed.items() if not value]
    if backend not in ("auto", "embedded", "moss"):
        raise ConfigurationError("The knowledge backend must be 'auto', 'embedded' or 'moss'.")
    if backend == "moss" and missing:
        raise ConfigurationError(f"The knowledge backend 'moss' needs {', '.join(missing)}.")
    topics = load(folder)
    embedded = EmbeddedKnowledge(topics)
    if backend == "embedded" or not (index_name and project_id and project_key):
        return embedded
    connect = partial(MossCloud, project_id, project_key, index_name, cache_path)
    return FallbackKnowledge(MossKnowledge(connect, topics), embedded)


async def ask_once(knowledge: KnowledgeBase, query: str, *, top: int = 4, budget_s: float = 6.0) -> Answer:
    """Warm, search and close: for a command that asks one question. Blocks its event loop while warming."""
    try:
        knowledge.warm(budget_s)
        return await knowledge.search(query, top=top)
    finally:
        await knowledge.aclose()


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as programs read it: `status`, `backend` and `passages`, which is empty unless something was found."""
    return {
        "status": answer.status.value,
        "backend": answer.backend,
        "passages": [
            {
                "id": passage.id,
                "title": passage.title,
                "text": passage.text,
                "relevance": passage.relevance,
                "source": passage.source,
                "effective": passage.effective,
            }
            for passage in answer.passages
        ],
    }
