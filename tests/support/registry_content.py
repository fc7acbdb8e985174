"""Everything that a registry has stored, to be compared with what another one has."""

from __future__ import annotations

import sqlalchemy as sa

from ktt.registry import Registry
from ktt.registry.tables import MONTH_RECORDS, VAULT_CHECK
from support.registry_inbox import STORED, begin_anew

_OF_ITS_OWN = {"id", "sealed"}
"""Columns that differ from registry to registry: serial numbers, and what is sealed with a nonce."""


def content(registry: Registry) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table, sorted."""
    with registry.reading() as connection:
        return {
            table.name: sorted(
                (tuple(row) for row in connection.execute(sa.select(*_columns(table)).where(*_counts(table)))),
                key=lambda row: list(map(str, row)),
            )
            for table in STORED
            if table is not VAULT_CHECK  # what the keys are proved by, which is theirs and not of what was ingested
        }


def _counts(table: sa.Table) -> list[sa.ColumnElement[bool]]:
    """A month that lost its last record may keep a row, which says as much as none."""
    return [table.c.records != 0] if table is MONTH_RECORDS else []


def empty(registry: Registry) -> None:
    """As if nothing had ever been ingested."""
    with registry._database.transaction() as connection:
        begin_anew(connection)


def _columns(table: sa.Table) -> list[sa.Column[object]]:
    return [column for column in table.columns if column.name not in _OF_ITS_OWN]
