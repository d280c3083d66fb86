"""Alembic's entrance: runs the revisions on the connection it is handed, inside the transaction that is open there."""

from alembic import context

from registry.store.columns import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `clearline registry migrate`: it says which database, and holds its lock")
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
