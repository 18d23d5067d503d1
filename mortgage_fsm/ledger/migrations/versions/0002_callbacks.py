"""Callbacks: who asked for a person when nobody could be reached.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "callbacks",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=True),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("loan_ref", sa.String(26)),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
        sa.UniqueConstraint("call", "reason", name="one_callback_per_call_and_reason"),
    )


def downgrade() -> None:
    """Take the table away, and with it whom to call back."""
    op.drop_table("callbacks")
