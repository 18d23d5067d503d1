"""A caller who goes on speaking cuts off the answer to what was just said: the two turns may be one thing to say.

LiveKit keeps both turns and answers the second alone. What the first one said would be asked for again, so the second is
heard together with it ("my checking account" - "please", "my bank account" - "make it nine hundred"). A yes, a no or a
wish of either turn never comes to mean more than by itself; a yes means less, where a change came before it.
"""

from __future__ import annotations

from mortgage_fsm.heard import Heard, Intent
from mortgage_fsm.machine import Call, Trigger
from mortgage_fsm.voice import rules

_POLITE = frozenset({Intent.THANKS, Intent.GREETING})
_BESIDE_VALUES = _POLITE | {Intent.PAY}
_VALUES = ("loan", "last_four", "amount", "method")


def goes_on(call: Call, before: Heard, heard: Heard, offered: Trigger | None) -> bool:
    """Whether words may be heard together with those before them, which were not answered.

    `offered` is what a yes accepts where the last thing said to the caller was an offer.
    """
    if not _are_values(before):
        return _add_nothing(call, heard, offered)
    return (
        _add_nothing(call, heard, offered)
        or rules.chosen(call, heard, offered) is Trigger.PAYMENT_CONFIRMED
        or (_are_values(heard) and not any(_both(before, heard, each) for each in _VALUES))
    )


def says_more(call: Call, heard: Heard, both: Heard) -> bool:
    """Whether two turns heard together choose something, with every value of the second among what they say."""
    kept = all(getattr(heard, each) in {None, getattr(both, each)} for each in _VALUES)
    return kept and (rules.chosen(call, both) or rules.fallback(call, both)) is not None


def _add_nothing(call: Call, heard: Heard, offered: Trigger | None) -> bool:
    """Whether words choose nothing where the call stands, not even for want of a model, and decline nothing."""
    return (
        rules.chosen(call, heard, offered) is None
        and rules.fallback(call, heard) is None
        and heard.assent is not False
        and heard.intents <= _POLITE
    )


def _are_values(heard: Heard) -> bool:
    """Whether every word is part of a value, or says that it is to be paid."""
    return heard.complete and heard.assent is None and heard.loan_fact is None and heard.intents <= _BESIDE_VALUES


def _both(before: Heard, heard: Heard, value: str) -> bool:
    return getattr(before, value) is not None and getattr(heard, value) is not None
