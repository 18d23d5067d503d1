"""Which backend an installation gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.choose import as_json, ask_once, build
from mortgage_fsm.knowledge.embedded import EmbeddedKnowledge
from mortgage_fsm.knowledge.fallback import FallbackKnowledge
from mortgage_fsm.knowledge.port import Answer, Status

MOSS: dict[str, Any] = {"index_name": "kb", "project_id": "project", "project_key": "key"}


def test_without_keys_it_is_the_embedded_index(kb_folder: Path) -> None:
    assert isinstance(build(kb_folder), EmbeddedKnowledge)


@pytest.mark.parametrize("missing", sorted(MOSS))
def test_with_only_some_of_the_values_auto_is_embedded_and_moss_is_refused(kb_folder: Path, missing: str) -> None:
    values = MOSS | {missing: None}
    assert isinstance(build(kb_folder, **values), EmbeddedKnowledge)
    with pytest.raises(ConfigurationError, match=f"needs MOSS_{missing.upper()}"):
        build(kb_folder, backend="moss", **values)


@pytest.mark.parametrize("backend", ["auto", "moss"])
def test_with_all_values_it_is_moss_with_the_embedded_index_behind_it(kb_folder: Path, backend: str) -> None:
    knowledge = build(kb_folder, backend=backend, **MOSS)
    assert isinstance(knowledge, FallbackKnowledge)
    assert (knowledge.first.name, knowledge.second.name) == ("moss", "embedded")


def test_embedded_can_be_forced_though_there_are_keys(kb_folder: Path) -> None:
    assert isinstance(build(kb_folder, backend="embedded", **MOSS), EmbeddedKnowledge)


def test_another_backend_and_a_bad_folder_are_configuration_errors(kb_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="must be"):
        build(kb_folder, backend="google")
    with pytest.raises(ConfigurationError, match="no topic"):
        build(tmp_path)


async def test_one_question_is_asked_and_the_knowledge_closed(kb_folder: Path) -> None:
    knowledge = build(kb_folder)
    answer = await ask_once(knowledge, "What is an escrow shortage?", top=2)
    assert answer.status is Status.FOUND
    assert (await knowledge.search("What is an escrow shortage?")).status is Status.UNAVAILABLE


async def test_an_answer_as_programs_read_it_has_exactly_the_published_keys(kb_folder: Path) -> None:
    read = json.loads(json.dumps(as_json(await ask_once(build(kb_folder), "escrow shortage"))))
    assert list(read) == ["status", "backend", "passages"]
    assert (read["status"], read["backend"]) == ("found", "embedded")
    assert list(read["passages"][0]) == ["id", "title", "text", "relevance", "source", "effective"]
    nothing = as_json(Answer(Status.NOT_FOUND, "embedded"))
    assert nothing == {"status": "not_found", "backend": "embedded", "passages": []}
