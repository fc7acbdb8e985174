"""From messages to canonical frames: their objects scope by scope, each member of all of them as one column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import attrgetter
from typing import Any

import polars as pl

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from ktt.messages.decoded import BATCH, DecodedMessages
from ktt.messages.mapping.scopes import UNIT, Member, MessageMapping, Path, Scope
from ktt.messages.mapping.structs import attribute
from ktt.messages.version import Nested

_AT = "_at"
_DUF_DIGITS = 12


@dataclass(slots=True)
class Rows:
    """The objects of one scope. `around` is for each the row of the scope around, `nth` its number in each list on the way."""

    scope: Scope
    outer: Rows | None
    objects: list[Any] = field(repr=False)
    around: list[int] = field(repr=False)
    nth: list[list[int]] = field(repr=False)
    columns: dict[str, pl.Series] = field(default_factory=dict, repr=False)

    def inherited(self, name: str) -> pl.Series | None:
        """The column of this scope or of the nearest around that has it, for the rows of this one."""
        if name in self.columns:
            return self.columns[name]
        found = None if self.outer is None else self.outer.inherited(name)
        return None if found is None else found.gather(pl.Series(self.around, dtype=pl.UInt32))

    def values(self, path: Path) -> list[Any]:
        """What stands at a path in each object; None where that is nothing, or an empty text."""
        found = self.objects
        for name in path:
            found = members(name, found)
        return [None if value == "" else value for value in found]

    def rows_of(self, scope: Scope) -> Sequence[int]:
        """For each row of this scope, the row of a scope around it (or of itself)."""
        if self.scope is scope:
            return range(len(self.objects))
        assert self.outer is not None, "every object is inside the unit's"
        outer = self.outer.rows_of(scope)
        return [outer[row] for row in self.around]

    def pointers(self) -> pl.Series:
        """Where in the message each row is, as JSON pointers."""
        if self.outer is None:
            return pl.Series([""] * len(self.objects), dtype=pl.String)
        pointers, numbers = self.outer.pointers().gather(self.around), iter(self.nth)
        for step in self.scope.steps:
            name = step.replace("~", "~0").replace("/", "~1")
            last = pl.Series(next(numbers), dtype=pl.Int64).cast(pl.String) if step == "[]" else name
            pointers = pointers + "/" + last
        return pointers


def decode(mapping: MessageMapping, messages: Sequence[Any], *, places: bool = False) -> DecodedMessages:
    """The content of messages, each being of the mapping's `structs.message_type`.

    A PolarsError, TypeError, ValueError or OverflowError when a value has another form than the mapping says. With
    `places`, the JSON pointers of the rows are there too.
    """
    scopes = list(gathered(mapping.root, messages))
    for rows in scopes:
        rows.columns = _columns(rows.scope, rows.objects)
    unit_scope = next(rows for rows in scopes if rows.scope.is_unit)
    each = list(zip(unit_scope.rows_of(mapping.root), _units(unit_scope), strict=True))
    batches = list(dict.fromkeys(each))
    number = {batch: nth for nth, batch in enumerate(batches)}
    unit_scope.columns[BATCH] = pl.Series([number[batch] for batch in each], dtype=pl.Int64)
    frames: dict[str, list[pl.DataFrame]] = {}
    for rows in scopes:
        for name, frame in _frames(rows, mapping):
            inner = "".join(f"/{step}" for step in rows.scope.person_path) if name == RECIPIENT.name else ""
            at = [(rows.pointers() + inner).alias(_AT)] if places else []
            frames.setdefault(name, []).append(frame.with_columns(_known(rows.inherited(BATCH)).alias(BATCH), *at))
    together = {name: _together(name, found) for name, found in frames.items()}
    if places:
        own = pl.DataFrame({_AT: unit_scope.pointers(), BATCH: unit_scope.columns[BATCH]})
        together[UNIT] = own.unique(BATCH, keep="first", maintain_order=True)
    return _decoded(batches, together, [one for one in mapping.nested if one.complete])


# ── objects ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def gathered(root: Scope, messages: Sequence[Any]) -> Iterator[Rows]:
    """The rows of every scope of messages, the outer ones first."""
    return _gathered(root, list(messages), list(range(len(messages))), [], None)


def _gathered(
    scope: Scope, objects: list[Any], around: list[int], nth: list[list[int]], outer: Rows | None
) -> Iterator[Rows]:
    """The rows of the scope and of all inside it, the outer ones first."""
    rows = Rows(scope, outer, objects, around, nth)
    yield rows
    for child in scope.children:
        yield from _gathered(child, *_inside(child, objects), rows)


def _inside(scope: Scope, holders: Sequence[Any]) -> tuple[list[Any], list[int], list[list[int]]]:
    """The objects of a scope inside these, with the number of each's holder and its own number in each list on the way."""
    objects, around = list(holders), list(range(len(holders)))
    nth: list[list[int]] = []
    for step in scope.steps:
        if step == "[]":
            lists = [item or () for item in objects]
            counts = list(map(len, lists))
            around, *nth = [list(chain.from_iterable(map(repeat, one, counts))) for one in (around, *nth)]
            nth.append(list(chain.from_iterable(map(range, counts))))
            objects = list(chain.from_iterable(lists))
        else:
            objects = members(step, objects)
    if scope.where or scope.unless or scope.is_numbered:
        wanted = [at for at, item in enumerate(objects) if item is not None and _is_one(scope, item)]
    elif None in objects:
        wanted = [at for at, item in enumerate(objects) if item is not None]
    else:
        return objects, around, nth
    nth = [[one[at] for at in wanted] for one in nth]
    return [objects[at] for at in wanted], [around[at] for at in wanted], nth


