import inspect

import pytest

from mortgage_fsm.heard import LoanFact, Method, Wish
from mortgage_fsm.machine import TABLE, Call, Facts, Finding, State, Transfer, guards
from mortgage_fsm.machine.call import Finish, Identity, Policy, ReadBack, Submission
from mortgage_fsm.machine.guards import cents, facts
from tests.machine.conversation import DUE, LOAN, ON_FILE, OTHER_LOAN

HERE = Call(loan=LOAN, identity=Identity(LOAN, 0.0), amount=50_000, method=Method.BANK_TRANSFER)
NOBODY = Call()
NOTHING = Finding()
STANDING = Facts(LOAN, 50_000, Method.BANK_TRANSFER)
PLAYING = HERE._replace(state=State.CONFIRMING, read_back=ReadBack(4, STANDING), read_backs=4)
HEARD = PLAYING._replace(read_back=ReadBack(4, STANDING, finish=Finish(7, 100.0)))
PAYS = HERE._replace(in_flight=Submission(4, STANDING))
ENROLS = HERE._replace(in_flight=Submission(4, STANDING._replace(method=Method.AUTOPAY)))

Case = tuple[Call, Finding]
CASES: dict[str, tuple[list[Case], list[Case]]] = {
    "call_is_open": (
        [(NOBODY, NOTHING), (Call(transfer=Transfer.WANTED), NOTHING)],
        [(Call(ended=True), NOTHING), (Call(transfer=Transfer.UNDER_WAY), NOTHING)],
    ),
    "call_is_live": ([(Call(transfer=Transfer.UNDER_WAY), NOTHING)], [(Call(ended=True), NOTHING)]),
    "not_locked": ([(NOBODY, NOTHING)], [(Call(locked=True), NOTHING)]),
    "transfer_is_under_way": (
        [(Call(transfer=Transfer.UNDER_WAY), NOTHING)],
        [(Call(transfer=Transfer.WANTED), NOTHING), (NOBODY, NOTHING)],
    ),
    "payment_is_wanted": ([(Call(paying=True), NOTHING)], [(NOBODY, NOTHING)]),
    "loan_is_heard": ([(NOBODY, Finding(loan=LOAN))], [(HERE, NOTHING)]),
    "last_four_is_heard": ([(NOBODY, Finding(last_four_heard=True))], [(HERE, NOTHING)]),
    "amount_is_heard": (
        [(NOBODY, Finding(amount=1)), (NOBODY, Finding(amount=Wish.AMOUNT_DUE))],
        [(HERE, NOTHING)],
    ),
    "method_is_heard": ([(NOBODY, Finding(method=Method.DEBIT_CARD))], [(HERE, NOTHING)]),
    "yes_is_heard": ([(NOBODY, Finding(yes=True))], [(HERE, NOTHING)]),
    "loan_fact_is_heard": (
        [(Call(loan_fact=LoanFact.LAST_PAYMENT), NOTHING)],
        [(NOBODY, NOTHING)],
    ),
    "loan_is_set": ([(HERE, NOTHING)], [(NOBODY, Finding(loan=LOAN))]),
    "identity_holds": (
        [(HERE, NOTHING), (HERE, Finding(idle=300.0))],
        [
            (NOBODY, NOTHING),
            (HERE._replace(identity=None), NOTHING),
            (HERE._replace(loan=OTHER_LOAN), NOTHING),
            (HERE._replace(identity=Identity(LOAN, 0.0, expired=True)), NOTHING),
            (HERE, Finding(idle=300.1)),
        ],
    ),
    "attempt_is_counted": ([(NOBODY, Finding(counted=True))], [(NOBODY, Finding(matches=True))]),
    "identity_matches": ([(NOBODY, Finding(matches=True))], [(NOBODY, Finding(counted=True))]),
    "attempts_remain": ([(NOBODY, Finding(attempts_remain=True))], [(NOBODY, Finding(counted=True))]),
    "loan_is_payable": ([(NOBODY, Finding(payable=True))], [(HERE, NOTHING)]),
    "nothing_outstanding": (
        [(HERE, NOTHING), (HERE._replace(outstanding=frozenset({OTHER_LOAN})), NOTHING)],
        [(HERE, Finding(outstanding=True)), (HERE._replace(outstanding=frozenset({LOAN})), NOTHING)],
    ),
    "amount_is_within_limits": (
        [
            (HERE, NOTHING),
            (HERE, Finding(maximum=50_000)),
            (HERE._replace(amount=100), NOTHING),
            (HERE._replace(amount=1_000_000), NOTHING),
            (HERE._replace(amount=Wish.AMOUNT_DUE), Finding(amount_due=DUE)),
        ],
        [
            (HERE._replace(amount=None), NOTHING),
            (HERE._replace(amount=99), NOTHING),
            (HERE._replace(amount=1_000_001), NOTHING),
            (HERE, Finding(maximum=49_999)),
            (HERE._replace(amount=Wish.AMOUNT_DUE), NOTHING),
            (HERE._replace(amount=Wish.AMOUNT_DUE), Finding(amount_due=1_000_001)),
            (HERE._replace(amount=Wish.AMOUNT_DUE), Finding(amount_due=0)),
        ],
    ),
    "method_is_available": (
        [(HERE, Finding(methods=ON_FILE))],
        [(HERE, NOTHING), (HERE._replace(method=None), Finding(methods=ON_FILE))],
    ),
    "method_is_autopay": ([(HERE._replace(method=Method.AUTOPAY), NOTHING)], [(HERE, NOTHING)]),
    "read_back_is_playing": (
        [(PLAYING, Finding(number=4))],
        [(PLAYING, Finding(number=3)), (HEARD, Finding(number=4)), (HERE, Finding(number=4))],
    ),
    "read_back_is_not_playing": ([(HERE, NOTHING), (HEARD, NOTHING)], [(PLAYING, NOTHING)]),
    "read_back_is_finished": ([(HEARD, NOTHING)], [(PLAYING, NOTHING), (HERE, NOTHING)]),
    "read_back_is_current": (
        [(HEARD, NOTHING), (PLAYING, NOTHING)],
        [
            (HERE, NOTHING),
            (HEARD._replace(amount=50_001), NOTHING),
            (HEARD._replace(loan=OTHER_LOAN), NOTHING),
            (HEARD._replace(method=Method.AUTOPAY), NOTHING),
            (HEARD._replace(method=None), NOTHING),
        ],
    ),
    "read_back_is_fresh": (
        [(HEARD, Finding(now=100.0)), (HEARD, Finding(now=220.0)), (PLAYING, NOTHING), (HERE, NOTHING)],
        [(HEARD, Finding(now=220.1)), (HEARD, Finding(now=99.0))],
    ),
    "yes_is_later": (
        [(HERE, NOTHING), (PLAYING, NOTHING), (HEARD, Finding(turn=9)), (HEARD, Finding(turn=8, spoke_at=100.0))],
        [(HEARD, Finding(turn=7)), (HEARD, Finding(turn=8, spoke_at=99.9))],
    ),
    "yes_is_next": (
        [
            (HEARD, Finding(turn=8)),
            (HEARD, Finding(turn=8, spoke_at=100.5)),
            (PLAYING, Finding(turn=8)),
            (HERE, Finding(turn=8)),
        ],
        [(HEARD, Finding(turn=7)), (HEARD, Finding(turn=9)), (HEARD, Finding(turn=8, spoke_at=99.9))],
    ),
    "repeat_is_announced": (
        [
            (HEARD, NOTHING),
            (HEARD._replace(read_back=ReadBack(4, STANDING, repeat_announced=True)), Finding(repeat=True)),
        ],
        [(HEARD, Finding(repeat=True)), (HERE, Finding(repeat=True))],
    ),
    "statement_is_asked": (
        [(HEARD._replace(read_back=ReadBack(4, STANDING, statement=1)), NOTHING)],
        [(HEARD, NOTHING), (HERE, NOTHING)],
    ),
    "statements_are_agreed": (
        [(HEARD, NOTHING), (HEARD._replace(policy=Policy(statements=2), agreed=2), NOTHING)],
        [
            (HEARD._replace(policy=Policy(statements=2), agreed=1), NOTHING),
            (HEARD._replace(read_back=ReadBack(4, STANDING, statement=1)), NOTHING),
        ],
    ),
    "nothing_in_flight": ([(HERE, NOTHING)], [(PAYS, NOTHING)]),
    "submission_in_flight": (
        [(PAYS, Finding(number=4)), (ENROLS, Finding(number=4))],
        [(HERE, NOTHING), (PAYS, Finding(number=3))],
    ),
    "payment_in_flight": (
        [(PAYS, Finding(number=4))],
        [(HERE, NOTHING), (PAYS, Finding(number=5)), (ENROLS, Finding(number=4))],
    ),
    "enrolment_in_flight": (
        [(ENROLS, Finding(number=4))],
        [(HERE, NOTHING), (ENROLS, Finding(number=5)), (PAYS, Finding(number=4))],
    ),
    "confirmation_is_given": ([(PAYS, Finding(confirmation="770001"))], [(PAYS, NOTHING)]),
    "payment_is_outstanding": (
        [(HERE._replace(outstanding=frozenset({LOAN})), Finding(loan=LOAN))],
        [
            (HERE, Finding(loan=LOAN)),
            (HERE._replace(outstanding=frozenset({LOAN})), Finding(loan=OTHER_LOAN)),
            (HERE._replace(outstanding=frozenset({LOAN})), NOTHING),
        ],
    ),
}

