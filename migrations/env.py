"""Runs the revisions for Alembic on the given connection, inside its open transaction."""

from alembic import context

from registry.store.columns import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `clearline registry migrate`: it says which database, and holds its lock")
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
