"""The only place that knows PostgreSQL: how its connections are opened, and how long it may take to answer.

Transactions are READ COMMITTED: what must not happen twice is a constraint or a condition within the statement that
writes, and a second writer of one row waits for the first and then looks again. A pooler between must keep a session
for its client (PgBouncer: session mode).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event, exc
from sqlalchemy.engine import ExceptionContext

ANSWER_SECONDS = 2.5
"""How long a transaction may take, with waiting for a connection and for other writers. A caller must be told within
five seconds, and to give up a connection that does not answer takes up to two more."""

READ = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""One view of the database for all statements of a reader."""

_SESSION = {
    "application_name": "mortgage_fsm",
    "synchronous_commit": "on",  # a commit that was reported survives power loss: money hangs on it
    "lock_timeout": str(int(ANSWER_SECONDS * 1000)),
    # A process that was stopped within a transaction must not hold a loan's row for ever.
    "idle_in_transaction_session_timeout": "30000",
}


def connect_arguments() -> dict[str, Any]:
    """What the driver is given when it opens a connection."""
    return {"timeout": ANSWER_SECONDS, "server_settings": _SESSION}


def prepare(engine: Engine) -> None:
    """Have a connection that breaks within a statement reported as every other failure of the database is."""

    @event.listens_for(engine, "handle_error")
    def _lost(context: ExceptionContext) -> None:
        if isinstance(context.original_exception, OSError):
            context.is_disconnect = True
            raise exc.DisconnectionError("the connection broke")
