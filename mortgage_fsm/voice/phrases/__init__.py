"""Every sentence that is spoken without a model, read from phrases/<language>.toml and filled in by code alone."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from mortgage_fsm.errors import ConfigurationError

Sections = Mapping[str, Mapping[str, str | list[str]]]
"""Sentences, and lists of them, by section and key."""


class Phrases:
    """The sentences of one language, by section and key."""

    def __init__(self, sections: Sections) -> None:
        self._sections = sections

    def has(self, section: str, key: str) -> bool:
        """Whether there is a sentence, even an empty one."""
        return key in self._sections.get(section, {})

    def say(self, section: str, key: str, **values: str) -> str:
        """One sentence, filled in.

        Raises:
            KeyError: there is no such sentence, or it names a value that was not given. Names only, never values.
        """
        phrase = self._sections[section][key]
        if isinstance(phrase, list):
            raise KeyError(f"{section}.{key} is a list")
        return phrase.format_map(values)

    def step(self, section: str, key: str, number: int, **values: str) -> str:
        """The sentence for the number-th time (from 1) of a ladder; its last one for every later time."""
        ladder = self._sections[section][key]
        return ladder[min(number, len(ladder)) - 1].format_map(values)

    def words(self, section: str, key: str) -> list[str]:
        """A list of words."""
        return list(self._sections[section][key])

    def digest(self, *sections: str) -> str:
        """SHA-256, in hex, of all sentences of these sections as they stand before they are filled in."""
        held = {section: dict(self._sections[section]) for section in sections}
        return sha256(json.dumps(held, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def keys(self, section: str) -> frozenset[str]:
        """All keys of a section."""
        return frozenset(self._sections[section])

    def but(self, overrides: Mapping[str, Mapping[str, str | Sequence[str]]]) -> Phrases:
        """These sentences, with others in the place of some."""
        instead = {
            section: {key: said if isinstance(said, str) else list(said) for key, said in entries.items()}
            for section, entries in overrides.items()
        }
        return Phrases({name: {**entries, **instead.get(name, {})} for name, entries in self._sections.items()})


@cache
def phrases(language: str = "en") -> Phrases:
    """The sentences of a language.

    Raises:
        ConfigurationError: there is no such language.
    """
    return Phrases(sections(language))


def sections(language: str) -> Sections:
    """The sentences of a language as its file holds them.

    Raises:
        ConfigurationError: there is no such language.
    """
    path = files(__name__) / f"{language}.toml"
    if not path.is_file():
        raise ConfigurationError(f"there are no phrases for the language {language!r}")
    held: Sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return held
