"""The gateway that each payment is sent through: what another one does not know it does not say never arrived.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of earlier payments it is not known."""
    op.add_column("payments", sa.Column("gateway", sa.Text))


def downgrade() -> None:
    """Forget it: any gateway's word is taken again."""
    with op.batch_alter_table("payments") as batch:
        batch.drop_column("gateway")