def _is_one(scope: Scope, item: Any) -> bool:
    if scope.is_numbered:
        return any(_value(item, member.path) is not None for member in scope.members)
    if scope.where and any(_value(item, path) != value for path, value in scope.where.items()):
        return False
    return not scope.unless or any(_value(item, path) != value for path, value in scope.unless.items())


def members(name: str, holders: Sequence[Any]) -> list[Any]:
    """The member of that name of each object; None where it is absent, or null, or the object itself is."""
    try:
        return list(map(attrgetter(attribute(name)), holders))
    except AttributeError:  # of an object that is not there
        return [None if item is None else getattr(item, attribute(name)) for item in holders]


def _value(item: Any, path: Path) -> Any:
    found = [item]
    for name in path:
        found = members(name, found)
    return found[0]


# ── columns ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _columns(scope: Scope, objects: Sequence[Any]) -> dict[str, pl.Series]:
    """The members as canonical columns. Several places of one column (the person numbers) are at most once filled."""
    inner: dict[Path, Sequence[Any]] = {(): objects}
    raw = [one.form.raw(_values(inner, one)).alias(str(nth)) for nth, one in enumerate(scope.members)]
    columns: dict[str, pl.Expr] = {}
    kinds: list[pl.Expr] = []
    for nth, member in enumerate(scope.members):
        name, value = member.column.name, member.form.read(pl.col(str(nth)))
        if member.default is not None:
            value = value.fill_null(member.default)
        columns[name] = pl.coalesce(columns[name], value) if name in columns else value
        if name == "person_number":
            kinds.append(_kind(member, value, pl.col(str(nth))))
    if kinds and not any(member.column.name == "person_number_kind" for member in scope.members):
        columns["person_number_kind"] = pl.coalesce(kinds)
    fixed = [pl.Series(name, [value]).new_from_index(0, len(objects)) for name, value in scope.having.items()]
    found = pl.DataFrame(raw, height=len(objects)).select(**columns).get_columns() if columns else []
    return dict(zip(columns, found, strict=True)) | {series.name: series for series in fixed}


def _kind(member: Member, number: pl.Expr, raw: pl.Expr) -> pl.Expr:
    """The kind of a person number: that of its place, or what its digits say when the place is for several kinds."""
    if len(member.identity) == 1:
        return pl.when(raw.is_not_null()).then(pl.lit(member.identity[0]))
    is_d, is_duf = number.str.contains("^[4-7]"), number.str.len_chars() == _DUF_DIGITS
    return (
        pl.when(is_duf)
        .then(pl.lit("duf"))
        .when(is_d)
        .then(pl.lit("d"))
        .when(number.is_not_null())
        .then(pl.lit("national"))
    )


def _values(inner: dict[Path, Sequence[Any]], member: Member) -> Sequence[Any]:
    values = _at(inner, member.path)
    return [None if value == "" else value for value in values] if member.empty == '""' else values


