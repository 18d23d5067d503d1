from dataclasses import replace

import pytest

from mortgage_fsm.machine import TABLE, TABLE_HASH, TRIGGERS_IN, Effect, State, Trigger, changes, guards
from mortgage_fsm.machine.table import ALSO_ON_A_CLOSED_CALL, SECTIONS, hash_of

# One figure per state, in their order: advising, collecting_loan, verifying, amount, method, confirming, submitted.
ROWS: dict[Trigger, str] = {
    Trigger.QUESTION_ASKED: "1 1 1 1 1 1 1",
    Trigger.ADVISOR_ASKED: "1 1 1 1 1 1 1",
    Trigger.LOAN_FACT_ASKED: "4 1 1 2 2 2 3",
    Trigger.PAYMENT_REQUESTED: "6 1 1 0 0 0 5",
    Trigger.PAYMENT_CANCELLED: "1 1 1 1 1 1 1",
    Trigger.LOAN_OFFERED: "1 1 1 2 2 2 1",
    Trigger.IDENTITY_OFFERED: "0 0 8 0 0 0 0",
    Trigger.AMOUNT_OFFERED: "1 1 1 2 2 3 1",
    Trigger.METHOD_OFFERED: "1 1 1 1 1 2 1",
    Trigger.LOAN_CHANGE_ASKED: "1 1 1 1 1 1 1",
    Trigger.AMOUNT_CHANGE_ASKED: "1 1 1 1 1 1 1",
    Trigger.METHOD_CHANGE_ASKED: "1 1 1 1 1 1 1",
    Trigger.READ_BACK_FINISHED: "0 0 0 0 0 1 0",
    Trigger.READ_BACK_INTERRUPTED: "0 0 0 0 0 1 0",
    Trigger.READ_BACK_REJECTED: "0 0 0 0 0 2 0",
    Trigger.PAYMENT_CONFIRMED: "0 0 0 0 0 4 0",
    Trigger.REPEAT_ASKED: "1 1 1 1 1 1 1",
    Trigger.PAYMENT_ACCEPTED: "0 0 0 0 0 1 0",
    Trigger.PAYMENT_DECLINED: "0 0 0 0 0 2 0",
    Trigger.PAYMENT_UNRESOLVED: "0 0 0 0 0 1 0",
    Trigger.PAYMENT_RESOLVED: "1 1 1 1 1 1 1",
    Trigger.ENROLMENT_RECORDED: "0 0 0 0 0 1 0",
    Trigger.HUMAN_ASKED: "1 1 1 1 1 2 1",
    Trigger.TRANSFER_FAILED: "1 1 1 1 1 2 1",
    Trigger.IDLE_LIMIT_REACHED: "1 0 0 1 1 1 1",
    Trigger.CALL_HUNG_UP: "1 1 1 1 1 2 1",
    Trigger.CALL_RESUMED: "1 1 1 1 1 1 1",
    Trigger.RECORD_FAILED: "1 1 1 1 1 1 1",
}
"""How many rows each pair of state and trigger has. A row that is lost or won must be meant."""


@pytest.mark.parametrize("trigger", Trigger)
def test_every_state_has_exactly_the_rows_that_are_meant(trigger: Trigger) -> None:
    found = (sum(row.state is state and row.when is trigger for row in TABLE) for state in State)
    assert " ".join(map(str, found)) == ROWS[trigger]


def test_no_two_rows_of_a_cell_are_alike() -> None:
    cells = [(row.state, row.when, row.only_if) for row in TABLE]
    assert len(set(cells)) == len(cells)


def test_every_row_asks_first_whether_the_call_is_open_but_those_that_end_or_answer_it() -> None:
    first = {row.when: row.only_if[:1] == (guards.call_is_open,) for row in TABLE}
    assert {trigger for trigger, asks in first.items() if not asks} == ALSO_ON_A_CLOSED_CALL


def test_every_effect_is_the_effect_of_some_row() -> None:
    assert {effect for row in TABLE for effect in row.then} == set(Effect)


def test_the_triggers_of_a_state_are_those_that_have_a_row_there() -> None:
    for state in State:
        assert set(TRIGGERS_IN[state]) == {row.when for row in TABLE if row.state is state}


def test_every_line_of_the_table_is_in_a_section() -> None:
    assert sum(len(line.states) for _, lines in SECTIONS for line in lines) == len(TABLE)


def test_the_hash_is_that_of_the_table_that_runs() -> None:
    assert hash_of(TABLE) == TABLE_HASH


@pytest.mark.parametrize("number", range(len(TABLE)))
def test_the_hash_changes_with_every_row(number: int) -> None:
    row = TABLE[number]
    others = (
        replace(row, to=State.ADVISING if row.to is not State.ADVISING else State.AMOUNT),
        replace(row, only_if=(*row.only_if, guards.loan_is_heard)),
        replace(row, then=(*row.then, Effect.CLOSE)),
        replace(row, facts=(*row.facts, changes.ended_set)),
    )
    for other in others:
        assert hash_of((*TABLE[:number], other, *TABLE[number + 1 :])) != TABLE_HASH
    assert hash_of((*TABLE[:number], *TABLE[number + 1 :])) != TABLE_HASH
