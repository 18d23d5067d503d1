"""The fold: which triggers one caller turn may fire, and in which order. Pure; each is still decided on its own.

A caller says several things in one breath. The trigger that was chosen for the turn and every fact heard in the same
words are fired one after another: first what is only noted where the call stands, then the state's own trigger; where
the state moved, again with what is left. Words are used once.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from mortgage_fsm.heard import Heard, Intent, Slot
from mortgage_fsm.machine.call import Call
from mortgage_fsm.machine.states import State, Trigger
from mortgage_fsm.machine.table import TRIGGERS_IN

EXPECTS: dict[State, Slot] = {
    State.COLLECTING_LOAN: Slot.LOAN,
    State.VERIFYING: Slot.LAST_FOUR,
    State.AMOUNT: Slot.AMOUNT,
    State.METHOD: Slot.METHOD,
    State.CONFIRMING: Slot.ASSENT,
}
"""What each state waits for: it settles what a bare number means."""

OWN: dict[State, Trigger] = {
    State.COLLECTING_LOAN: Trigger.LOAN_OFFERED,
    State.VERIFYING: Trigger.IDENTITY_OFFERED,
    State.AMOUNT: Trigger.AMOUNT_OFFERED,
    State.METHOD: Trigger.METHOD_OFFERED,
}
"""The trigger that leads on from a state: fired after what is only noted there."""

ORDER: tuple[Trigger, ...] = (
    Trigger.LOAN_CHANGE_ASKED,
    Trigger.AMOUNT_CHANGE_ASKED,
    Trigger.METHOD_CHANGE_ASKED,
    Trigger.LOAN_OFFERED,
    Trigger.AMOUNT_OFFERED,
    Trigger.METHOD_OFFERED,
    Trigger.LOAN_FACT_ASKED,
    Trigger.PAYMENT_REQUESTED,
    Trigger.IDENTITY_OFFERED,
)
"""What folds, in the order of firing. Everything else is fired alone: a yes counts only when nothing else was said."""

VALUES: frozenset[Trigger] = frozenset(
    {Trigger.LOAN_OFFERED, Trigger.IDENTITY_OFFERED, Trigger.AMOUNT_OFFERED, Trigger.METHOD_OFFERED}
)

ASKED_OF_THE_WORDS: dict[Trigger, str] = {
    Trigger.LOAN_OFFERED: "loan",
    Trigger.IDENTITY_OFFERED: "last_four",
    Trigger.AMOUNT_OFFERED: "amount",
    Trigger.METHOD_OFFERED: "method",
    Trigger.LOAN_FACT_ASKED: "loan_fact",
}
"""Triggers that claim a value, and the field of Heard in which it must stand."""

_WITHOUT_VALUE: dict[Trigger, tuple[Intent, Trigger]] = {
    Trigger.LOAN_CHANGE_ASKED: (Intent.CHANGE_LOAN, Trigger.LOAN_OFFERED),
    Trigger.AMOUNT_CHANGE_ASKED: (Intent.CHANGE_AMOUNT, Trigger.AMOUNT_OFFERED),
    Trigger.METHOD_CHANGE_ASKED: (Intent.CHANGE_METHOD, Trigger.METHOD_OFFERED),
}


CORRECTIONS: frozenset[Trigger] = VALUES | frozenset(_WITHOUT_VALUE)
"""What takes a paused payment up again, and what a "no" to a read-back brings with it."""


def expects(call: Call) -> Slot | None:
    """What a bare number would mean here. While a payment is paused in advising: what it is to go on with."""
    if call.state is not State.ADVISING or not call.paying or call.locked:
        return EXPECTS.get(call.state)
    if call.loan is None:
        return Slot.LOAN
    if call.identity is None or call.identity.expired:
        return Slot.LAST_FOUR
    return Slot.AMOUNT if call.amount is None else Slot.METHOD if call.method is None else None


def agrees(trigger: Trigger, heard: Heard) -> bool:
    """Whether the caller's own words bear the trigger out. Whoever picked it, without this it is not fired.

    A yes beside a value, or beside the wish to change one, is no yes to what was read back.
    """
    if trigger is Trigger.PAYMENT_CONFIRMED:
        return heard.assent is True and spoken_triggers(heard).isdisjoint(CORRECTIONS)
    if trigger is Trigger.READ_BACK_REJECTED:
        return heard.assent is not True
    claimed = ASKED_OF_THE_WORDS.get(trigger)
    return claimed is None or getattr(heard, claimed) is not None


def spoken_triggers(heard: Heard) -> set[Trigger]:
    """Every folding trigger that the words alone bear out."""
    found = {trigger for trigger, field in ASKED_OF_THE_WORDS.items() if getattr(heard, field) is not None}
    if Intent.PAY in heard.intents:
        found.add(Trigger.PAYMENT_REQUESTED)
    found |= {change for change, (intent, _) in _WITHOUT_VALUE.items() if intent in heard.intents}
    return found


def _superseded(found: AbstractSet[Trigger]) -> set[Trigger]:
    """Changes whose new value was said with them."""
    return {change for change, (_, value) in _WITHOUT_VALUE.items() if value in found}


def _corrections(call: Call, heard: Heard) -> frozenset[Trigger]:
    found = spoken_triggers(heard) & CORRECTIONS & set(TRIGGERS_IN[call.state])
    return frozenset(found - _superseded(found))


def fold(call: Call, chosen: Trigger, heard: Heard) -> frozenset[Trigger]:
    """All that this turn may fire: the trigger chosen, and, where that one folds, what else was heard."""
    if chosen is Trigger.READ_BACK_REJECTED:
        # "No, make it nine hundred": the correction is the answer; asking what to change would be asking again.
        return _corrections(call, heard) or frozenset({chosen})
    if chosen not in ORDER:
        return frozenset({chosen})
    found = spoken_triggers(heard) | {chosen}
    found -= _superseded(found)
    if call.state is State.ADVISING and found & CORRECTIONS:
        # A fact given or changed while something is paused takes it up again.
        if call.paying:
            found.add(Trigger.PAYMENT_REQUESTED)
        elif call.loan_fact is not None:
            found.add(Trigger.LOAN_FACT_ASKED)
    return frozenset(found)


def following(call: Call, left: frozenset[Trigger]) -> Trigger | None:
    """The next trigger of the fold where the call now stands; None when nothing of it has a row there."""
    here = [trigger for trigger in ORDER if trigger in left and trigger in TRIGGERS_IN[call.state]]
    own = OWN.get(call.state)
    notes = [trigger for trigger in here if trigger is not own]
    return next(iter(notes or here), None)
