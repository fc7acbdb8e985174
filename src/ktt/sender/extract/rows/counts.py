"""How many rows were read of a table, and how many of them do not count, by reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LATEST = "latest"
EMPTY_CELL = "columns"
"""The reason that a cell of a wide table is no row."""

PERIODS = "periods"
"""The reason that a row is put together with the one after it, or holds for no day."""

ALIKE = "distinct"
"""The reason that a row is no record of its own: it says the same as another."""


def among(column: str) -> str:
    """The reason that a row's value makes it no version."""
    return f"among {column}"


def where(column: str) -> str:
    """The reason that a row's value is none of those that count."""
    return f"where {column}"


def within(table: str) -> str:
    """The reason that a row has none that belongs to it in a table where it must have one."""
    return f"with {table}"


def without(table: str) -> str:
    """The reason that a row has one in a table of those that are gone."""
    return f"without {table}"


def lookup(table: str) -> str:
    """The reason that a row of another table is looked for: its columns are read."""
    return f"lookup {table}"


def skip(column: str) -> str:
    """The reason that a row's value makes it no record of the type."""
    return f"skip {column}"


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The rows of one table: `read` = `kept` + all that are `left_out`."""

    read: int
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        """Those that count."""
        return self.read - sum(self.left_out.values())

    def as_data(self) -> dict[str, Any]:
        """Plain data."""
        return {"read": self.read, "left_out": dict(self.left_out), "kept": self.kept}
