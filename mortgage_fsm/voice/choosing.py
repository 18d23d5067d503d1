"""What a turn's plain words choose by themselves: asked by the listener, before and instead of a model."""

from __future__ import annotations

from collections.abc import Callable

from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.voice import rules
from mortgage_fsm.voice.recording import Recorder
from mortgage_fsm.voice.tools import NOT_UNDERSTOOD, tool_name
from mortgage_fsm.voice.turns import Turns


class Choosing:
    """The ears of one call. All but `refused` changes nothing.

    Args:
        call: the call as it stands.
        offered: what a yes accepts where the last thing said to the caller was an offer.
    """

    def __init__(
        self, call: Callable[[], Call], turns: Turns, offered: Callable[[], Trigger | None], recorder: Recorder
    ) -> None:
        self._call = call
        self._turns = turns
        self._offered = offered
        self._recorder = recorder

    def rule_for(self, message_id: str, words: str) -> str | None:
        """The tool that plain words choose by themselves; None: a model has to be asked."""
        heard = self._turns.heard(message_id, words)
        trigger = rules.chosen(self._call(), heard, self._offered())
        if trigger is not None:
            return tool_name(trigger)
        said = rules.is_remark(heard) or (heard.complete and heard.assent is not None)
        return NOT_UNDERSTOOD if said or self._is_answered(message_id) else None

    def fallback_for(self, message_id: str, words: str) -> str:
        """The tool that the certain part of the words chooses, where no model answers."""
        if not words.strip() or self._is_answered(message_id):
            return NOT_UNDERSTOOD
        trigger = rules.fallback(self._call(), self._turns.heard(message_id, words))
        if trigger is None and self._call().state is State.ADVISING:
            trigger = Trigger.QUESTION_ASKED
        return NOT_UNDERSTOOD if trigger is None else tool_name(trigger)

    def refused(self, reason: str) -> None:
        """A model named a tool that was dropped: recorded with the next decision."""
        self._recorder.edge_refusal(self._call(), None, reason, "model", self._turns.last)

    def _is_answered(self, message_id: str) -> bool:
        return self._turns.last.spent and self._turns.last.message_id == message_id
