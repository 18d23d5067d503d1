"""Speaks and listens: the only room, with `server` and `cli`, that imports livekit."""
