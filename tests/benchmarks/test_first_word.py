"""From a caller's last word (typed) to the agent's first, through a room: this program, and a plain two-agent one.

`python -m pytest -m benchmark -s tests/benchmarks/test_first_word.py`. Both are workers of their own on one room server,
both hear by the same rules and ask no model; calls alternate, so that what else the machine does falls on both.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from livekit import rtc

from tests.benchmarks.plain_worker import AGENT_NAME as PLAIN
from tests.room.caller import Caller, caller_token
from tests.room.house import AGENT_NAME, House, new_room, open_house
from tests.room.worker_process import DEV, ROOT, WorkerProcess

pytestmark = pytest.mark.benchmark

CALLS = 25
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


async def _call(house: House, agent_name: str) -> list[float]:
    room = new_room()
    async with Timed(house.url, caller_token(house.key, house.secret, room, "caller")) as timed:
        await house.dispatch(room, agent_name=agent_name)
        await timed.greeted()
        return [await timed.turn(said, answer) for said, answer in TURNS]


def _described(name: str, calls: Sequence[Sequence[float]]) -> str:
    def two(values: Sequence[float]) -> str:
        cut = statistics.quantiles(values, n=20)
        return f"p50 {statistics.median(values) * 1e3:5.1f} ms, p95 {cut[-1] * 1e3:5.1f} ms"

    by_turn = ", ".join(f"{statistics.median(turns) * 1e3:.1f}" for turns in zip(*calls, strict=True))
    return f"{name}: with the handoff {two([each[0] for each in calls])}; medians by turn {by_turn} ms"


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
            times: dict[str, list[list[float]]] = {name: [] for name in workers}
            for _ in range(CALLS):
                for name, taken in times.items():
                    taken.append(await _call(house, name))
        finally:
            for each in workers.values():
                await each.close()
    ours, plain = times[AGENT_NAME], times[PLAIN]

    def times_plain(of: Callable[[list[float]], float]) -> float:
        return statistics.median(map(of, ours)) / statistics.median(map(of, plain))

    assert [len(call) for call in ours + plain] == [len(TURNS)] * 2 * CALLS
    handoff, call = times_plain(lambda turns: turns[0]), times_plain(sum)
    with capsys.disabled():
        print(f"\n{_described('here', ours)}\n{_described('plain', plain)}")
        print(f"medians: the turn with the handoff {handoff:.3f} times plain, a call {call:.3f} times")
