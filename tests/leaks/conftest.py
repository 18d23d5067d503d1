"""Rooms and workers as the room tests have them."""

from tests.room.conftest import house, start_worker

__all__ = ["house", "start_worker"]
