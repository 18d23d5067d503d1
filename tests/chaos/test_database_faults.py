"""The database fails before, within and after each transaction of a payment: never paid twice, nothing untrue said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack

import pytest

from mortgage_fsm.ledger import postgresql, sqlite
from mortgage_fsm.ledger.gateway import EmbeddedGateway
from mortgage_fsm.ledger.intents import new_confirmation_number
from mortgage_fsm.ledger.ports import Accepted, Declined, PaymentRequest
from mortgage_fsm.machine import State
from tests.chaos.books import cents_of, fill, later_reconciler, ledger_at, settings_at, truth_of
from tests.chaos.calls import wanting_to_pay
from tests.chaos.faults import FAULTS, counted_waits, let_it_be_filled
from tests.chaos.points import INTENT, RESULT, Point, struck
from tests.stories.rehearsal import YES

SUBMITTED = "has been submitted"
NOTHING_PAID = "nothing was paid"
SHORT = 0.5
"""Seconds that the ledger waits for its database here, in place of the four and two and a half that a caller can wait."""


class Bank:
    """A gateway elsewhere, which goes on when the ledger's database does not."""

    absent_after = EmbeddedGateway.absent_after

    def __init__(self) -> None:
        self.answers: dict[str, Accepted] = {}
        self.made: set[tuple[str, str, int]] = set()

    async def submit(self, request: PaymentRequest) -> Accepted | Declined:
        if request.key not in self.answers:
            answer = self.answers[request.key] = Accepted(new_confirmation_number())
            self.made.add((request.key, answer.confirmation, request.cents))
        return self.answers[request.key]

    async def look_up(self, key: str) -> Accepted | Declined | None:
        return self.answers.get(key)


MOMENTS: Mapping[str, Point] = {
    **INTENT,
    "the gateway is asked": Point(Bank, "submit", after=False),
    "the gateway has paid": Point(Bank, "submit", after=True),
    **RESULT,
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_PRAGMAS", (*sqlite._PRAGMAS, "PRAGMA synchronous = OFF"))
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", SHORT)


def test_the_database_is_waited_for_less_than_five_seconds() -> None:
    assert sqlite.BUSY_SECONDS < 5
    assert postgresql.ANSWER_SECONDS + 2 < 5


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, faults in FAULTS.items() for name in faults])
async def test_whenever_the_database_fails_nothing_is_paid_twice_and_nothing_said_that_is_not_so(
    new_url_of: Callable[[str], str], kind: str, name: str, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, bank, told, longest = new_url_of(kind), Bank(), {}, 0
    await fill(url, len(MOMENTS))
    async with ledger_at(url, bank) as ledger:
        if not ledger.database.is_sqlite:
            await let_it_be_filled(ledger.database)
        for caller, (moment, point) in enumerate(MOMENTS.items()):
            call = await wanting_to_pay(settings_at(url), ledger, caller)
            assert call.call.read_back is not None, moment
            failing = AsyncExitStack()

            async def fail(failing: AsyncExitStack = failing) -> None:
                monkeypatch.setattr(postgresql, "ANSWER_SECONDS", SHORT)
                await failing.enter_async_context(FAULTS[kind][name](ledger.database))

            async with failing:
                with struck(point, fail), counted_waits() as waits:
                    said = await call.say(YES)
                paid = cents_of(caller) in {cents for _, _, cents in bank.made}
                assert said, moment
                # As none takes five seconds (above), the caller is told within five.
                assert len(waits) <= 1, (moment, waits)
                longest = max(longest, len(waits))
                assert (SUBMITTED in said) <= paid, moment
                assert (NOTHING_PAID in said) <= (not paid), moment
                assert (call.state is State.SUBMITTED) <= paid, moment
                told[moment] = said
            monkeypatch.undo()
            await call.phone.close()
            again = await wanting_to_pay(settings_at(url), ledger, caller)
            if "this would be a second one" not in " ".join(again.spoken):
                await again.say(YES)
            await again.phone.close()
        await later_reconciler(ledger).run()
        truth = await truth_of(ledger, bank.made)
    assert (truth.twice, truth.unknown, truth.invented, truth.under_way) == ([], 0, 0, 0)
    print(f"{kind} {name} at {len(told)} moments: told after waiting {longest} times for the database")
    assert any(SUBMITTED not in each for each in told.values()), "nothing failed: the test shows nothing"
