"""Reads a CSV file of loans. Every bad row is named by its line and column, and nothing it holds is ever quoted.

Columns, in any order, header in the first line, UTF-8:

| column | holds |
|---|---|
| `number` | loan number, 5 to 15 digits |
| `ssn` | the borrower's full SSN or its last four digits; only a keyed hash of the last four is kept |
| `amount_due`, `payoff` | US dollars, such as `1850.00`, at most ten million |
| `due_date` | `2026-03-01` |
| `last_payment`, `last_payment_date` | as above, or both empty |
| `flag` | empty, `bankruptcy`, `foreclosure` or `cease_contact` |
| `autopay` | empty or `no`, or `yes` where autopay is active |
| `bank_transfer`, `bank_transfer_token` | as `checking account ending 6021`, and the processor's token; or empty |
| `debit_card`, `debit_card_token` | as `debit card ending 8830`, and the processor's token; or both empty |
"""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TypeVar

from mortgage_fsm.errors import ImportFileError
from mortgage_fsm.heard import Method
from mortgage_fsm.ledger.database import Database
from mortgage_fsm.ledger.loans import EmbeddedLoans, NewLoan
from mortgage_fsm.ledger.ports import Flag, Instrument, Loan

T = TypeVar("T")

_NUMBER = re.compile(r"[0-9]{5,15}")
_SSN = re.compile(r"(?:[0-9]{3}-?[0-9]{2}-?)?([0-9]{4})")
_DOLLARS = re.compile(r"([0-9]{1,8})(?:\.([0-9]{2}))?")
_MOST_DOLLARS = 10_000_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DESCRIPTION = re.compile(r"[A-Za-z][A-Za-z ]{2,50} ending [0-9]{4}")
# With a letter, and with no run of nine digits: a full account or card number is not taken for a token.
_TOKEN = re.compile(r"(?=.*[A-Za-z])(?!.*[0-9]{9})[A-Za-z0-9_.:-]{4,128}")
_MOST_PROBLEMS = 100


def _number(text: str) -> str | None:
    return text if _NUMBER.fullmatch(text) else None


def _last_four(text: str) -> str | None:
    found = _SSN.fullmatch(text)
    return found[1] if found else None


def _cents(text: str) -> int | None:
    found = _DOLLARS.fullmatch(text)
    if not found or int(found[1]) > _MOST_DOLLARS:
        return None
    return int(found[1]) * 100 + int(found[2] or 0)


def _day(text: str) -> date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _flag(text: str) -> Flag | None:
    return Flag(text) if text in set(Flag) else None


