"""Reads the topic files: the one source of every answer, for the embedded index and for the one that is pushed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from mortgage_fsm.errors import ConfigurationError
from mortgage_fsm.knowledge.port import Passage

HASH: Final = "topic_hash"
"""Metadata key of a pushed document; a document without it was put into the index by someone else."""

_FIELDS: Final = ("id", "title", "asked_as", "source", "effective")
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNSPEAKABLE: Final = re.compile(r"[^A-Za-z0-9 ,.;:'?-]")
_ABBREVIATION: Final = re.compile(r"\b(?:[A-Z]{2,}s?|(?:e\.g|i\.e|etc|vs|approx|acct|pmt)\b\.?)")
_TEXT_CHARACTERS: Final = range(200, 481)
"""A passage is spoken whole: less says too little, more is half a minute of monologue."""
_TITLE_CHARACTERS: Final = range(3, 71)
_ASKED_AS: Final = range(3, 9)
# The C parser is ten times faster; a Python without libyaml still works.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Topic:
    """One file of the knowledge base."""

    id: str
    title: str
    asked_as: tuple[str, ...]
    """How callers put the question; searched, never spoken."""
    source: str
    effective: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 of everything in the topic, in hexadecimal: changes when, and only when, the topic does."""
        facts = [self.id, self.title, list(self.asked_as), self.source, self.effective, self.text]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def passage(self, relevance: float | None) -> Passage:
        """The topic as an answer."""
        return Passage(self.id, self.title, self.text, relevance, self.source, self.effective)


def version(topics: Iterable[Topic]) -> str:
    """SHA-256 over all topics, in hexadecimal, whatever order they come in."""
    return hashlib.sha256("".join(sorted(topic.hash for topic in topics)).encode()).hexdigest()


def load(folder: Path) -> tuple[Topic, ...]:
    """Every topic of a folder, in the order of the ids.

    Raises:
        ConfigurationError: a file is not a topic, two share an id, or there is none. All problems at once.
    """
    topics, problems = _read(folder)
    if problems:
        raise ConfigurationError(*problems)
    return topics


def check(folder: Path) -> list[str]:
    """Everything wrong with a folder, one sentence each; empty when it is fit to be spoken.

    Stricter than `load`, which asks only whether the files can be used.
    """
    topics, problems = _read(folder)
    for topic in topics:
        problems += [f"{topic.id}.md: {problem}" for problem in _wording_problems(topic)]
    asked: dict[str, str] = {}
    for topic in topics:
        for phrasing in topic.asked_as:
            other = asked.setdefault(phrasing.casefold(), topic.id)
            if other != topic.id:
                problems.append(f"{topic.id}.md: {phrasing!r} is also asked of {other}.")
    return problems


def _read(folder: Path) -> tuple[tuple[Topic, ...], list[str]]:
    if not folder.is_dir():
        return (), [f"The knowledge folder {folder.name!r} does not exist."]
    topics: dict[str, Topic] = {}
    problems: list[str] = []
    for file in sorted(folder.glob("*.md")):
        try:
            read = _parse(file.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            read = ["it cannot be read as UTF-8 text."]
        if isinstance(read, Topic):
            if read.id != file.stem:
                problems.append(f"{file.name}: its id is {read.id!r}, which is not the name of the file.")
            if read.id in topics:
                problems.append(f"{file.name}: the id {read.id!r} is used twice.")
            topics[read.id] = read
        else:
            problems += [f"{file.name}: {problem}" for problem in read]
    if not topics and not problems:
        problems.append(f"The knowledge folder {folder.name!r} holds no topic.")
    return tuple(topics[id_] for id_ in sorted(topics)), problems


def _parse(content: str) -> Topic | list[str]:
    opening, _, rest = content.partition("---\n")
    head, fence, body = rest.partition("\n---\n")
    if opening or not fence:
        return ["it does not begin with front matter between two lines of ---."]
    try:
        front = yaml.load(head, Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
    except yaml.YAMLError:
        return ["its front matter is not YAML."]
    if not isinstance(front, dict):
        return ["its front matter is not a list of fields."]
    problems = [f"{name!r} is not a field of a topic." for name in front if name not in _FIELDS]
    problems += [
        f"the field {name!r} is missing or not text."
        for name in ("id", "title", "source")
        if not isinstance(front.get(name), str) or not front[name].strip()
    ]
    if type(front.get("effective")) is not dt.date:
        problems.append("the field 'effective' is missing or not an ISO date.")
    asked_as = front.get("asked_as")
    if not isinstance(asked_as, list) or not asked_as or not all(isinstance(x, str) and x.strip() for x in asked_as):
        problems.append("the field 'asked_as' is missing, empty, or not a list of texts.")
    text = " ".join(body.split())
    if not text:
        problems.append("it has no text.")
    if problems:
        return problems
    return Topic(
        front["id"], front["title"], tuple(front["asked_as"]), front["source"], front["effective"].isoformat(), text
    )


def _wording_problems(topic: Topic) -> list[str]:
    problems = []
    if not _ID.fullmatch(topic.id):
        problems.append("the id must be lower-case words joined by hyphens.")
    if len(topic.text) not in _TEXT_CHARACTERS:
        problems.append(f"the text has {len(topic.text)} characters, not {_bounds(_TEXT_CHARACTERS)}.")
    if len(topic.title) not in _TITLE_CHARACTERS:
        problems.append(f"the title has {len(topic.title)} characters, not {_bounds(_TITLE_CHARACTERS)}.")
    if len(topic.asked_as) not in _ASKED_AS:
        problems.append(f"it is asked in {len(topic.asked_as)} ways, not {_bounds(_ASKED_AS)}.")
    for field, words in (("title", topic.title), ("text", topic.text)):
        if unspeakable := sorted(set(_UNSPEAKABLE.findall(words))):
            problems.append(f"the {field} has characters that cannot be spoken: {' '.join(map(repr, unspeakable))}.")
        if abbreviations := sorted(set(_ABBREVIATION.findall(words))):
            problems.append(f"the {field} has abbreviations a voice stumbles on: {', '.join(abbreviations)}.")
    if not topic.text.endswith((".", "?")):
        problems.append("the text does not end with a full sentence.")
    return problems


def _bounds(allowed: range) -> str:
    return f"{allowed.start} to {allowed.stop - 1}"
