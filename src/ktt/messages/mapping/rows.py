"""The rows that are written at each place of a message."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import polars as pl

from ktt.domain.records import RECIPIENT, ROOTS, Records, frame_of, own_date
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.mapping.scopes import UNIT, Member, MessageMapping, Scope


def written(scope: Scope) -> list[Scope]:
    """The scopes inside the records of a scope."""
    return [child for child in scope.children if child.record_type is not None]


def rows_of(scope: Scope, unit: ReportingUnit, records: Records) -> pl.DataFrame:
    """All rows of the scope's type, records with their person beside them and parts in their own order.

    The home municipality is empty where it is the unit's own.
    """
    kind = scope.record_type
    assert kind is not None
    rows = frame_of(records, kind)
    if kind.parent_key is not None:
        return rows.sort(*(_sort_key(kind, name) for name in kind.order), nulls_last=True)
    recipients = frame_of(records, RECIPIENT).unique(RECIPIENT.key, keep="last")
    home = pl.col("home_municipality")
    wide = rows.join(recipients, on=RECIPIENT.key, how="left").with_columns(
        home_municipality=pl.when(home != unit.municipality).then(home)
    )
    return wide if scope.outermost else wide.sort(own_date(kind), kind.key)


def own_rows(mapping: MessageMapping, scope: Scope, unit: ReportingUnit, records: Records) -> pl.DataFrame:
    """The records at a place that is not inside another record: those that have no place inside one."""
    rows = rows_of(scope, unit, records)
    for around, inner in inside_records(mapping.root):
        if inner.record_type is scope.record_type:
            rows = rows.join(_keys(around, records), on=around.key, how="anti")
    return rows.filter(*_having(scope)) if scope.having else rows


def _keys(kind: RecordType, records: Records) -> pl.DataFrame:
    return frame_of(records, kind).select(kind.key).unique()


def inside_records(scope: Scope, around: RecordType | None = None) -> Iterator[tuple[RecordType, Scope]]:
    """The scopes of root types inside records, each with the type of the record around."""
    for child in scope.children:
        if around is not None and around is not RECIPIENT and child.record_type in ROOTS:
            yield around, child
        yield from inside_records(child, child.record_type or around)


def selected(scope: Scope, key: str) -> pl.Expr:
    """Which rows of the scope's type are written there, in rows with the key of the record around."""
    if scope.many:
        return reduce(pl.Expr.and_, _having(scope), pl.lit(value=True))
    if not scope.having:
        return pl.int_range(pl.len()).over(key) == max(scope.number, 1) - 1
    fits = reduce(pl.Expr.and_, _having(scope))
    return fits & (fits.cum_sum().over(key) == 1)


def _having(scope: Scope) -> list[pl.Expr]:
    return [pl.col(name).eq_missing(pl.lit(value)) for name, value in scope.having.items()]


def _sort_key(kind: RecordType, name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int64, strict=False) if kind.column(name).kind == "code" else pl.col(name)


def value_of(member: Member, unit: ReportingUnit) -> pl.Expr:
    """What the place holds: its column, or for a place for some kinds of person number, the numbers of those kinds."""
    if member.owner == UNIT:
        return pl.lit(getattr(unit, member.column.name), dtype=pl.String)
    column = pl.col(member.column.name)
    if not member.identity:
        return column
    return pl.when(pl.col("person_number_kind").is_in(member.identity)).then(column)
