"""On a server, audit records are only ever added: the database itself refuses to change or to delete one.

A SQLite file has no such trigger: whoever may write the file may take it away again. There, as on a server against
its own superuser, the chain of hashes and its seals tell.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION refuse_to_change_records() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit records are only added' USING ERRCODE = 'insufficient_privilege';
END
$$
"""
_TRIGGER = """
CREATE TRIGGER audit_records_are_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_change_records()
"""


def upgrade() -> None:
    """Have changes refused."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(_REFUSE)
        op.execute(_TRIGGER)


def downgrade() -> None:
    """Let records be changed again."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_records_are_only_added ON audit_records")
        op.execute("DROP FUNCTION refuse_to_change_records")
