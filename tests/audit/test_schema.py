"""The table of records."""

from __future__ import annotations

from sqlalchemy.schema import ColumnCollectionConstraint

from mortgage_fsm.audit.chain import Sealed
from mortgage_fsm.audit.schema import audit_records


def test_a_row_is_a_sealed_record_and_its_number() -> None:
    assert [column.name for column in audit_records.columns] == ["id", *Sealed._fields]


def test_a_call_has_one_record_of_each_number() -> None:
    unique = [
        [column.name for column in each.columns]
        for each in audit_records.constraints
        if isinstance(each, ColumnCollectionConstraint) and each.name == "one_record_per_number"
    ]
    assert unique == [["call", "seq"]]
