"""The audit log of the access list: every change, who made it, when and why. Rows are only added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.log.masking import masked
from ktt.storage.column_types import counts, instants, texts

Action = Literal["grant", "revoke"]

_metadata = sa.MetaData()
CHANGE = sa.Table(
    "receiver_access_change",
    _metadata,
    *counts("number", "line", key=True),
    *instants("at"),
    *texts("by", "reason", "act"),
    *texts("holder", "organisation", "municipality", "district", "message_type", "supplier"),  # empty: does not apply
    *counts("undoes", nullable=True),
)
_ONE_AT_A_TIME = sa.text("LOCK TABLE receiver_access_change IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class Right:
    """One row of the access list: a message type of a unit, or (with `supplier` alone) a vendor of the holder."""

    holder: str
    organisation: str = ""
    municipality: str = ""
    district: str = ""
    message_type: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who makes a change, why and when. What looks like a person's number in the reason is masked."""

    by: str
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What one command did: rows that were added (`grant`) and rows that were removed (`revoke`)."""

    number: int
    at: dt.datetime
    by: str
    reason: str
    rights: tuple[tuple[Action, Right], ...]
    undoes: int | None = None


def lock_list(connection: Connection) -> None:
    """Let nobody else change the access list until this transaction ends. SQLite's writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(_ONE_AT_A_TIME)


def append_change(
    connection: Connection,
    rights: Sequence[tuple[Action, Right]],
    attribution: Attribution,
    *,
    undoes: int | None = None,
) -> Change:
    """Add one change, in the transaction that makes it."""
    number = (connection.scalar(sa.select(sa.func.max(CHANGE.c.number))) or 0) + 1
    reason = masked(attribution.reason)
    fixed = {"number": number, "at": attribution.at, "by": attribution.by, "reason": reason, "undoes": undoes}
    rows = [{**fixed, "line": line, "act": act, **_fields(right)} for line, (act, right) in enumerate(rights, start=1)]
    connection.execute(sa.insert(CHANGE), rows)
    return Change(number, attribution.at, attribution.by, reason, tuple(rights), undoes)


def read_changes(connection: Connection, *, number: int | None = None, last: int | None = None) -> list[Change]:
    """The changes, oldest first: one of them, the last so many, or all."""
    wanted = sa.select(CHANGE).order_by(CHANGE.c.number, CHANGE.c.line)
    if number is not None:
        wanted = wanted.where(CHANGE.c.number == number)
    if last is not None:
        newest = sa.select(sa.func.max(CHANGE.c.number)).scalar_subquery()
        wanted = wanted.where(CHANGE.c.number > newest - last)
    rows = connection.execute(wanted).all()
    return [_change(list(lines)) for _, lines in groupby(rows, key=lambda row: row.number)]


def _change(lines: list[sa.Row[tuple[object, ...]]]) -> Change:
    first = lines[0]
    rights = tuple((line.act, Right(*(getattr(line, name) for name in Right.__slots__))) for line in lines)
    return Change(first.number, first.at, first.by, first.reason, rights, first.undoes)


def _fields(right: Right) -> dict[str, str]:
    return {name: getattr(right, name) for name in Right.__slots__}


def inverse(rights: Iterable[tuple[Action, Right]]) -> list[tuple[Action, Right]]:
    """The actions that take a change back, last row first."""
    return [("revoke" if act == "grant" else "grant", right) for act, right in reversed(list(rights))]
