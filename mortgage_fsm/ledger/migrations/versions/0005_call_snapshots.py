"""Snapshots of calls that are going on: what another process needs to go on with one.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)
_GOES_ON = sa.text("NOT ended")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "call_snapshots",
        sa.Column("call", sa.String(64), primary_key=True),
        sa.Column("room_ref", sa.String(26), nullable=False),
        sa.Column("terms", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
    )
    op.create_index("call_snapshots_by_time", "call_snapshots", ["seen_at"])
    op.create_index(
        "one_call_per_room",
        "call_snapshots",
        ["room_ref"],
        unique=True,
        sqlite_where=_GOES_ON,
        postgresql_where=_GOES_ON,
    )


def downgrade() -> None:
    """Take the table away: no call that is going on survives its process any more."""
    op.drop_table("call_snapshots")
