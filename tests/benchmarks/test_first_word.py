"""From a caller's last word (typed) to the agent's first, through a room: this program, and a plain two-agent one.

`python -m pytest -m benchmark -s tests/benchmarks/test_first_word.py`. Both are workers of their own on one room server,
both hear by the same rules and ask no model; calls alternate, so that what else the machine does falls on both. The
plain program is timed twice: as it would be written, with one handoff in a call, and handing over at every step, as this
one does. It keeps no record, checks no identity and looks nothing up, so from the second turn on it does less.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from livekit import rtc

from tests.benchmarks.plain_worker import AGENT_NAME as PLAIN
from tests.benchmarks.plain_worker import EVERY_STEP
from tests.room.caller import Caller, caller_token
from tests.room.house import AGENT_NAME, House, new_room, open_house
from tests.room.worker_process import DEV, ROOT, WorkerProcess

pytestmark = pytest.mark.benchmark

CALLS = 40
TURNS = (
    ("I'd like to make a payment", "loan number"),
    ("10004471", "last four"),
    ("2190", ""),
    ("$1,850", ""),
    ("my bank account", ""),
)
"""What is said, and a part of the answer. The payment itself is left out: the plain program makes none."""
PLAIN_WORKER = ("livekit.agents", "start", str(ROOT / "tests" / "benchmarks" / "plain_worker.py"), "--dev")
BREATH_SECONDS = 0.15
"""Between hearing and speaking again: what an agent still does after its last word must not count for the next turn."""


class Timed(Caller):
    """A caller with a stop-watch, which the first piece of the agent's next sentence stops."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__(url, token)
        self.first_word: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def _transcribed(self, reader: rtc.TextStreamReader, identity: str) -> None:
        async def read() -> None:
            words = ""
            async for piece in reader:
                if piece and not self.first_word.done():
                    self.first_word.set_result(time.perf_counter())
                words += piece
            self.heard.append(words)
            await self._tell()

        self._spawn(read())

    async def turn(self, words: str, answer: str) -> float:
        """Seconds from these words to the first of the answer."""
        await asyncio.sleep(BREATH_SECONDS)
        self._taken = len(self.heard)
        self.first_word = asyncio.get_running_loop().create_future()
        began = time.perf_counter()
        await self.say(words)
        first = await asyncio.wait_for(self.first_word, 60)
        await self.hear(answer)
        return first - began


PROGRAMS = {"here": (AGENT_NAME, None), "plain": (PLAIN, None), "plain, by steps": (PLAIN, EVERY_STEP)}
"""The worker and the metadata of each."""
KINDS = {
    "the handoff": slice(0, 1),
    "loan number": slice(1, 2),
    "identity": slice(2, 3),
    "amount and method": slice(3, 5),
    "all turns": slice(0, 5),
}


async def _call(house: House, agent_name: str, metadata: str | None) -> list[float]:
    room = new_room()
    async with Timed(house.url, caller_token(house.key, house.secret, room, "caller")) as timed:
        await house.dispatch(room, metadata, agent_name=agent_name)
        await timed.greeted()
        return [await timed.turn(said, answer) for said, answer in TURNS]


def _described(kind: slice, calls: Mapping[str, Sequence[Sequence[float]]]) -> str:
    """Milliseconds at the median and the 95th percentile, and how many times those of each plain program ours are."""
    taken = {name: [turn for call in of_one for turn in call[kind]] for name, of_one in calls.items()}
    cut = {name: (statistics.median(each), statistics.quantiles(each, n=20)[-1]) for name, each in taken.items()}
    ours = cut["here"]
    parts = []
    for name, (middle, late) in cut.items():
        times = "" if name == "here" else f" (here {ours[0] / middle:.2f} and {ours[1] / late:.2f} times that)"
        parts.append(f"{name} p50 {middle * 1e3:.1f}, p95 {late * 1e3:.1f}{times}")
    return f"{'; '.join(parts)}; {len(taken['here'])} turns each"


async def test_every_turn_has_a_first_word_here_and_in_a_plain_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with open_house() as house:
        workers = {}
        try:
            for name, command in ((AGENT_NAME, DEV), (PLAIN, PLAIN_WORKER)):
                (tmp_path / name).mkdir()
                workers[name] = WorkerProcess(tmp_path / name, command, house.environment)
                await workers[name].start()
                await workers[name].registered()
            times: dict[str, list[list[float]]] = {name: [] for name in PROGRAMS}
            for _ in range(CALLS):
                for name, asked in PROGRAMS.items():
                    times[name].append(await _call(house, *asked))
        finally:
            for each in workers.values():
                await each.close()
    assert [len(call) for calls in times.values() for call in calls] == [len(TURNS)] * len(PROGRAMS) * CALLS
    with capsys.disabled():
        print(f"\nmilliseconds; load {os.getloadavg()[0]:.1f}")
        for name, kind in KINDS.items():
            print(f"{name}: {_described(kind, times)}")
