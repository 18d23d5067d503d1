"""Digits typed on a telephone's keys: gathered here, made a turn of the caller's, and shown to nothing else on the way.

In the states that wait for digits they are a loan number, the last four, an amount; at the read-back 1 is yes and 2 is no.
`#` ends, `*` clears, and an entry that is whole ends by itself. An amount is typed as dollars, `#`, and two digits of
cents, so that no amount has two readings; where nothing follows the `#` it is whole dollars.

Keys pressed while something is said that cannot be interrupted are dropped, as words are; any other key interrupts.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from livekit import rtc
from livekit.agents import AgentSession

from mortgage_fsm.heard import Heard
from mortgage_fsm.machine import State
from mortgage_fsm.voice.agents import StateAgent
from mortgage_fsm.voice.metrics import Component
from mortgage_fsm.voice.orchestrator import Orchestrator
from mortgage_fsm.voice.turns import KEYPAD, Entry
from mortgage_fsm.voice.watch import Watch

log = structlog.get_logger("mortgage_fsm.keypad")

END, CLEAR = "#", "*"
RUN_ON_SECONDS: Final = 0.6
"""Keys that follow one another faster belong together: what comes so soon after a lost key is the rest of an entry."""

_KEYS: Final = frozenset(f"0123456789{END}{CLEAR}")
_ANSWERS: Final = {"1": True, "2": False}
_AMOUNT: Final = re.compile(r"([0-9]{1,7})#([0-9]{2})?")
_LONGEST: Final = 24
"""More keys than any entry has."""

NOT_UNDERSTOOD: Final = Heard()
"""What an entry says that is over and is not what is waited for: the caller is asked again."""

Read = Callable[[str, bool], Heard | None]
"""From the keys of an entry, and whether no more will come, to what it says; None while it is not whole."""


def loan_number(lengths: Collection[int]) -> Read:
    """The reading of loan numbers of these lengths; the longest ends by itself."""

    def read(keys: str, over: bool) -> Heard | None:
        number = keys.removesuffix(END)
        if len(number) < max(lengths) and not over and number == keys:
            return None
        return Heard(loan=number, complete=True) if len(number) in lengths else NOT_UNDERSTOOD

    return read


def last_four(keys: str, over: bool) -> Heard | None:
    """The reading of four digits."""
    digits = keys.removesuffix(END)
    if len(digits) < 4 and not over and digits == keys:
        return None
    return Heard(last_four=digits, complete=True) if len(digits) == 4 else NOT_UNDERSTOOD


def amount(keys: str, over: bool) -> Heard | None:
    """The reading of dollars, `#`, cents. The cents may be left out: a second `#`, or nothing more, ends it then."""
    ended = keys.count(END) > 1
    typed = _AMOUNT.fullmatch(keys.removesuffix(END) if ended else keys)
    whole = typed is not None and (typed[2] is not None or ended or over)
    if typed is None or not whole:
        return NOT_UNDERSTOOD if ended or over else None
    cents = int(typed[1]) * 100 + int(typed[2] or 0)
    return Heard(amount=cents, complete=True) if cents else NOT_UNDERSTOOD


def yes_or_no(keys: str, over: bool) -> Heard | None:  # noqa: ARG001 - as the other readings: one key is a whole answer
    """The reading of 1 and 2."""
    return Heard(assent=_ANSWERS[keys], complete=True) if keys in _ANSWERS else NOT_UNDERSTOOD


@dataclass(slots=True)
class _Typed:
    """The entry that is being typed; none while there are no keys."""

    read: Read = field(default=yes_or_no)
    agent: StateAgent | None = None
    """Who had the call when it began: another one means another question."""
    began: float = 0.0
    keys: str = field(default="", repr=False)
    is_rest: bool = False
    """Its beginning was lost, or it goes on without an end: whatever it is, it is no value."""

    def add(self, key: str) -> None:
        """One more key. Of what is no value nothing is kept but that there was something."""
        self.is_rest = self.is_rest or len(self.keys) >= _LONGEST
        self.keys = key if self.is_rest else self.keys + key

    def said(self, *, over: bool) -> Heard | None:
        """What it says; None while it is not whole."""
        if self.is_rest:
            return NOT_UNDERSTOOD if over or self.keys == END else None
        return self.read(self.keys, over)


class Keypad:
    """The keys of one caller's telephone.

    Args:
        session: the session of the call, started or not.
        loan_digits: the lengths that loan numbers have.
        timeout: seconds that may pass between two keys; then an entry is over, and forgotten.
        clock: seconds since the epoch, the one that the orchestrator decides by.
    """

    def __init__(
        self,
        orchestrator: Orchestrator,
        session: AgentSession[Any],
        *,
        loan_digits: Collection[int],
        timeout: float = 4.0,
        watch: Watch | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._watch = watch or Watch()
        self._orchestrator = orchestrator
        self._session = session
        self._timeout = timeout
        self._clock = clock
        self._reads: dict[State, Read] = {
            State.COLLECTING_LOAN: loan_number(loan_digits),
            State.VERIFYING: last_four,
            State.AMOUNT: amount,
            State.CONFIRMING: yes_or_no,
        }
        self._typed = _Typed()
        self._lost = -math.inf
        """When the latest key was pressed that no entry took."""
        self._last: tuple[StateAgent, float] | None = None
        """Who was told the latest entry, and when it ended."""
        self._timer: asyncio.TimerHandle | None = None
        self._deafened = False
        self._taking: asyncio.Task[None] | None = None
        session.on("conversation_item_added", lambda _: self._forget_if_moved())
        session.on("close", lambda _: self._forget())

    def listen(self, room: rtc.Room, caller: str) -> None:
        """Take the keys that this participant of the room presses, and nobody else's."""

        def received(event: rtc.SipDTMF) -> None:
            if event.participant is not None and event.participant.identity == caller:
                self.pressed(event.digit)

        room.on("sip_dtmf_received", received)

    def pressed(self, key: str) -> None:
        """One key was pressed."""
        self._forget_if_moved()
        typed = self._typed
        if key == CLEAR:
            self._forget()
            self._lost, self._last = -math.inf, None
        elif key in _KEYS and (typed.keys or self._begins(key)):
            with contextlib.suppress(RuntimeError):
                self._session.interrupt()
            self._typed.add(key)
            self._go_on(over=False)

    # --- an entry

    def _begins(self, key: str) -> bool:
        """Whether an entry may begin with this key. If it may, it has."""
        if key == END:  # after an entry that ended by itself
            return False
        call, agent, now = self._orchestrator.call, self._speaker(), self._clock()
        read = self._reads.get(call.state)
        busy = self._taking is not None and not self._taking.done()
        if read is None or agent is None or busy or call.ended or call.transfer is not None:
            self._lost = now
            return False
        speech = self._session.current_speech
        if speech is not None and not speech.allow_interruptions:
            return False
        ended = self._last[1] if self._last is not None and self._last[0] is agent else -math.inf
        is_rest = now - max(self._lost, ended) < RUN_ON_SECONDS
        self._typed = _Typed(read, agent, now, is_rest=is_rest)
        if self._session.input.audio is not None and self._session.input.audio_enabled:
            # Tones are heard as words, and so are digits that are read out under the breath.
            self._session.input.set_audio_enabled(False)
            self._deafened = True
        return True

    def _go_on(self, *, over: bool) -> None:
        typed, heard = self._typed, self._typed.said(over=over)
        if self._timer is not None:
            self._timer.cancel()
        if heard is None:
            # Of an answer that is one key there is no more to come but what ran on: who goes on pressing is to be answered.
            patience = RUN_ON_SECONDS if typed.is_rest and typed.read is yes_or_no else self._timeout
            self._timer = asyncio.get_running_loop().call_later(patience, self._timed_out)
            return
        self._forget()
        if typed.agent is not None:
            self._last = None if over else (typed.agent, self._clock())
            log.info("keypad_entry", state=typed.agent.state, ok=heard.complete)
            self._taking = asyncio.ensure_future(self._give(Entry(heard, typed.began), typed.agent))

    async def _give(self, entry: Entry, agent: StateAgent) -> None:
        try:
            await self._orchestrator.fire(None, agent, KEYPAD, entry=entry)
        except RuntimeError:  # the session closed meanwhile, so that nothing can be said
            self._watch.failed(Component.KEYPAD)

    def _timed_out(self) -> None:
        self._forget_if_moved()
        if self._typed.keys:
            self._go_on(over=True)

    def _forget_if_moved(self) -> None:
        if self._typed.keys and self._typed.agent is not self._speaker():
            self._lost = self._clock()
            self._forget()

    def _forget(self) -> None:
        """Keep nothing of what was typed, and hear the caller again."""
        self._typed = _Typed()
        if self._timer is not None:
            self._timer.cancel()
        if self._deafened:
            self._deafened = False
            self._session.input.set_audio_enabled(True)

    def _speaker(self) -> StateAgent | None:
        try:
            agent = self._session.current_agent
        except RuntimeError:  # the session has not started
            return None
        return agent if isinstance(agent, StateAgent) else None
