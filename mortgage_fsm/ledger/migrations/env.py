"""Run by Alembic for every migration, on the connection that `migrations.upgrade` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=None,  # migrations are written out; nothing is generated from the tables
    transaction_per_migration=False,
)
context.run_migrations()
