"""The gate: what must hold of a decision whatever went wrong before it, on calls that nothing can reach.

Such calls are made by exchanging one or two facts of reachable ones. Which, is counted out and not drawn by lot: the
proof of a table is the same each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine.call import Call, Facts, Finish, Identity, ReadBack, Submission, Transfer
from mortgage_fsm.machine.proof.claims import Move
from mortgage_fsm.machine.proof.exploration import (
    END_AT,
    END_TURN,
    ENOUGH,
    LOANS,
    TOO_MUCH,
    Decide,
    moves,
)
from mortgage_fsm.machine.states import State, Trigger

_SPOKEN = Facts(LOANS[0], ENOUGH, Method.BANK_TRANSFER)
_ENROLS = Facts(LOANS[0], ENOUGH, Method.AUTOPAY)
_ENDED = Finish(END_TURN, END_AT)
_EXCHANGED: dict[str, tuple[Any, ...]] = {
    "loan": (*LOANS, None),
    "identity": (None, *(Identity(loan, END_AT, expired) for loan in LOANS for expired in (False, True))),
    "amount": (ENOUGH, TOO_MUCH, Wish.AMOUNT_DUE, None),
    "method": (*Method, None),
    "paying": (True, False),
    "agreed": (0, 1),
    "loan_fact": (LoanFact.DUE_DATE, None),
    "read_back": (
        None,
        ReadBack(1, _SPOKEN),
        ReadBack(1, _SPOKEN, finish=_ENDED),
        ReadBack(1, _ENROLS, finish=_ENDED),
        ReadBack(1, _SPOKEN, repeat_announced=True, finish=_ENDED),
        ReadBack(1, _SPOKEN, finish=_ENDED, statement=1),
        ReadBack(1, _SPOKEN._replace(loan=LOANS[1]), finish=_ENDED),
    ),
    "in_flight": (None, Submission(1, _SPOKEN), Submission(1, _ENROLS)),
    "outstanding": (frozenset(), frozenset(LOANS[:1]), frozenset(LOANS)),
    "confirmation": (None, "1"),
    "locked": (False, True),
    "transfer": (None, *Transfer),
    "ended": (False, True),
}

_ONE = [{name: value} for name, values in _EXCHANGED.items() for value in values]
_TWO = [one | other for one, other in combinations(_ONE, 2) if one.keys() != other.keys()]
EXCHANGES: tuple[dict[str, Any], ...] = (*_ONE, *_TWO)

_STRIDE = 7_919
"""A prime that divides neither the number of exchanges nor that of calls: every pair of the two comes, far apart."""


def strange(calls: Iterable[Call], how_many: int) -> list[Call]:
    """At most so many calls like these, with one or two facts exchanged. The same for the same calls."""
    like = sorted(calls, key=repr)
    made: dict[Call, None] = {}
    for number in range(how_many):
        at = number * _STRIDE
        call = like[at % len(like)]._replace(**EXCHANGES[(at // len(like) + number) % len(EXCHANGES)])
        # Something in flight outside confirming is no call: no trigger there asks for it.
        if call.in_flight is None or call.state is State.CONFIRMING:
            made[call] = None
    return list(made)


def gate_moves(decide: Decide, calls: Sequence[Call]) -> Iterator[Move]:
    """Every decision on every trigger."""
    return (move for call in calls for trigger in Trigger for move in moves(decide, call, trigger))