def _at(inner: dict[Path, Sequence[Any]], path: Path) -> Sequence[Any]:
    """What stands at a path in each object; `inner` keeps what was found at the beginning of other paths."""
    if not path:
        return inner[()]
    *around, name = path
    holders = inner.get(tuple(around))
    if holders is None:
        holders = inner[tuple(around)] = _at(inner, tuple(around))
    return members(name, holders)


def _units(rows: Rows) -> list[ReportingUnit]:
    columns = {
        name: rows.columns[name] for name in ("organisation", "municipality", "district") if name in rows.columns
    }
    if any(columns[name].null_count() for name in ("organisation", "municipality") if name in columns):
        raise ValueError("a unit without its numbers")
    numbers = pl.DataFrame(columns, height=len(rows.objects)).to_dicts()
    return [ReportingUnit(**numbers) for numbers in numbers]


# ── frames ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _frames(rows: Rows, mapping: MessageMapping) -> Iterator[tuple[str, pl.DataFrame]]:
    """What the scope's rows are, by record type; of deletions by `-` and the type, of persons beside records too."""
    scope = rows.scope
    if scope.deletes is not None:
        yield f"-{scope.deletes.name}", pl.DataFrame({scope.deletes.key: rows.columns[scope.deletes.key]})
    if scope.record_type is not None and scope.record_type is not RECIPIENT:
        frame = pl.DataFrame(dict(_of_type(rows, scope.record_type, mapping)), height=len(rows.objects))
        if scope.record_type in ROOTS and frame[scope.record_type.key].null_count():
            raise ValueError("a record without its id")
        yield scope.record_type.name, frame
    if any(member.owner == RECIPIENT.name for member in scope.members):
        found = {name: series for name, series in rows.columns.items() if name in RECIPIENT.schema}
        found[RECIPIENT.key] = _known(rows.inherited(RECIPIENT.key))
        yield RECIPIENT.name, pl.DataFrame(found, height=len(rows.objects))


def _known(series: pl.Series | None) -> pl.Series:
    assert series is not None, "the compiler refuses persons without an id"
    return series


def _of_type(rows: Rows, record_type: RecordType, mapping: MessageMapping) -> Iterator[tuple[str, pl.Series]]:
    for name in record_type.schema:
        series = rows.inherited(name) if mapping.inherits(record_type, name) else rows.columns.get(name)
        if series is not None:
            yield name, series


def _together(name: str, found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of one type from all of its scopes; a record that is split over several is joined by its key."""
    frame = pl.concat(found, how="diagonal") if len(found) > 1 else found[0]
    is_split = len({tuple(sorted(one.columns)) for one in found}) > 1
    record_type = ALL_TYPES.get(name)
    if record_type is RECIPIENT:
        by = [BATCH, RECIPIENT.key]
        if not is_split:
            return frame.unique(by, keep="last", maintain_order=True)
        return frame.group_by(by, maintain_order=True).agg(pl.all().drop_nulls().last())
    if not is_split or record_type is None or record_type.parent_key is not None:
        return frame
    return frame.group_by(BATCH, record_type.key, maintain_order=True).agg(pl.all().drop_nulls().first())


def _decoded(
    batches: Sequence[tuple[int, ReportingUnit]], frames: Mapping[str, pl.DataFrame], nested: Sequence[Nested]
) -> DecodedMessages:
    records = {
        name: ALL_TYPES[name].conform(frame).with_columns(frame[BATCH])
        for name, frame in frames.items()
        if name in ALL_TYPES
    }
    deletions = {
        name[1:]: frame.select(ALL_TYPES[name[1:]].key, BATCH) for name, frame in frames.items() if name.startswith("-")
    }
    complete = {one.inner.name: (one.outer.key, _ids(one.outer, records, deletions)) for one in nested}
    places = {name: frame.select(_AT, BATCH) for name, frame in frames.items() if _AT in frame.columns}
    return DecodedMessages(batches, records, deletions, complete, places)


def _ids(
    record_type: RecordType, records: Mapping[str, pl.DataFrame], deletions: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """The ids of a type that are in the messages, and those that are withdrawn."""
    key = record_type.key
    found = [frames[record_type.name] for frames in (records, deletions) if record_type.name in frames]
    none = pl.DataFrame(schema={"local_id": pl.String(), BATCH: pl.Int64()})
    return pl.concat([none, *(frame.select(pl.col(key).alias("local_id"), BATCH) for frame in found)])
