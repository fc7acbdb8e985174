"""What the tables of every role are described with: instants that mean the same on both databases, and groups of columns.

Migrations do not use this: a revision says by itself what it made, whatever happens here later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[dt.datetime]):
    """An aware instant, always UTC. SQLite, which has no time zones, keeps it as text without one, which sorts as time."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To the database."""
        if value is None:
            return None
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if dialect.name == "sqlite" else value.astimezone(dt.UTC)


Kind = TypeEngine[Any] | type[TypeEngine[Any]]


def columns(kind: Kind, *names: str, nullable: bool = False, key: bool = False) -> Iterator[sa.Column[Any]]:
    """A column of the same type for each name. `key`: part of the primary key, whose numbers are always ours."""
    for name in names:
        yield sa.Column(name, kind, nullable=nullable, primary_key=key, autoincrement=False)


texts, counts, instants = (partial(columns, kind) for kind in (sa.Text, sa.BigInteger, Instant))