def _yes(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _description(text: str) -> str | None:
    return text if _DESCRIPTION.fullmatch(text) else None


def _token(text: str) -> str | None:
    return text if _TOKEN.fullmatch(text) else None


_EXPECTED = {
    "number": "5 to 15 digits",
    "ssn": "nine digits or the last four",
    "amount_due": "dollars such as 1850.00",
    "due_date": "a date such as 2026-03-01",
    "last_payment": "dollars such as 1850.00, or nothing",
    "last_payment_date": "a date such as 2026-03-01, or nothing",
    "payoff": "dollars such as 1850.00",
    "flag": "bankruptcy, foreclosure, cease_contact or nothing",
    "autopay": "yes, no or nothing",
    "bank_transfer": "words such as 'checking account ending 6021', or nothing",
    "bank_transfer_token": "the processor's token, not an account number, or nothing",
    "debit_card": "words such as 'debit card ending 8830', or nothing",
    "debit_card_token": "the processor's token, not a card number, or nothing",
}
COLUMNS = tuple(_EXPECTED)


class _Row:
    """One row being read; it gathers what is wrong with it, by column."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.problems: list[str] = []

    def value(self, column: str, read: Callable[[str], T | None]) -> T | None:
        found = read(self.cells[column])
        if found is None:
            self.problems.append(f"{column} must be {_EXPECTED[column]}")
        return found

    def optional(self, column: str, read: Callable[[str], T | None]) -> T | None:
        return self.value(column, read) if self.cells[column] else None

    def both_or_neither(self, one: str, other: str) -> None:
        if bool(self.cells[one]) != bool(self.cells[other]):
            self.problems.append(f"{one} and {other} must both be given, or neither")

    def instruments(self) -> tuple[Instrument, ...]:
        found = []
        for method in (Method.BANK_TRANSFER, Method.DEBIT_CARD):
            self.both_or_neither(method.value, f"{method.value}_token")
            description = self.optional(method.value, _description)
            token = self.optional(f"{method.value}_token", _token)
            if description and token:
                found.append(Instrument(method, token, description))
        return tuple(found)

    def loan(self) -> NewLoan | None:
        """The loan, or None when there are problems."""
        number = self.value("number", _number)
        last_four = self.value("ssn", _last_four)
        amount_due = self.value("amount_due", _cents)
        due_date = self.value("due_date", _day)
        payoff = self.value("payoff", _cents)
        self.both_or_neither("last_payment", "last_payment_date")
        last_payment = self.optional("last_payment", _cents)
        last_payment_date = self.optional("last_payment_date", _day)
        flag = self.optional("flag", _flag)
        autopay = self.optional("autopay", _yes)
        on_file = self.instruments()
        if number is None or last_four is None or amount_due is None or due_date is None or payoff is None:
            return None
        if self.problems:
            return None
        loan = Loan(
            number=number,
            amount_due=amount_due,
            due_date=due_date,
            last_payment=last_payment,
            last_payment_date=last_payment_date,
            payoff=payoff,
            flag=flag,
            instruments=on_file,
            autopay_active=bool(autopay),
        )
        return NewLoan(loan, last_four)


def parse(text: str) -> list[NewLoan]:
    """All loans of a CSV file.

    Raises:
        ImportFileError: one sentence for each row that cannot be taken, and then no loan at all is.
    """
    problems: list[str] = []
    found: list[NewLoan] = []
    first_line: dict[str, int] = {}
    for line, cells in _rows(text, problems):
        row = _Row(cells)
        new = row.loan()
        if new is not None:
            earlier = first_line.setdefault(new.loan.number, line)
            if earlier != line:
                row.problems.append(f"number stands already in line {earlier}")
            found.append(new)
        if row.problems:
            problems.append(f"line {line}: {'; '.join(row.problems)}")
    if not problems and not found:
        problems.append("the file has no loans")
    if problems:
        hidden = len(problems) - _MOST_PROBLEMS
        more = [f"and {hidden} more"] if hidden > 0 else []
        raise ImportFileError(problems[:_MOST_PROBLEMS] + more)
    return found


def _rows(text: str, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number (of a row's last line) and cells by column; what is wrong with the file itself goes to `problems`."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        missing = [column for column in COLUMNS if column not in header]
        unknown = [str(place) for place, column in enumerate(header, 1) if column not in COLUMNS]
        if missing or unknown or len(set(header)) != len(header):
            # The header is not quoted: in a file without one it is the first borrower.
            problems.extend(f"line 1: column {column} is missing" for column in missing)
            problems.extend(f"line 1: column number {place} has a name that is not known" for place in unknown)
            if len(set(header)) != len(header):
                problems.append("line 1: a column stands there twice")
            return
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                problems.append(f"line {reader.line_num}: {len(header)} cells expected, {len(cells)} found")
                continue
            yield reader.line_num, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    except csv.Error:
        problems.append(f"line {reader.line_num}: not readable as CSV")


async def import_loans(database: Database, directory: EmbeddedLoans, path: Path) -> int:
    """Read a file of loans and keep them all, each in place of one with the same number, or none.

    Returns:
        The number of loans kept.

    Raises:
        ImportFileError: the file cannot be read, or has bad rows; nothing was changed.
        UnavailableError: the database does not answer; nothing was changed.
    """
    try:
        text = await asyncio.to_thread(path.read_text, "utf-8-sig")
    except OSError as error:
        raise ImportFileError([f"the file cannot be read ({type(error).__name__})"]) from None
    except UnicodeDecodeError:
        raise ImportFileError(["the file is not UTF-8"]) from None
    new = await asyncio.to_thread(parse, text)
    async with database.transaction(patient=True) as connection:
        await directory.keep(connection, new)
    return len(new)
