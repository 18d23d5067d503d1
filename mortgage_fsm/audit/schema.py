"""The table that holds the audit records. It is made by the ledger's migrations, in the same database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

audit_records = Table(
    "audit_records",
    metadata,
    # SQLite numbers rows by itself only in a column of exactly the type INTEGER.
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("call", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("type", String(20), nullable=False),
    Column("ts", String(24), nullable=False),
    Column("loan_ref", String(26)),
    Column("hash", String(64), nullable=False),
    Column("body", Text, nullable=False),  # exactly the bytes that were hashed
    UniqueConstraint("call", "seq", name="one_record_per_number"),
)
Index("audit_records_by_loan", audit_records.c.loan_ref)
