"""What is counted of all calls of a process, as Prometheus metrics. A label is a name from our own code, never a word.

In a job process of a worker the values live in files (`PROMETHEUS_MULTIPROC_DIR`), which `scraping.py` adds up.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final, Self

from prometheus_client import CollectorRegistry, Counter, Histogram

from mortgage_fsm.audit import patterns
from mortgage_fsm.knowledge.port import Status
from mortgage_fsm.machine import Decision, Moved, State, Trigger
from mortgage_fsm.voice.tools import NOT_UNDERSTOOD, tool_name

OTHER: Final = "other"
"""Stands for whatever is not a name from our own code."""

FIRST_WORD_BUCKETS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0)
"""Seconds. Half a second is the line: beyond it a caller wonders whether they were heard."""
LANDING_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
TOOL_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Component(StrEnum):
    """What can fail in a call."""

    LLM = "llm"
    STT = "stt"
    TTS = "tts"
    SESSION = "session"
    """LiveKit's own parts."""
    LISTENER = "listener"
    """The model that was asked what the caller wants."""
    ADVISOR = "advisor"
    """The model that was asked to answer a question."""
    LEDGER = "ledger"
    """A finding could not be had, or a record could not be written."""
    GATEWAY = "gateway"
    TRANSFER = "transfer"
    """A person's line could not be reached, or the server would not transfer."""
    KEYPAD = "keypad"
    """An entry on the keypad could not be given to the call."""
    TURN = "turn"
    """Our own mistake: a caller's turn ended in an exception."""


class Tier(StrEnum):
    """Who understood a caller's turn."""

    RULES = "rules"
    MODEL = "model"
    FALLBACK = "fallback"
    """Neither: the certain part of the words was taken, or the caller is asked again."""


SUBMISSIONS: Final = {
    Trigger.PAYMENT_ACCEPTED: "accepted",
    Trigger.PAYMENT_DECLINED: "declined",
    Trigger.PAYMENT_UNRESOLVED: "unresolved",
    Trigger.ENROLMENT_RECORDED: "enrolled",
}
"""How a submission ended, by the trigger that its answer fired."""

_TOOLS = frozenset({NOT_UNDERSTOOD, *(tool_name(trigger) for trigger in Trigger)})
_BACKENDS = frozenset({"embedded", "moss"})


class Metrics:
    """One for each process, handed to every call of it.

    Args:
        registry: where they are read; None: nowhere but from here, for a call that nobody watches.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._transitions = self._counter("transitions", "Moves of the machine.", "trigger", "state_from", "state_to")
        self._refusals = self._counter("refusals", "Triggers that were turned away.", "reason")
        self._handoffs = self._counter("handoffs", "Handoffs that landed, or had not after two seconds.", "outcome")
        self._landing = self._histogram(
            "handoff_landing_seconds", "From update_agent to the handoff's item.", LANDING_BUCKETS
        )
        self._tools = self._histogram("tool_seconds", "How long function tools ran.", TOOL_BUCKETS, "tool")
        self._errors = self._counter("errors", "What failed.", "component")
        self._first_word = self._histogram(
            "first_word_seconds", "From the end of the caller's turn to the agent's first word.", FIRST_WORD_BUCKETS
        )
        self._turns = self._counter("turns", "Caller turns, by who understood them.", "heard_by")
        self._reasks = self._counter("reasks", "Turns after which the caller was asked again.", "state")
        self._submissions = self._counter("submissions", "What the gateway made of what was sent.", "outcome")
        self._lookups = self._counter("lookups", "Searches of the knowledge base.", "backend", "status")
        self._calls = self._counter("calls", "Calls that have ended.", "state")

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"mortgage_fsm_{name}", says, labels, registry=self.registry)

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(f"mortgage_fsm_{name}", says, labels, buckets=buckets, registry=self.registry)

    def decided(self, decision: Decision) -> None:
        """A decision stands."""
        if not isinstance(decision, Moved):
            self.turned_away(decision.reason)
            return
        self._transitions.labels(decision.trigger, decision.before.state, decision.after.state).inc()
        outcome = SUBMISSIONS.get(decision.trigger)
        if outcome is not None:
            self._submissions.labels(outcome).inc()

    def turned_away(self, reason: str) -> None:
        """A trigger was refused, by the machine or before it was asked."""
        self._refusals.labels(reason if patterns.identifier(reason) else OTHER).inc()

    def landed(self, seconds: float) -> None:
        """A handoff arrived."""
        self._handoffs.labels("landed").inc()
        self._landing.observe(seconds)

    def not_landed(self) -> None:
        """A handoff did not arrive in time."""
        self._handoffs.labels("failed").inc()

    def tool_ran(self, tool: str, seconds: float) -> None:
        """A function tool has ended."""
        self._tools.labels(tool if tool in _TOOLS else OTHER).observe(seconds)

    def failed(self, component: Component) -> None:
        """Something failed."""
        self._errors.labels(component).inc()

    def first_word(self, seconds: float) -> None:
        """The agent began to answer a caller's turn."""
        self._first_word.observe(seconds)

    def heard(self, tier: Tier) -> None:
        """A caller's turn was understood, or was not."""
        self._turns.labels(tier).inc()

    def asked_again(self, state: State) -> None:
        """A caller is asked once more for what this state waits for."""
        self._reasks.labels(state).inc()

    def looked_up(self, backend: str, status: Status) -> None:
        """The knowledge base was searched."""
        self._lookups.labels(backend if backend in _BACKENDS else OTHER, status).inc()

    def call_ended(self, state: State) -> None:
        """A call is over; where it stood."""
        self._calls.labels(state).inc()


class _Nowhere:
    """In place of a counter and of a histogram."""

    def labels(self, *_: object) -> Self:
        """Itself, whatever they are."""
        return self

    def inc(self) -> None:
        """Counted by nobody."""

    def observe(self, seconds: float) -> None:
        """Counted by nobody."""


class Uncounted(Metrics):
    """For a call that nobody made. In a job process a registry of its own is not enough: the files are one for all."""

    def _counter(self, name: str, says: str, *labels: str) -> Any:  # noqa: ARG002 - as it is where it counts
        return _Nowhere()

    def _histogram(self, name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Any:  # noqa: ARG002
        return _Nowhere()
