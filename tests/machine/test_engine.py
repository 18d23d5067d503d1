import subprocess
import sys

import pytest

from mortgage_fsm.machine import NO_ROW, TABLE, Call, Finding, Moved, Refused, State, Trigger, decide
from tests.machine.conftest import Explored
from tests.machine.conversation import LOAN, in_flight, read_back

PAIRS = {(row.state, row.when) for row in TABLE}
WITHOUT_ROW = [(state, trigger) for state in State for trigger in Trigger if (state, trigger) not in PAIRS]


@pytest.mark.slow
def test_the_engine_decides_as_the_rows_read_in_order_do(explored: Explored) -> None:
    assert explored.differing == []


@pytest.mark.parametrize(("state", "trigger"), WITHOUT_ROW, ids=str)
def test_a_trigger_without_a_row_changes_nothing(state: State, trigger: Trigger) -> None:
    call = Call(state=state, loan=LOAN)
    decision = decide(call, trigger, Finding(loan=LOAN, amount=50_000, last_four_heard=True, yes=True))
    assert isinstance(decision, Refused)
    assert decision.reason == NO_ROW
    assert decision.after is call
    assert decision.guards == {}


def test_a_refusal_names_the_first_failed_guard_of_the_last_row_and_changes_nothing() -> None:
    call = Call()
    decision = decide(call, Trigger.LOAN_OFFERED, Finding())
    assert isinstance(decision, Refused)
    assert decision.reason == "loan_is_heard"
    assert decision.guards == {"call_is_open": True, "loan_is_heard": False}
    assert decision.after is call


def test_a_move_bears_its_row_its_guards_and_the_call_before_and_after() -> None:
    call, finding = Call(), Finding(loan=LOAN)
    decision = decide(call, Trigger.LOAN_OFFERED, finding)
    assert isinstance(decision, Moved)
    assert (decision.before, decision.finding) == (call, finding)
    assert decision.after.loan == LOAN
    assert TABLE[decision.row].when is Trigger.LOAN_OFFERED
    assert decision.guards == {"call_is_open": True, "loan_is_heard": True}


def test_the_engine_remembers_nothing_between_two_calls() -> None:
    talk, other = read_back(), in_flight()
    before = talk.call
    for trigger in Trigger:
        decide(other.call, trigger, Finding())
    assert talk.call is before
    talk.says_yes()
    assert talk.sent() == 1


def test_importing_the_machine_loads_neither_livekit_nor_sqlalchemy() -> None:
    program = (
        "import sys, mortgage_fsm.machine, mortgage_fsm.machine.turn, mortgage_fsm.machine.diagram;"
        "print([name for name in ('livekit', 'sqlalchemy', 'structlog', 'moss') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
