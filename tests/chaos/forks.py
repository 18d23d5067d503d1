"""A process that is forked from this one, does some work on a loop of its own, and may be killed at it with SIGKILL."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

READY = "ready"

Tell = Callable[[str], None]
Work = Callable[[Tell], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    killed: bool
    told: list[str]
    """What it told before, but for READY; each line is whole or not there."""
    seconds: float
    """From the first it told to the second, or its end."""


def run(work: Work, *, kill_after: float | None = None) -> Ended:
    """Have a new process do this work; kill it so many seconds after the first it told. None: let it be, or kill itself.

    Raises:
        RuntimeError: this process has other threads, which a fork would lose; or the work failed by itself.
    """
    _wait_for_threads()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.readline()
        began = time.perf_counter()
        if kill_after is not None:
            time.sleep(kill_after)
            os.kill(child, signal.SIGKILL)
        told += pipe.readline()
        seconds = time.perf_counter() - began
        told += pipe.read()
        _, status = os.waitpid(child, 0)
        lines = told.decode().splitlines()
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and status != 0:
        raise RuntimeError("the work failed; it told why above")
    return Ended(killed, [line for line in lines if line != READY], seconds)


def _wait_for_threads() -> None:
    """A driver's thread is told to end and not waited for."""
    deadline = time.monotonic() + 5.0
    while threading.active_count() != 1:
        if time.monotonic() > deadline:
            raise RuntimeError("only a process of one thread is forked whole")
        time.sleep(0.001)


def start(work: Work) -> int:
    """Have a new process do this work beside this one; its id, for `wait`."""
    _wait_for_threads()
    child = os.fork()
    if child == 0:
        _work(work, os.open(os.devnull, os.O_WRONLY))
    return child


def wait(children: list[int]) -> None:
    """Wait for these processes.

    Raises:
        RuntimeError: one of them failed.
    """
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        raise RuntimeError("the work failed; it told why above")


async def die() -> None:
    """Kill this process, now, as nothing can be that is asked first."""
    os.kill(os.getpid(), signal.SIGKILL)


def _work(work: Work, writing: int) -> None:
    status = 1
    gc.disable()  # it would copy what is shared with the parent
    try:
        asyncio.run(work(lambda line: _write(writing, line)))
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(status)


def _write(writing: int, line: str) -> None:
    os.write(writing, f"{line}\n".encode())
