"""Guesses: identity attempts counted by caller and in all.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "guesses",
        sa.Column("scope", sa.String(40), primary_key=True),
        sa.Column("hour", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.CheckConstraint("made >= 0", name="guesses_are_not_negative"),
    )
    op.create_index("guesses_by_hour", "guesses", ["hour"])


def downgrade() -> None:
    """Take the table away, and with it what was counted."""
    op.drop_table("guesses")
