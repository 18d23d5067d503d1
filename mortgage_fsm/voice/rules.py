"""Which trigger a turn's plain words choose, with no model asked. Pure: words in, one trigger or None out.

Two strengths. `chosen` needs every word of the turn accounted for. `fallback` is for when there is no model, or none that
answered: what is certain counts even beside words that are not understood. A yes is never taken that way.
"""

from __future__ import annotations

from mortgage_fsm.heard import Heard, Intent
from mortgage_fsm.machine import Call, State, Trigger
from mortgage_fsm.machine.turn import OWN, fold, following, spoken_triggers

AT_ONCE: tuple[tuple[Intent, Trigger], ...] = (
    (Intent.HUMAN, Trigger.HUMAN_ASKED),
    (Intent.CANCEL, Trigger.PAYMENT_CANCELLED),
    (Intent.REPEAT, Trigger.REPEAT_ASKED),
)
"""Intents that come before any value said beside them."""

REMARKS: tuple[Intent, ...] = (
    Intent.NOT_OFFERED,
    Intent.NO_LOAN_NUMBER,
    Intent.WHO,
    Intent.GOODBYE,
    Intent.THANKS,
    Intent.GREETING,
)
"""Intents that move nothing and are answered with a sentence, in the order in which they count."""


def remark(heard: Heard) -> Intent | None:
    """What is answered with a sentence when no trigger was chosen."""
    return next((intent for intent in REMARKS if intent in heard.intents), None)


def chosen(call: Call, heard: Heard, offered: Trigger | None = None) -> Trigger | None:
    """The trigger that a turn's words choose by themselves, or None when a model has to be asked.

    `offered` is what a yes accepts where the last thing said to the caller was an offer.
    """
    if Intent.HUMAN in heard.intents:
        return Trigger.HUMAN_ASKED
    if not heard.complete:
        return None
    for intent, trigger in AT_ONCE:
        if intent in heard.intents:
            return trigger
    if Intent.NOT_OFFERED in heard.intents:
        return None  # said, not dropped: nothing of a wish that we cannot meet is begun
    value = _value(call, heard)
    if heard.assent is not None and (value is None or call.state is State.CONFIRMING):
        return _answer(call, offered, yes=heard.assent)
    if value is not None:
        return value
    if Intent.ADVISOR in heard.intents:
        return Trigger.ADVISOR_ASKED
    return None


def fallback(call: Call, heard: Heard) -> Trigger | None:
    """The trigger that the certain part of a turn's words chooses; None: nothing was understood."""
    for intent, trigger in AT_ONCE:
        if intent in heard.intents:
            return trigger
    if Intent.QUESTION in heard.intents:
        return Trigger.QUESTION_ASKED
    return None if Intent.NOT_OFFERED in heard.intents else _value(call, heard)


GO_ON = "go_on"
"""The remark that answers a piece of a number."""
PARTING = "parting"
"""The remark after which the call ends: the caller said goodbye and nothing else, or wants nothing else."""


def is_remark(heard: Heard) -> bool:
    """Whether the whole turn is one that only a sentence answers, so that no model is needed."""
    if heard.piece is not None:
        return True
    return remark(heard) is not None and (heard.complete or Intent.NOT_OFFERED in heard.intents)


def reply_to(call: Call, heard: Heard, *, offered: bool) -> str | None:
    """The remark that answers a turn which chose no trigger; None: it was not understood."""
    said = GO_ON if heard.piece is not None else remark(heard)
    if said is Intent.GOODBYE and heard.complete:
        return PARTING if call.in_flight is None else None
    if said is not None:
        return str(said)
    if heard.complete and heard.assent is None and spoken_triggers(heard):
        return "listening"  # understood, and of no use where the call stands
    if heard.assent is None or not heard.complete:
        return None
    if call.state is State.VERIFYING and heard.assent:
        return "loan_confirmed"
    if offered and not heard.assent:
        return "declined_offer"
    if call.state not in {State.ADVISING, State.SUBMITTED}:
        return None
    return "go_ahead" if heard.assent else PARTING


def _answer(call: Call, offered: Trigger | None, *, yes: bool) -> Trigger | None:
    """What a clear yes or no says: to the read-back, or to what was offered last."""
    if call.state is State.CONFIRMING and offered is not None:
        return offered if yes else Trigger.PAYMENT_CANCELLED  # offered instead of what cannot be done
    if call.state is State.CONFIRMING:
        return Trigger.PAYMENT_CONFIRMED if yes else Trigger.READ_BACK_REJECTED
    if call.state is State.VERIFYING and not yes:
        return Trigger.LOAN_CHANGE_ASKED  # no to the loan number that was just repeated
    return offered if yes else None


def _value(call: Call, heard: Heard) -> Trigger | None:
    """The first trigger of the fold that the words bear out where the call stands."""
    spoken = spoken_triggers(heard)
    if not spoken:
        return None
    own = OWN.get(call.state)
    if own in spoken:
        return own
    first = min(spoken)
    return following(call, fold(call, first, heard))
