"""What was found of one part, and how people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What was found of one part."""

    OK = "ok"
    MISSING = "missing"
    """Not configured. Whether a call can do without it is said by `needed`."""
    FAILED = "failed"
    """Configured, and does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: a part, how it stands, and a sentence without a secret in it."""

    name: str
    verdict: Verdict
    says: str
    needed: bool = True
    """Whether no call could be taken without this part."""

    @property
    def blocks(self) -> bool:
        """Whether no call could be taken."""
        return self.needed and self.verdict is not Verdict.OK


def as_lines(found: list[Finding]) -> Iterator[str]:
    """One line for each finding, and the conclusion."""
    for each in found:
        yield f"{each.verdict:<8} {each.name:<10} {each.says}"
    yield "a call could be taken" if not any(each.blocks for each in found) else "no call could be taken"


def as_json(found: list[Finding]) -> dict[str, Any]:
    """The findings as programs read them: `ready`, and `findings` of `name`, `verdict`, `says` and `needed`."""
    return {"ready": not any(each.blocks for each in found), "findings": [asdict(each) for each in found]}
