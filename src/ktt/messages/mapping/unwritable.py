"""What has no place in a message: values that cannot be written, rows that do not fit, and what would be read as another."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ktt.domain.records import Records, frame_of, own_date
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.mapping.rows import inside_records, own_rows, rows_of, selected, value_of, written
from ktt.messages.mapping.scopes import Member, MessageMapping, Scope

Found = Iterator[tuple[str, str, pl.Series]]


def unwritable_records(mapping: MessageMapping, unit: ReportingUnit, records: Records) -> Found:
    """What `encode_records` refuses: record type or part, the column with the value, and the ids of the records."""
    kinds: dict[str, RecordType] = {}
    for scope in mapping.carriers:
        kind = scope.record_type
        assert kind is not None
        kinds[kind.name] = kind
        yield from _of_scope(scope, mapping.group_of(scope), kind.key, unit, records)
    for kind in kinds.values():
        yield from _without_id(kind, records)
        yield from _without_place(mapping, kind, unit, records)
    for around, scope in inside_records(mapping.root):
        yield from _without_record(mapping, around, scope, records)
        yield from _read_as_another(mapping, around, scope, unit, records)


def _without_id(kind: RecordType, records: Records) -> Found:
    for column, missing in ((kind.key, pl.col(kind.key)), (kind.own_date[0], own_date(kind))):
        if not (ids := frame_of(records, kind).filter(missing.is_null())[kind.key]).is_empty():
            yield kind.name, column, ids


def _without_place(mapping: MessageMapping, kind: RecordType, unit: ReportingUnit, records: Records) -> Found:
    """Records of a type whose places are each for some values only."""
    scopes = [one for one in mapping.carriers if one.record_type is kind]
    if all(one.having for one in scopes):
        rows = frame_of(records, kind)
        for scope in scopes:
            rows = rows.join(own_rows(mapping, scope, unit, records).select(kind.key), on=kind.key, how="anti")
        if not rows.is_empty():
            yield kind.name, next(iter(scopes[0].having)), rows[kind.key]


def _of_scope(scope: Scope, group: Scope | None, key: str, unit: ReportingUnit, records: Records) -> Found:
    """Of the scope and all inside it, in ids of the record that is the outermost."""
    kind = scope.record_type
    assert kind is not None
    members = [*scope.members, *(group.members if group else ())]
    if any(one.form.writable is not None for one in members):
        rows = rows_of(scope, unit, records)
        if key not in rows.columns:
            key = kind.key
        if scope.having:
            rows = rows.filter(selected(scope, key))
        yield from _values(kind, members, key, unit, rows)
    for parts in _alike(scope):
        yield from _too_many(kind, parts, unit, records)
    for child in written(scope):
        yield from _of_scope(child, None, key, unit, records)


def _values(kind: RecordType, members: list[Member], key: str, unit: ReportingUnit, rows: pl.DataFrame) -> Found:
    wrong = {
        str(nth): ~one.form.writable(value_of(one, unit))
        for nth, one in enumerate(members)
        if one.form.writable is not None
    }
    counts = rows.select(one.fill_null(value=False).sum().alias(nth) for nth, one in wrong.items())
    for nth, one in wrong.items():
        if counts[nth].item():
            yield kind.name, members[int(nth)].column.name, rows.filter(one)[key].unique(maintain_order=True)


def _alike(scope: Scope) -> list[list[Scope]]:
    """The scopes inside, those of one type together, where none takes every row."""
    found: dict[str, list[Scope]] = {}
    for child in written(scope):
        assert child.record_type is not None
        found.setdefault(child.record_type.name, []).append(child)
    return [alike for alike in found.values() if not any(one.many and not one.having for one in alike)]


def _too_many(around: RecordType, alike: list[Scope], unit: ReportingUnit, records: Records) -> Found:
    """Rows that none of the places inside a record takes."""
    kind = alike[0].record_type
    assert kind is not None
    rows = rows_of(alike[0], unit, records)
    left = rows.filter(~pl.any_horizontal(selected(one, around.key) for one in alike))
    if not left.is_empty():
        yield kind.name, kind.key, left[around.key].unique(maintain_order=True)


def _without_record(mapping: MessageMapping, around: RecordType, scope: Scope, records: Records) -> Found:
    """Records that have their place inside another which is not there, and no place of their own that says of which."""
    kind = scope.record_type
    assert kind is not None
    rows = frame_of(records, kind).join(frame_of(records, around).select(around.key), on=around.key, how="anti")
    beside = [one for one in mapping.carriers if one.record_type is kind]
    named = any(member.column.name == around.key for one in beside for member in one.members)
    lost = rows if not beside else rows.clear() if named else rows.filter(pl.col(around.key).is_not_null())
    if not lost.is_empty():
        yield kind.name, around.key, lost[kind.key]


def _read_as_another(
    mapping: MessageMapping, around: RecordType, scope: Scope, unit: ReportingUnit, records: Records
) -> Found:
    """Records inside another whose own value is lost, because it is the other's that is read."""
    kind = scope.record_type
    assert kind is not None
    own = {member.column.name for member in scope.members}
    names = [name for name in kind.schema if mapping.inherits(kind, name) and name in around.schema and name not in own]
    names = [name for name in names if name != around.key]
    if not names:
        return
    outer = next(one for one in mapping.root.walk() if one.record_type is around and scope in one.children)
    both = rows_of(scope, unit, records).join(
        rows_of(outer, unit, records).select(around.key, *names), on=around.key, suffix="_around"
    )
    for name in names:
        other = both.filter(pl.col(name).ne_missing(pl.col(f"{name}_around")))
        if not other.is_empty():
            yield kind.name, name, other[kind.key].unique(maintain_order=True)
