"""A caller who goes on speaking cuts off the answer to what was just said: the two turns may be one thing to say.

LiveKit keeps both turns and answers the second alone; what the first one said would be asked for again. So they are heard
together ("my bank account" - "please", "my bank account" - "make it nine hundred"), if every word of both is then
understood and they say the values that each says by itself: none is lost, and none made of the two ("one thousand" -
"two hundred"). Only plain values are taken on. What holds an answer or a wish is heard alone, and what is heard together
is never a yes: one that follows a change is no yes to what was read back before it.
"""

from __future__ import annotations

from collections import Counter

from mortgage_fsm.heard import Heard, Intent
from mortgage_fsm.machine import Call, Trigger
from mortgage_fsm.voice import rules

_POLITE = frozenset({Intent.THANKS, Intent.GREETING})
_BESIDE_VALUES = _POLITE | {Intent.PAY}
_VALUES = ("loan", "last_four", "amount", "method")


def may_go_on(call: Call, before: Heard, heard: Heard, offered: Trigger | None) -> bool:
    """Whether a turn may belong to the one before it, which was not answered.

    `offered` is what a yes accepts where the last thing said to the caller was an offer.
    """
    means_something = rules.chosen(call, heard, offered) not in {None, Trigger.PAYMENT_CONFIRMED}
    answers = heard.assent is False or (heard.assent is True and means_something)
    return _are_values(before) and _hold_no_wish(heard) and heard.piece is None and not answers


def say_both(before: Heard, heard: Heard, together: Heard) -> bool:
    """Whether two turns that are heard together say what each says by itself, and nothing else."""
    return (
        _are_values(together)
        and (before.intents | heard.intents) - _POLITE == together.intents - _POLITE
        and _values(before, heard) == _values(together)
    )


def _hold_no_wish(heard: Heard) -> bool:
    return heard.loan_fact is None and heard.reason is None and heard.intents <= _BESIDE_VALUES


def _are_values(heard: Heard) -> bool:
    """Whether every word is part of a value, or says that it is to be paid."""
    return heard.complete and heard.assent is None and heard.piece is None and _hold_no_wish(heard)


def _values(*turns: Heard) -> Counter[tuple[str, object]]:
    """The values that turns say, and in how many of them."""
    said = ((name, getattr(turn, name)) for turn in turns for name in _VALUES)
    return Counter((name, value) for name, value in said if value is not None)
