"""Remembers: one sealed record per decision, and logs that hold nothing of the caller."""
