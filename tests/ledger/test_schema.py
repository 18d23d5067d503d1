"""The tables."""

from __future__ import annotations

from sqlalchemy import Float, Numeric, make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from mortgage_fsm.ledger.schema import metadata


def test_no_column_is_a_binary_or_decimal_fraction() -> None:
    columns = [column for table in metadata.tables.values() for column in table.columns]
    assert columns
    assert not [column for column in columns if isinstance(column.type, Numeric | Float)]


def test_no_column_is_named_for_an_ssn_or_an_account_number() -> None:
    names = {column.name for table in metadata.tables.values() for column in table.columns}
    assert not names & {"ssn", "last_four", "account", "account_number", "card", "card_number", "cvv", "routing"}


def test_the_tables_can_be_written_for_postgresql() -> None:
    dialect = make_url("postgresql+asyncpg://").get_dialect()()
    for table in metadata.tables.values():
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))
    under_way = next(index for index in metadata.tables["payments"].indexes if index.unique)
    assert "WHERE status IN" in str(CreateIndex(under_way).compile(dialect=dialect))
