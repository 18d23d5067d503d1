"""Importing loans: all or none, every bad row named, nothing quoted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mortgage_fsm.errors import ImportFileError
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.import_file import COLUMNS, import_loans, parse
from mortgage_fsm.ledger.loans import EmbeddedLoans
from mortgage_fsm.ledger.ports import Flag

GOOD = {
    "number": "10007777",
    "ssn": "912-34-7391",
    "amount_due": "1450.25",
    "due_date": "2026-04-01",
    "last_payment": "1450.25",
    "last_payment_date": "2026-03-01",
    "payoff": "98000",
    "flag": "",
    "autopay": "",
    "bank_transfer": "checking account ending 5150",
    "bank_transfer_token": "tok_a5150",
    "debit_card": "",
    "debit_card_token": "",
}


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    return (
        "\n".join([",".join(columns)] + [",".join((GOOD | row)[column] for column in columns) for row in rows]) + "\n"
    )


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ImportFileError) as caught:
        parse(text)
    return caught.value.problems


async def imported(database: Database, path: Path, text: str) -> int:
    await asyncio.to_thread(path.write_text, text)
    return await import_loans(database, EmbeddedLoans(database, bytes(32)), path)


def test_a_good_row_is_read_to_the_cent() -> None:
    (new,) = parse(table({}))
    assert (new.loan.number, new.loan.amount_due, new.loan.payoff) == ("10007777", 1450_25, 98_000_00)
    assert new.last_four == "7391"
    assert [(each.method, each.token) for each in new.loan.instruments] == [(Method.BANK_TRANSFER, "tok_a5150")]
    assert new.loan.autopay_active is False


def test_columns_may_stand_in_any_order() -> None:
    assert parse(table({}, columns=tuple(reversed(COLUMNS)))) == parse(table({}))


@pytest.mark.parametrize("ssn", ["912347391", "912-34-7391", "7391"])
def test_of_an_ssn_only_the_last_four_are_taken(ssn: str) -> None:
    assert parse(table({"ssn": ssn}))[0].last_four == "7391"


def test_flags_and_autopay_are_read() -> None:
    (new,) = parse(table({"flag": "foreclosure", "autopay": "yes"}))
    assert (new.loan.flag, new.loan.autopay_active) == (Flag.FORECLOSURE, True)


BAD = [
    ("number", "1000-7777"),
    ("number", "1234"),
    ("ssn", "91234739"),
    ("ssn", "x391"),
    ("amount_due", "1,450.25"),
    ("amount_due", "-5"),
    ("amount_due", "1e3"),
    ("amount_due", "1450.255"),
    ("amount_due", "NaN"),
    ("amount_due", "99999999"),
    ("amount_due", "\N{ARABIC-INDIC DIGIT ONE}"),
    ("due_date", "04/01/2026"),
    ("due_date", "2026-02-30"),
    ("last_payment_date", "soon"),
    ("payoff", ""),
    ("flag", "Bankruptcy"),
    ("autopay", "maybe"),
    ("bank_transfer", "account 123456789012"),
    ("bank_transfer_token", "123456789012"),
    ("bank_transfer_token", "acct_123456789012"),
]


@pytest.mark.parametrize(("column", "value"), BAD)
def test_a_bad_value_is_named_by_line_and_column_and_not_quoted(column: str, value: str) -> None:
    text = table(
        {}, {"number": "10008888", column: value.replace(",", "")} if "," not in value else {column: '"1,450"'}
    )
    (problem,) = [each for each in problems(text) if each.startswith("line 3: ")]
    assert column in problem
    if value and value not in {"soon", "maybe"}:
        assert value not in problem


@pytest.mark.parametrize(
    ("given", "missing"), [("last_payment", "last_payment_date"), ("bank_transfer", "bank_transfer_token")]
)
def test_what_belongs_together_is_given_together(given: str, missing: str) -> None:
    assert f"{given} and {missing} must both be given" in problems(table({missing: ""}))[0]


def test_every_bad_row_is_named() -> None:
    found = problems(table({"ssn": "x"}, {}, {"number": "1", "payoff": "y"}))
    assert [each.split(":")[0] for each in found] == ["line 2", "line 4"]
    assert "number" in found[1]
    assert "payoff" in found[1]


def test_a_number_that_stands_twice_is_named_with_both_lines() -> None:
    assert problems(table({}, {})) == ("line 3: number stands already in line 2",)


def test_missing_and_unknown_columns_are_named_without_quoting_a_file_that_has_no_header() -> None:
    found = problems("10007777,912-34-7391\n")
    assert "line 1: column number is missing" in found
    assert "line 1: column number 2 has a name that is not known" in found
    assert "7391" not in "".join(found)


@pytest.mark.parametrize("text", ["", "\n\n", ",".join(COLUMNS) + "\n", ",".join((*COLUMNS, "number")) + "\n"])
def test_a_file_without_loans_is_refused(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize("row", ["10007777,7391", '"unclosed', "a\0b"])
def test_a_row_that_is_no_row_is_named(row: str) -> None:
    assert problems(table({}) + row + "\n")[0].startswith("line 3")


def test_a_thousand_bad_rows_do_not_make_a_thousand_lines() -> None:
    found = problems(table(*({"number": "1"} for _ in range(1000))))
    assert len(found) == 101
    assert found[-1] == "and 900 more"


async def test_imported_loans_are_found_and_identified(database: Database, tmp_path: Path) -> None:
    assert await imported(database, tmp_path / "loans.csv", "\ufeff" + table({}, {"number": "10008888"})) == 2
    directory = EmbeddedLoans(database, bytes(32))
    loan = await directory.find("10008888")
    assert loan is not None
    assert loan.instruments[0].description == "checking account ending 5150"
    assert await directory.identity_matches("10008888", "7391")


async def test_nothing_is_imported_when_one_row_is_bad(database: Database, tmp_path: Path) -> None:
    with pytest.raises(ImportFileError):
        await imported(database, tmp_path / "loans.csv", table({}, {"number": "x"}))
    assert await EmbeddedLoans(database, bytes(32)).find("10007777") is None


async def test_importing_again_replaces(database: Database, tmp_path: Path) -> None:
    await imported(database, tmp_path / "loans.csv", table({}))
    await imported(database, tmp_path / "loans.csv", table({"amount_due": "1"}))
    loan = await EmbeddedLoans(database, bytes(32)).find("10007777")
    assert loan is not None
    assert (loan.amount_due, len(loan.instruments)) == (100, 1)


async def test_two_thousand_loans_are_imported_at_once(database: Database, tmp_path: Path) -> None:
    rows = ({"number": str(10_000_000 + number)} for number in range(2000))
    assert await imported(database, tmp_path / "loans.csv", table(*rows)) == 2000


async def test_a_file_that_cannot_be_read_is_said_to_be_so(database: Database, tmp_path: Path) -> None:
    directory = EmbeddedLoans(database, bytes(32))
    (tmp_path / "latin.csv").write_bytes(b"\xff\xfe\xe9")
    for name, sentence in (("none.csv", "cannot be read"), ("latin.csv", "not UTF-8")):
        with pytest.raises(ImportFileError, match=sentence):
            await import_loans(database, directory, tmp_path / name)
