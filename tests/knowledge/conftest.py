"""The one fake of this room: a Moss client at our own port, which raises when asked what it was not told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from moss import MossError

from mortgage_fsm.knowledge.moss import Hit, MossKnowledge
from mortgage_fsm.knowledge.topics import HASH, Topic, load

FOLDER = Path(__file__).parents[2] / "kb"
CODES = ("NETWORK", "UNAUTHORIZED", "NOT_FOUND", "MODEL_UNAVAILABLE")
QUOTED = "the vendor quotes 10004471"
"""Stands in every vendor error here, and must stand nowhere else."""


class FakeMoss:
    """Answers only the questions in `script`. `load_as` and `query_as`: ok, hang, closed, or a code of MossError."""

    def __init__(self, script: Mapping[str, Sequence[Hit]], *, load_as: str = "ok", query_as: str = "ok") -> None:
        self.script = script
        self.load_as = load_as
        self.query_as = query_as
        self.loads = 0
        self.asked: list[str] = []
        self.closed = False

    async def load(self) -> None:
        self.loads += 1
        await self._act(self.load_as)

    async def query(self, asked: str, top: int) -> Sequence[Hit]:
        self.asked.append(asked)
        await self._act(self.query_as)
        if asked not in self.script:
            raise AssertionError("the fake was not told what to answer")
        return self.script[asked][:top]

    async def close(self) -> None:
        self.closed = True

    async def _act(self, behaviour: str) -> None:
        if self.closed or behaviour == "closed":
            raise RuntimeError("MossClient is closed")
        if behaviour == "hang":
            await asyncio.Event().wait()
        if behaviour in CODES:
            error = MossError(QUOTED)
            error.code = behaviour
            raise error
        if behaviour != "ok":
            raise AssertionError("the fake does not know this behaviour")


def pushed(topic: Topic, score: float = 0.8) -> Hit:
    """The hit that Moss returns for a topic which `push` put there."""
    return Hit(topic.id, "as pushed", {HASH: topic.hash}, score)


@pytest.fixture(scope="session")
def topics() -> tuple[Topic, ...]:
    return load(FOLDER)


@pytest.fixture(scope="session")
def questions() -> dict[str, Any]:
    asked: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "questions.yaml").read_text(encoding="utf-8"))
    return asked


@pytest.fixture
async def moss_of(topics: tuple[Topic, ...]) -> AsyncIterator[Callable[..., MossKnowledge]]:
    """Makes a MossKnowledge around a fake client, and closes it after the test."""
    made: list[MossKnowledge] = []

    def make(client: FakeMoss, **settings: Any) -> MossKnowledge:
        made.append(MossKnowledge(lambda: client, topics, **settings))
        return made[-1]

    yield make
    for knowledge in made:
        await knowledge.aclose()


@pytest.fixture
def fake_moss(topics: tuple[Topic, ...]) -> Callable[..., FakeMoss]:
    """A client that knows two questions; more are given as `script`."""
    by_id = {topic.id: topic for topic in topics}
    known = {
        "What is an escrow shortage?": [pushed(by_id["escrow-shortage"]), pushed(by_id["escrow-analysis"], 0.9)],
        "who won the football game": [],
    }

    def make(script: Mapping[str, Sequence[Hit]] | None = None, **behaviour: str) -> FakeMoss:
        return FakeMoss(known | dict(script or {}), **behaviour)

    return make


@pytest.fixture
def hit_for() -> Callable[..., Hit]:
    return pushed


@pytest.fixture
def quoted() -> str:
    return QUOTED


@pytest.fixture
def kb_folder() -> Path:
    return FOLDER


@pytest.fixture
def write_topic(tmp_path: Path) -> Callable[..., Path]:
    """Writes one topic file into a folder of its own; any field can be replaced, or left out with None."""

    def write(id_: str = "sample", **changes: Any) -> Path:
        fields: dict[str, Any] = {
            "id": id_,
            "title": "A sample topic",
            "asked_as": [f"what is {id_}", f"tell me about {id_}", f"explain {id_}"],
            "source": "12 CFR 1024.17 (Regulation X)",
            "effective": "2014-01-10",
        }
        text = changes.pop("text", "This is a sentence that a voice can say without any trouble at all. " * 4)
        name = changes.pop("file", f"{id_}.md")
        fields |= changes
        lines = [f"{key}: {value}" for key, value in fields.items() if value is not None]
        (tmp_path / name).write_text("---\n" + "\n".join(lines) + "\n---\n" + text + "\n", encoding="utf-8")
        return tmp_path

    return write