NOT_GUARDS = {"cents", "facts"}
WRITTEN = {
    name
    for name, function in inspect.getmembers(guards, inspect.isfunction)
    if function.__module__ == guards.__name__ and name not in NOT_GUARDS
}


def _each(which: int) -> list[object]:
    return [
        pytest.param(name, case, id=f"{name}-{number}")
        for name, both in CASES.items()
        for number, case in enumerate(both[which])
    ]


@pytest.mark.parametrize(("name", "case"), _each(0))
def test_a_guard_holds_when_it_should(name: str, case: Case) -> None:
    assert getattr(guards, name)(*case) is True


@pytest.mark.parametrize(("name", "case"), _each(1))
def test_a_guard_fails_when_it_should(name: str, case: Case) -> None:
    assert getattr(guards, name)(*case) is False


def test_every_guard_has_cases_both_ways_a_sentence_and_a_row() -> None:
    assert set(CASES) == WRITTEN
    assert all(holds and fails for holds, fails in CASES.values())
    assert {guard.__name__ for row in TABLE for guard in row.only_if} == WRITTEN
    assert [name for name in WRITTEN if not getattr(guards, name).__doc__.strip().endswith(".")] == []


def test_the_wish_for_the_amount_due_is_the_loans_own_figure() -> None:
    wishing = HERE._replace(amount=Wish.AMOUNT_DUE)
    assert cents(wishing, Finding(amount_due=DUE)) == DUE
    assert cents(wishing, NOTHING) is None
    assert cents(HERE, Finding(amount_due=DUE)) == 50_000


def test_an_enrolment_is_read_back_with_the_wish_itself_and_a_payment_with_its_figure() -> None:
    wishing = HERE._replace(amount=Wish.AMOUNT_DUE)
    assert facts(wishing, Finding(amount_due=DUE)) == Facts(LOAN, DUE, Method.BANK_TRANSFER)
    enrolling = wishing._replace(method=Method.AUTOPAY)
    assert facts(enrolling, Finding(amount_due=DUE)) == Facts(LOAN, Wish.AMOUNT_DUE, Method.AUTOPAY)
    assert facts(HERE._replace(loan=None), NOTHING) is None
