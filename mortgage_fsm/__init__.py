"""A voice agent for mortgage servicing calls whose every step is owned by an explicit state machine."""
