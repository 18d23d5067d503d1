"""A payment processor that takes a payment at once and answers when a test lets it.

What it was sent stands in a book of its own, a line for each time it was asked to pay: nobody's database but its own
says whether a payment was made twice. Named by `MORTGAGE_FSM_GATEWAY`, with the folder of the book in `BOOK`; imported
by the worker, and by the test that keeps it waiting.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentGateway, PaymentRequest

BOOK = "ROOM_TESTS_BOOK"
_LOOK_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Book:
    """What the processor was sent, in a folder that all processes see."""

    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """With these a worker pays here."""
        return {"MORTGAGE_FSM_GATEWAY": "tests.room.held_gateway:gateway", BOOK: str(self.folder)}

    def lines(self) -> list[tuple[str, int]]:
        """Key and US cents of each time it was asked to pay."""
        if not self._file.exists():
            return []
        return [(key, int(cents)) for key, cents in map(str.split, self._file.read_text().splitlines())]

    def enter(self, key: str, cents: int) -> None:
        """A payment is made. One write at the end of the file: no other process can come between."""
        with self._file.open("ab", buffering=0) as file:
            file.write(f"{key} {cents}\n".encode())

    def answer(self) -> None:
        """Let it answer, from now on."""
        self._answers.touch()

    @property
    def answers(self) -> bool:
        """Whether it does."""
        return self._answers.exists()

    @property
    def _file(self) -> Path:
        return self.folder / "book.txt"

    @property
    def _answers(self) -> Path:
        return self.folder / "answers"


class _Held:
    absent_after = timedelta(minutes=1)

    def __init__(self, book: Book) -> None:
        self._book = book

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        self._book.enter(request.key, request.cents)
        while not self._book.answers:  # noqa: ASYNC110 - another process lets it
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return _accepted(request.key)

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return _accepted(key) if key in dict(self._book.lines()) else None


def _accepted(key: str) -> Accepted:
    return Accepted(f"MP-{sha256(key.encode()).hexdigest()[:10].upper()}")


def gateway() -> PaymentGateway:
    """The processor, with the book that the environment names."""
    return _Held(Book(Path(os.environ[BOOK])))
