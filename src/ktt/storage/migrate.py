"""Bringing a role's tables up to date with Alembic, which is only imported when there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ktt.storage.errors import DatabaseNewer


def migrate(engine: Engine, role: str, migrations: Path, head: str) -> None:
    """Run the role's migrations up to `head`, in one transaction. A database that is up to date is only read."""
    table = f"{role}_version"
    with engine.connect().execution_options(ktt_read=True) as connection, connection.begin():
        if _current(connection, table) == head:
            return
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # two processes that start at once take turns
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:role))"), {"role": table})
        if _current(connection, table) != head:
            _upgrade(connection, table, migrations, head)


def _current(connection: Connection, table: str) -> str | None:
    if not sa.inspect(connection).has_table(table):
        return None
    found: str | None = connection.scalar(sa.text(f"SELECT version_num FROM {table}"))  # noqa: S608 - a constant of ours
    return found


def _upgrade(connection: Connection, table: str, migrations: Path, head: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    script = ScriptDirectory(str(migrations))

    def plan(revision: Any, _context: object) -> object:
        try:
            return script._upgrade_revs(head, revision)  # noqa: SLF001 - what Alembic's own `upgrade` command calls
        except CommandError as fault:
            raise DatabaseNewer(database=str(connection.engine.url.database), found=revision) from fault

    context = MigrationContext.configure(connection, opts={"version_table": table, "fn": plan})
    with Operations.context(context):
        context.run_migrations()
