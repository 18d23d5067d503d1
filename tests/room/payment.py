"""A whole payment, turn by turn, as a caller makes it: what is said, and a part of what must be heard before the next."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from tests.room.caller import Caller
from tests.room.worker_process import until

LOAN, LAST_FOUR = "10004471", "2190"
OTHER_LOAN, OTHER_LAST_FOUR = "10005582", "7304"

_CONFIRMATION = re.compile(r"MP-[A-Z0-9]+")


async def up_to_the_yes(caller: Caller, amount: str, *, loan: str = LOAN, last_four: str = LAST_FOUR) -> None:
    """From the greeting to the question whether to submit. `amount` as a caller says it."""
    await caller.greeted()
    for said, heard in (
        ("I'd like to make a payment", "loan number"),
        (loan, "social security"),
        (last_four, "how much"),
        (amount, "checking account"),
        ("my bank account", "submit"),
    ):
        await caller.say(said)
        await caller.hear(heard)


async def pay(caller: Caller, amount: str, *, loan: str = LOAN, last_four: str = LAST_FOUR) -> str:
    """The whole call; returns the confirmation number that was spoken."""
    await up_to_the_yes(caller, amount, loan=loan, last_four=last_four)
    return await agree(caller)


async def agree(caller: Caller, key: str | None = None) -> str:
    """Say yes, or press a key, and return the confirmation number that is heard.

    The words of a question can be here before the machine knows that they were spoken to their end. Nobody is as quick to
    answer as a program; who is gets the question again, and answers it.
    """
    while True:
        await (caller.say("yes") if key is None else caller.press(key))
        heard = await caller.hear("confirmation number", "shall I submit it")
        if "confirmation number" in heard:
            return confirmation_in(heard)


async def agree_until(caller: Caller, holds: Callable[[], object]) -> None:
    """Say yes, and again wherever the question comes again, until something holds: that the payment is being sent."""
    while True:
        await caller.say("yes")
        asked_again = asyncio.ensure_future(caller.hear("shall I submit it"))
        taken = asyncio.ensure_future(until(holds))
        try:
            await asyncio.wait({asked_again, taken}, return_when=asyncio.FIRST_COMPLETED)
            if taken.done():
                return await taken
            await asked_again
        finally:
            asked_again.cancel()
            taken.cancel()
            await asyncio.gather(asked_again, taken, return_exceptions=True)


def confirmation_in(sentence: str) -> str:
    """The confirmation number that a sentence says."""
    found = _CONFIRMATION.search(sentence)
    assert found is not None, sentence
    return found.group()
