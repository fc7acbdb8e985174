"""Bringing a role's tables up to date with Alembic, which is only imported when there is something to do."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ktt.storage.errors import DatabaseNewer

_ALEMBIC = threading.Lock()
"""Alembic keeps its context in variables of the process, so one thread at a time runs migrations."""


def migrate(engine: Engine, role: str, migrations: Path, head: str) -> None:
    """Run the role's migrations up to `head`, in one transaction. A database that is up to date is only read."""
    table = f"{role}_version"
    with engine.connect().execution_options(ktt_read=True) as connection, connection.begin():
        if _current(connection, table) == head:
            return
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # two processes that start at once take turns
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:role))"), {"role": table})
        found = _current(connection, table)
        if found != head:
            _upgrade(connection, table, migrations, head, found)


def _current(connection: Connection, table: str) -> str | None:
    if not sa.inspect(connection).has_table(table):
        return None
    found: str | None = connection.scalar(sa.text(f"SELECT version_num FROM {table}"))  # noqa: S608 - a constant of ours
    return found


def _upgrade(connection: Connection, table: str, migrations: Path, head: str, found: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection, "version_table": table})
    places = {"script_location": Path(__file__).parent / "migrations", "version_locations": migrations / "versions"}
    for name, place in places.items():
        config.set_main_option(name, str(place).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")  # a folder's name may hold spaces, colons and semicolons
    try:
        with _ALEMBIC:
            command.upgrade(config, head)
    except CommandError as fault:  # the database's revision is not among the scripts
        raise DatabaseNewer(database=str(connection.engine.url.database), found=str(found)) from fault
