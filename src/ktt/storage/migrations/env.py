"""What Alembic runs for every role: the migrations, in the transaction that `ktt.storage.migrate` has begun."""

from alembic import context

context.configure(**context.config.attributes)
context.run_migrations()
