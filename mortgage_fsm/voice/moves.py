"""What the moves of one turn come to, as far as it is told to the caller."""

from __future__ import annotations

from collections.abc import Iterable

from mortgage_fsm.machine import Moved, State, Trigger


def took_value(moves: Iterable[Moved]) -> bool:
    """Whether a fact of a payment was taken, or another one in its place."""
    return any(
        getattr(each.before, field) != getattr(each.after, field) and getattr(each.after, field) is not None
        for each in moves
        for field in ("loan", "amount", "method")
    )


def drops_the_amount(moved: Moved) -> bool:
    """Whether an amount that was given before it could be checked turns out to be one that is not taken."""
    checks = moved.trigger in {Trigger.PAYMENT_REQUESTED, Trigger.IDENTITY_OFFERED}
    return (
        checks and moved.before.amount is not None and moved.after.amount is None and moved.after.state is State.AMOUNT
    )


def goes_back(origin: State, to: State) -> bool:
    """Whether a payment goes from one state to an earlier one."""
    order = list(State)
    return order.index(to) < order.index(origin)
