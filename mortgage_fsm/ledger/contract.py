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
from datetime import timedelta
from typing import TypeVar

from mortgage_fsm.ledger.ports import Accepted, Declined, Loan, LoanDirectory, PaymentGateway, PaymentRequest
from mortgage_fsm.ledger.their_code import TheirError, ask
from mortgage_fsm.ledger.times import utc_now

_AT_ONCE = 8

PATIENCE = timedelta(seconds=60)
"""For one answer, where no other limit is given."""

Check = Callable[[], Awaitable[bool]]
_Answer = TypeVar("_Answer")


class _NoAnswerError(Exception):
    """An adapter neither answered nor raised an error; says what it did."""


class _Asking:
    """Awaits an adapter's answers. One that blocks the event loop cannot be cut off from here."""

    def __init__(self, within: timedelta) -> None:
        self._within = within

    async def __call__(self, question: Callable[[], Awaitable[_Answer]]) -> _Answer:
        try:
            return await ask(self._within, question)
        except TimeoutError:
            raise _NoAnswerError(f"no answer within {self._within.total_seconds():g} seconds") from None
        except TheirError as error:
            if error.is_error:
                raise
            raise _NoAnswerError(f"{error.kind} raised") from None


@dataclass(frozen=True, slots=True)
class DirectoryCase:
    """A loan that the directory knows, and a number that it does not."""

    loan: str = field(repr=False)
    last_four: str = field(repr=False)
    unknown_loan: str = field(repr=False)


async def check_directory(directory: LoanDirectory, case: DirectoryCase, *, within: timedelta = PATIENCE) -> list[str]:
    """Everything in which this directory breaks the port's promises; empty when it keeps them.

    Args:
        directory: the one to be checked.
        case: what it is asked for.
        within: the longest that one answer may take.
    """
    checks = _DirectoryChecks(directory, case, _Asking(within))
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
    def __init__(self, directory: LoanDirectory, case: DirectoryCase, asking: _Asking) -> None:
        self._directory = directory
        self._case = case
        self._asking = asking

    async def _find(self, loan: str) -> Loan | None:
        return await self._asking(lambda: self._directory.find(loan))

    async def _matches(self, loan: str, last_four: str) -> bool:
        return await self._asking(lambda: self._directory.identity_matches(loan, last_four))

    async def finds(self) -> bool:
        found = await self._find(self._case.loan)
        return type(found) is Loan and found.number == self._case.loan  # a loan of another form cannot be made

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


async def check_gateway(
    make: Callable[[], PaymentGateway], request: PaymentRequest, *, within: timedelta = PATIENCE
) -> list[str]:
    """Everything in which this gateway breaks the port's promises; empty when it keeps them.

    Args:
        make: called several times, as by several processes; all it makes must share their books.
        request: a payment that the gateway accepts. Its key and time limit are replaced.
        within: the longest that one answer may take.
    """
    checks = _GatewayChecks(make, request, _Asking(within))
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
    def __init__(self, make: Callable[[], PaymentGateway], request: PaymentRequest, asking: _Asking) -> None:
        self._make = make
        self._request = request
        self._asking = asking

    async def _submit(self, request: PaymentRequest) -> Accepted | Declined:
        return await self._asking(lambda: self._make().submit(request))

    async def _look_up(self, key: str) -> Accepted | Declined | None:
        return await self._asking(lambda: self._make().look_up(key))

    def _fresh(self, seconds: int = 300) -> PaymentRequest:
        not_after = utc_now() + timedelta(seconds=seconds)
        return replace(self._request, key=f"contract_{secrets.token_hex(16)}", not_after=not_after)

    async def accepts(self) -> bool:
        return isinstance(await self._submit(self._fresh()), Accepted)

    async def answers_the_same_again(self) -> bool:
        one = self._fresh()
        return await self._submit(one) == await self._submit(one)

    async def has_one_effect(self) -> bool:
        one = self._fresh()
        answers = await asyncio.gather(*(self._submit(one) for _ in range(_AT_ONCE)), return_exceptions=True)
        # A gateway may refuse to be asked twice at the same time; it must not answer in two ways, or not at all.
        for each in answers:
            if isinstance(each, _NoAnswerError):
                raise each
        given = {each for each in answers if isinstance(each, Accepted)}
        return len(given) == 1 and await self._look_up(one.key) in given

    async def gives_new_numbers(self) -> bool:
        return await self._submit(self._fresh()) != await self._submit(self._fresh())

    async def binds_its_key(self) -> bool:
        one = self._fresh()
        first = await self._submit(one)
        try:
            await self._submit(replace(one, cents=one.cents + 1))
        except TheirError:
            return await self._look_up(one.key) == first
        return False

    async def refuses_what_is_late(self) -> bool:
        return isinstance(await self._submit(self._fresh(seconds=-1)), Declined)

    async def looks_up(self) -> bool:
        one = self._fresh()
        return await self._submit(one) == await self._look_up(one.key)

    async def knows_nothing_unsent(self) -> bool:
        one = self._fresh()
        return [await self._look_up(one.key) for _ in range(2)] == [None, None]

    async def says_when_absent(self) -> bool:
        return isinstance(self._make().absent_after, timedelta) and self._make().absent_after >= timedelta(0)


async def _broken(checks: dict[str, Check]) -> list[str]:
    problems = []
    for promise, check in checks.items():
        try:
            if not await check():
                problems.append(promise)
        except _NoAnswerError as error:
            problems.append(f"{promise} ({error})")
        except TheirError as error:
            problems.append(f"{promise} ({error.kind} raised)")
        except Exception as error:  # noqa: BLE001 - of what they answered; by its type: its text may quote it
            problems.append(f"{promise} ({type(error).__name__} raised)")
    return problems
