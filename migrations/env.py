"""Runs migrations over the connection that `tracker.storage.migrate` hands over: one history for both databases."""

from alembic import context

from tracker.storage.migrate import METADATA, include_name

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    include_name=include_name,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
