"""A call as plain values and back again, for whoever keeps one: every fact of it, but for the limits it is held by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine.call import Call, Facts, Finish, Identity, Policy, ReadBack, Submission, Transfer
from mortgage_fsm.machine.states import State

FORM = 1
"""Version of these values: what was kept in another form is not read."""

_AS_THEY_ARE = ("loan", "paying", "agreed", "read_backs", "confirmation", "locked", "ended")


def as_plain(call: Call) -> dict[str, Any]:
    """All facts of a call but its policy, in what JSON knows. It holds the loan number: never for a log."""
    plain: dict[str, Any] = {name: getattr(call, name) for name in _AS_THEY_ARE}
    return plain | {
        "state": str(call.state),
        "identity": call.identity and call.identity._asdict(),
        "amount": _plain_amount(call.amount),
        "method": call.method and str(call.method),
        "loan_fact": call.loan_fact and str(call.loan_fact),
        "read_back": call.read_back and _plain_sent(call.read_back),
        "in_flight": call.in_flight and _plain_sent(call.in_flight),
        "outstanding": sorted(call.outstanding),
        "transfer": call.transfer and str(call.transfer),
    }


def from_plain(plain: Mapping[str, Any], policy: Policy) -> Call:
    """The call again, held by these limits.

    Raises:
        KeyError, TypeError, ValueError: these values are of another form.
    """
    identity, read_back, in_flight = plain["identity"], plain["read_back"], plain["in_flight"]
    return Call(
        **{name: plain[name] for name in _AS_THEY_ARE},
        state=State(plain["state"]),
        policy=policy,
        identity=Identity(**identity) if identity is not None else None,
        amount=_amount(plain["amount"]),
        method=Method(plain["method"]) if plain["method"] else None,
        loan_fact=LoanFact(plain["loan_fact"]) if plain["loan_fact"] else None,
        read_back=_read_back(read_back) if read_back is not None else None,
        in_flight=None if in_flight is None else Submission(in_flight["number"], _facts(in_flight["facts"])),
        outstanding=frozenset(plain["outstanding"]),
        transfer=Transfer(plain["transfer"]) if plain["transfer"] else None,
    )


def _plain_amount(amount: int | Wish | None) -> int | str | None:
    return str(amount) if isinstance(amount, Wish) else amount


def _plain_sent(each: ReadBack | Submission) -> dict[str, Any]:
    facts = {"loan": each.facts.loan, "amount": _plain_amount(each.facts.amount), "method": str(each.facts.method)}
    plain = each._asdict() | {"facts": facts}
    if isinstance(each, ReadBack):
        plain["finish"] = each.finish and each.finish._asdict()
    return plain


def _amount(plain: int | str | None) -> int | Wish | None:
    return Wish(plain) if isinstance(plain, str) else plain


def _facts(plain: Mapping[str, Any]) -> Facts:
    amount = _amount(plain["amount"])
    if amount is None:
        raise ValueError("what is read back has an amount")
    return Facts(plain["loan"], amount, Method(plain["method"]))


def _read_back(plain: Mapping[str, Any]) -> ReadBack:
    finish = plain["finish"]
    return ReadBack(**{**plain, "facts": _facts(plain["facts"]), "finish": Finish(**finish) if finish else None})
