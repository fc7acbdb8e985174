"""How a record type is declared: once, as a frame with typed columns.

A *root* type is what the registry keeps one version line of (a decision, a care service …). A *part* is a frame of its
own whose rows belong to a root record through the root's key (a decision's lines, a service's pauses). Parts are flat
frames, so one expression can judge a million rows, and are nested only where a message or a database row is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

_MANY = 20_000  # rows

Kind = Literal[
    "id",
    "text",
    "code",
    "day",
    "instant",
    "month",
    "hours",
    "count",
    "organisation",
    "municipality",
    "district",
    "person_number",
]

DTYPES: Mapping[Kind, pl.DataType] = {
    "id": pl.String(),  # a local id, 1 to 100 printable characters
    "text": pl.String(),
    "code": pl.String(),  # a code of `code_list`; numbers that are names are text
    "day": pl.Date(),  # a calendar day in Norway
    "instant": pl.Datetime("us", "UTC"),
    "month": pl.String(),  # YYYY-MM
    "hours": pl.Decimal(7, 2),  # hours a week, at most two decimals, never a float
    "count": pl.Int64(),
    "organisation": pl.String(),  # nine digits
    "municipality": pl.String(),  # four digits
    "district": pl.String(),  # two digits
    "person_number": pl.String(),  # 11 digits (national number, D-number) or 12 (DUF); never printed
}


def engine_for(rows: int) -> Literal["in-memory", "streaming"]:
    """How Polars works out a lazy question of so many rows.

    The streaming engine uses all cores, and starts tasks on them for each question: it takes half the time for a million
    rows, and twice the time for a few, which is what a message has and a small municipality.
    """
    return "streaming" if rows > _MANY else "in-memory"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name (a glossary word), kind, and whether a row must have it.

    `content` is False for a column that does not count when two versions of a record are compared (`recorded_at`,
    and `died_on`, which rides along; see messages § 7.1 and § 7.3). `derived` columns are filled by us, not mapped.
    """

    name: str
    kind: Kind
    required: bool = False
    code_list: str | None = None
    content: bool = True
    derived: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the column."""
        return DTYPES[self.kind]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record, or of part, as a frame schema.

    `key` is the record's own id column; for a part, `parent_key` names the root's id column and `order` the columns
    that sort (and identify) the rows inside one parent. `own_date` lists the columns whose first non-empty value is
    the record's own date (messages § 7.5); `until_next` ones hold until the person's next one. `source_only` parts are read but never sent or stored as they are.
    """

    name: str
    key: str
    columns: tuple[Column, ...]
    own_date: tuple[str, ...] = ()
    parts: tuple[RecordType, ...] = ()
    parent_key: str | None = None
    order: tuple[str, ...] = ()
    source_only: bool = False
    until_next: bool = False

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Column name → Polars type, in order."""
        return {column.name: column.dtype for column in self.columns}

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    def empty(self) -> pl.DataFrame:
        """A frame of this type without rows."""
        return _empty(self).clone()

    def conform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with exactly this type's columns, in order and cast; missing columns become empty."""
        return frame.select(_conforming(self, frozenset(frame.columns)))


@cache  # the expressions take longer to make than to work out, where the frame is small
def _conforming(record_type: RecordType, have: frozenset[str]) -> tuple[pl.Expr, ...]:
    return tuple(
        (pl.col(c.name) if c.name in have else pl.lit(None)).cast(c.dtype).alias(c.name) for c in record_type.columns
    )


@cache  # to make one takes half a millisecond
def _empty(record_type: RecordType) -> pl.DataFrame:
    return pl.DataFrame(schema=record_type.schema)
