"""The published contract of both ports: run it against your own adapter; it returns every promise that was broken.

    problems = await check_gateway(MyGateway, request)
    problems = await check_directory(MyDirectory, DirectoryCase(...))

Use a sandbox: `check_gateway` makes real submissions, each of the amount of the request it is given.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, LoanDirectory, PaymentGateway, PaymentRequest
from mortgage_fsm.ledger.times import utc_now

_AT_ONCE = 8

Check = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class DirectoryCase:
    """A loan that the directory knows, and a number that it does not."""

    loan: str = field(repr=False)
    last_four: str = field(repr=False)
    unknown_loan: str = field(repr=False)


async def check_directory(directory: LoanDirectory, case: DirectoryCase) -> list[str]:
    """Everything in which this directory breaks the port's promises; empty when it keeps them."""
    checks = _DirectoryChecks(directory, case)
    return await _broken(
        {
            "find returns the loan of that number, in integer cents, with instruments to be read aloud": checks.finds,
            "find returns None for a number that is not a loan's": checks.finds_no_unknown,
            "find returns None, and does not raise, for text that is no loan number": checks.finds_nothing_odd,
            "find answers the same when asked again": checks.finds_the_same_again,
            "identity_matches is True for the right last four": checks.takes_the_right_one,
            "identity_matches is False, and does not raise, for any other text": checks.refuses_wrong_ones,
            "identity_matches is False, and does not raise, for an unknown loan": checks.refuses_unknown_loans,
        }
    )


class _DirectoryChecks:
    def __init__(self, directory: LoanDirectory, case: DirectoryCase) -> None:
        self._find = directory.find
        self._matches = directory.identity_matches
        self._case = case

    async def finds(self) -> bool:
        return _is_well_formed(await self._find(self._case.loan), self._case.loan)

    async def finds_no_unknown(self) -> bool:
        return await self._find(self._case.unknown_loan) is None

    async def finds_nothing_odd(self) -> bool:
        return all([await self._find(each) is None for each in ("", "%", "' OR 1=1 --", "0" * 64)])

    async def finds_the_same_again(self) -> bool:
        return await self._find(self._case.loan) == await self._find(self._case.loan)

    async def takes_the_right_one(self) -> bool:
        return await self._matches(self._case.loan, self._case.last_four) is True

    async def refuses_wrong_ones(self) -> bool:
        right = self._case.last_four
        next_one = f"{(int(right) + 1) % 10_000:04d}"
        offered = (next_one, "", "0", right + "0", " " + right, "xxxx", "%", "\N{ARABIC-INDIC DIGIT FOUR}" * 4)
        return not any([await self._matches(self._case.loan, each) for each in offered])

    async def refuses_unknown_loans(self) -> bool:
        offered = (self._case.unknown_loan, "", "%", "' OR 1=1 --", self._case.loan + "0")
        return not any([await self._matches(each, self._case.last_four) for each in offered])


async def check_gateway(make: Callable[[], PaymentGateway], request: PaymentRequest) -> list[str]:
    """Everything in which this gateway breaks the port's promises; empty when it keeps them.

    Args:
        make: called several times, as by several processes; all it makes must share their books.
        request: a payment that the gateway accepts. Its key and time limit are replaced.
    """
    checks = _GatewayChecks(make, request)
    return await _broken(
        {
            "submit accepts the payment given as acceptable": checks.accepts,
            "submit gives the same answer when one key is sent twice": checks.answers_the_same_again,
            "submit has one effect when one key is sent several times at once": checks.has_one_effect,
            "submit gives another confirmation number under another key": checks.gives_new_numbers,
            "submit raises when a key is sent with another amount, and keeps the first answer": checks.binds_its_key,
            "submit declines what is sent after its time limit": checks.refuses_what_is_late,
            "look_up returns what submit returned": checks.looks_up,
            "look_up returns None for a key that was never sent, and sends nothing": checks.knows_nothing_unsent,
            "absent_after is a time, not negative": checks.says_when_absent,
        }
    )


class _GatewayChecks:
    def __init__(self, make: Callable[[], PaymentGateway], request: PaymentRequest) -> None:
        self._make = make
        self._request = request

    def _fresh(self, seconds: int = 300) -> PaymentRequest:
        not_after = utc_now() + timedelta(seconds=seconds)
        return replace(self._request, key=f"contract_{secrets.token_hex(16)}", not_after=not_after)

    async def accepts(self) -> bool:
        return isinstance(await self._make().submit(self._fresh()), Accepted)

    async def answers_the_same_again(self) -> bool:
        one = self._fresh()
        return await self._make().submit(one) == await self._make().submit(one)

    async def has_one_effect(self) -> bool:
        one = self._fresh()
        answers = await asyncio.gather(*(self._make().submit(one) for _ in range(_AT_ONCE)), return_exceptions=True)
        # A gateway may refuse to be asked twice at the same time; it must not answer in two ways.
        given = {each for each in answers if isinstance(each, Accepted)}
        return len(given) == 1 and await self._make().look_up(one.key) in given

    async def gives_new_numbers(self) -> bool:
        return await self._make().submit(self._fresh()) != await self._make().submit(self._fresh())

    async def binds_its_key(self) -> bool:
        one = self._fresh()
        first = await self._make().submit(one)
        try:
            await self._make().submit(replace(one, cents=one.cents + 1))
        except Exception:  # noqa: BLE001 - whichever error the adapter has for it
            return await self._make().look_up(one.key) == first
        return False

    async def refuses_what_is_late(self) -> bool:
        return isinstance(await self._make().submit(self._fresh(seconds=-1)), Declined)

    async def looks_up(self) -> bool:
        one = self._fresh()
        return await self._make().submit(one) == await self._make().look_up(one.key)

    async def knows_nothing_unsent(self) -> bool:
        one = self._fresh()
        return [await self._make().look_up(one.key) for _ in range(2)] == [None, None]

    async def says_when_absent(self) -> bool:
        return isinstance(self._make().absent_after, timedelta) and self._make().absent_after >= timedelta(0)


async def _broken(checks: dict[str, Check]) -> list[str]:
    problems = []
    for promise, check in checks.items():
        try:
            if not await check():
                problems.append(promise)
        except Exception as error:  # noqa: BLE001 - reported by its type: its text may quote what was asked
            problems.append(f"{promise} ({type(error).__name__} raised)")
    return problems


def _is_well_formed(loan: Loan | None, number: str) -> bool:
    if loan is None or loan.number != number or type(loan.due_date) is not date:
        return False
    amounts = [loan.amount_due, loan.payoff] + ([] if loan.last_payment is None else [loan.last_payment])
    on_file = loan.instruments
    return (
        all(type(cents) is int and cents >= 0 for cents in amounts)
        and (loan.last_payment is None) == (loan.last_payment_date is None)
        and isinstance(on_file, tuple)
        and all(each.method is not Method.AUTOPAY and each.token and each.description.isascii() for each in on_file)
    )
