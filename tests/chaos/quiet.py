"""Keeps our own log events to itself: thousands of calls are played, and what they tell is tested elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


def no_logs() -> None:
    """In this process, from now on."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


@contextmanager
def quietly() -> Iterator[None]:
    """For as long as the block lasts."""
    before = structlog.get_config()
    no_logs()
    try:
        yield
    finally:
        structlog.configure(**before)
