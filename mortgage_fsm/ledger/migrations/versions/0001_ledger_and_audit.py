"""The first schema: loans, identity attempts, payments, notices, the embedded gateway's books, audit records.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make every table."""
    _loans()
    _identity_attempts()
    _payments()
    _gateway_entries()
    op.create_table(
        "meta",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    _audit_records()


def downgrade() -> None:
    """Refuse: what this schema holds is evidence and money."""
    raise NotImplementedError("the first schema is not undone")


def _loans() -> None:
    op.create_table(
        "loans",
        sa.Column("number", sa.String(20), primary_key=True),
        sa.Column("last_four_hash", sa.String(64), nullable=False),
        sa.Column("amount_due", sa.BigInteger, nullable=False),
        sa.Column("due_date", sa.Date, nullable=False),
        sa.Column("last_payment", sa.BigInteger),
        sa.Column("last_payment_date", sa.Date),
        sa.Column("payoff", sa.BigInteger, nullable=False),
        sa.Column("flag", sa.String(20)),
        sa.Column("autopay_active", sa.Boolean, nullable=False),
        sa.CheckConstraint(
            "amount_due >= 0 AND payoff >= 0 AND last_payment >= 0", name="loan_amounts_are_not_negative"
        ),
    )
    op.create_table(
        "instruments",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("loan", sa.String(20), sa.ForeignKey("loans.number", ondelete="CASCADE"), nullable=False),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("token", sa.String(128), nullable=False),
        sa.Column("description", sa.String(80), nullable=False),
        sa.UniqueConstraint("loan", "token", name="one_instrument_per_token"),
    )


def _identity_attempts() -> None:
    op.create_table(
        "identity_attempts",
        sa.Column("loan_ref", sa.String(26), primary_key=True),
        sa.Column("slot", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index("identity_attempts_by_time", "identity_attempts", ["at"])


def _payments() -> None:
    op.create_table(
        "payments",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("confirmation_id", sa.Integer, nullable=False),
        sa.Column("loan", sa.String(20), nullable=False),
        sa.Column("cents", sa.BigInteger),
        sa.Column("wish", sa.String(20)),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("instrument_token", sa.String(128), nullable=False),
        sa.Column("instrument", sa.String(80), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False),
        sa.Column("confirmation", sa.String(64)),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME),
        sa.UniqueConstraint("idempotency_key", name="one_payment_per_key"),
        sa.UniqueConstraint("call", "confirmation_id", name="one_payment_per_confirmation"),
        sa.UniqueConstraint("confirmation", name="one_payment_per_confirmation_number"),
        sa.CheckConstraint(
            "status IN ('submitting', 'accepted', 'declined', 'unresolved', 'pending_authorisation')",
            name="payment_status_is_known",
        ),
        sa.CheckConstraint(
            "(status = 'pending_authorisation') = (method = 'autopay')", name="autopay_is_only_an_enrolment"
        ),
        sa.CheckConstraint(
            "(cents IS NOT NULL AND cents > 0 AND wish IS NULL)"
            " OR (cents IS NULL AND wish = 'amount_due' AND method = 'autopay')",
            name="payment_has_one_amount",
        ),
        sa.CheckConstraint(
            "(confirmation IS NOT NULL) = (status IN ('accepted', 'pending_authorisation'))",
            name="confirmation_number_exactly_when_accepted",
        ),
    )
    under_way = sa.text("status IN ('submitting', 'unresolved')")
    op.create_index(
        "one_payment_under_way_per_loan",
        "payments",
        ["loan"],
        unique=True,
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_index("payments_by_loan", "payments", ["loan", "created_at"])
    op.create_table(
        "notices",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("payment", _NUMBER, sa.ForeignKey("payments.id"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.UniqueConstraint("payment", "kind", name="one_notice_of_a_kind"),
    )


def _gateway_entries() -> None:
    op.create_table(
        "gateway_entries",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("cents", sa.BigInteger, nullable=False),
        sa.Column("confirmation", sa.String(64), unique=True),
        sa.Column("declined_code", sa.String(40)),
        sa.Column("at", _TIME, nullable=False),
        sa.CheckConstraint("(confirmation IS NULL) <> (declined_code IS NULL)", name="entry_is_accepted_or_declined"),
    )


def _audit_records() -> None:
    op.create_table(
        "audit_records",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("ts", sa.String(24), nullable=False),
        sa.Column("loan_ref", sa.String(26)),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("call", "seq", name="one_record_per_number"),
    )
    op.create_index("audit_records_by_loan", "audit_records", ["loan_ref"])
