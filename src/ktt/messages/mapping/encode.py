"""From canonical frames to messages, by columns: one expression for each place, one text for each record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from ktt.core.once import once_for_each
from ktt.domain.records import Records, own_date
from ktt.domain.unit import ReportingUnit
from ktt.messages.errors import RecordNotEncodable
from ktt.messages.mapping.json_text import Leaf, object_text
from ktt.messages.mapping.rows import own_rows, rows_of, selected, value_of, written
from ktt.messages.mapping.scopes import UNIT, Constant, MessageMapping, Path, Scope, names_before_list
from ktt.messages.mapping.unwritable import unwritable_records
from ktt.messages.version import EncodedRecord


def encode_records(mapping: MessageMapping, unit: ReportingUnit, records: Records) -> list[EncodedRecord]:
    """Each record that is not inside another as JSON, sorted by own date, then id.

    A record of a type that has several places in the message has a line of JSON for each of them, empty where it is not.
    RecordNotEncodable when a value has no place in JSON.
    """
    for record_type, column, ids in unwritable_records(mapping, unit, records):
        raise RecordNotEncodable(record_type=record_type, column=column, count=len(ids))
    alike: dict[str, list[Scope]] = {}
    for scope in mapping.carriers:
        assert scope.record_type is not None
        alike.setdefault(scope.record_type.name, []).append(scope)
    encoded = [one for scopes in alike.values() for one in _encoded(mapping, scopes, unit, records)]
    return sorted(encoded, key=lambda one: (one.own_date, one.local_id)) if len(alike) > 1 else encoded


def _encoded(
    mapping: MessageMapping, scopes: Sequence[Scope], unit: ReportingUnit, records: Records
) -> Iterator[EncodedRecord]:
    """The records of one type, from all its places."""
    kind = scopes[0].record_type
    assert kind is not None
    group = mapping.group_of(scopes[0])
    frames = [_texts(mapping, scope, group, unit, records) for scope in scopes]
    together = frames[0]
    if len(frames) > 1:
        lines = [frame.select(kind.key, pl.col("json").alias(f"json{nth}")) for nth, frame in enumerate(frames)]
        together = pl.concat(frames).unique(kind.key, keep="first", maintain_order=True)
        for line in lines:
            together = together.join(line, on=kind.key, how="left", maintain_order="left")
        each = [pl.col(f"json{nth}").fill_null("") for nth in range(len(frames))]
        together = together.with_columns(json=pl.concat_str(each, separator="\n"))
    rows = together.select(kind.key, "own_date", "json", "group").sort("own_date", kind.key)
    for local_id, day, text, around in rows.iter_rows():
        yield EncodedRecord(local_id, day, text.encode(), kind.name, around.encode())


def _texts(
    mapping: MessageMapping, scope: Scope, group: Scope | None, unit: ReportingUnit, records: Records
) -> pl.DataFrame:
    """Key, own date, JSON, and that of the person around, of the records at one place."""
    kind = scope.record_type
    assert kind is not None
    header = pl.lit("") if group is None else object_text(_leaves(group, unit), group.order, group.optional)
    rows = _with_inside(own_rows(mapping, scope, unit, records), scope, unit, records)
    return rows.select(kind.key, own_date=own_date(kind), json=_text(scope, unit), group=header)


def _with_inside(rows: pl.DataFrame, scope: Scope, unit: ReportingUnit, records: Records) -> pl.DataFrame:
    """The rows with the text of what is inside each."""
    for nth, child in enumerate(written(scope)):
        key = scope.record_type.key  # type: ignore[union-attr]
        rows = rows.join(_inside(child, nth, key, unit, records), on=key, how="left", maintain_order="left")
    return rows


def _inside(child: Scope, nth: int, key: str, unit: ReportingUnit, records: Records) -> pl.DataFrame:
    """The objects inside each record: its key and one text, or one for each member of a numbered row."""
    rows = _with_inside(rows_of(child, unit, records).filter(selected(child, key)), child, unit, records)
    if child.is_numbered:
        return rows.select(key, *(leaf.text.alias(_name(nth, leaf.path)) for leaf in _leaves(child, unit)))
    text = _text(child, unit)
    if not child.many:
        return rows.select(key, text.alias(_name(nth)))
    # the text is made with the rows in their order, and joined without an order of its own
    joined = rows.select(key, text=text).group_by(key).agg(pl.col("text")).with_columns(pl.col("text").list.join(","))
    return joined.select(key, pl.col("text").alias(_name(nth)))


def _name(nth: int, path: Path = ()) -> str:
    return ".".join((f"_inside{nth}", *path))


def _text(scope: Scope, unit: ReportingUnit) -> pl.Expr:
    """The JSON of the objects at a place; where it says nothing of the unit, the same for all units, and made once."""
    made = _made_texts(scope)
    told = unit if _tells_unit(scope) else None
    if told not in made:
        made[told] = _text_of(scope, unit)
    return made[told]


@once_for_each
def _made_texts(_scope: Scope) -> dict[ReportingUnit | None, pl.Expr]:
    return {}


@once_for_each
def _tells_unit(scope: Scope) -> bool:
    return any(member.owner == UNIT for one in scope.walk() for member in one.members)


def _text_of(scope: Scope, unit: ReportingUnit) -> pl.Expr:
    leaves = _leaves(scope, unit)
    lists: dict[Path, list[pl.Expr]] = {}
    empty: dict[Path, str | None] = {}
    for nth, child in enumerate(written(scope)):
        if child.is_numbered:
            leaves += [
                replace(leaf, path=child.path + leaf.path, text=pl.col(_name(nth, leaf.path)))
                for leaf in _leaves(child, unit)
            ]
            continue
        lists.setdefault(child.steps, []).append(pl.col(_name(nth)))
        empty[child.steps] = child.empty
    for steps, texts in lists.items():
        together = texts[0] if len(texts) == 1 else pl.concat_str(texts, separator=",", ignore_nulls=True)
        some = together if len(texts) == 1 else pl.when(together != "").then(together)
        leaves.append(Leaf(names_before_list(steps), _in_lists(some, steps), empty[steps]))
    return object_text(leaves, scope.order, scope.optional)


def _in_lists(text: pl.Expr, steps: Path) -> pl.Expr:
    """The text in the lists and objects that lead to it from the first list on."""
    for step in reversed(steps[len(names_before_list(steps)) :]):
        before, after = ("[", "]") if step == "[]" else (f"{{{json.dumps(step, ensure_ascii=False)}:", "}")
        text = pl.concat_str(pl.lit(before), text, pl.lit(after))
    return text


def _leaves(scope: Scope, unit: ReportingUnit) -> list[Leaf]:
    members = [Leaf(one.path, one.form.write(value_of(one, unit)), one.empty) for one in scope.members]
    return members + [Leaf(one.path, _constant(one), one.empty, counts=False) for one in scope.constants]


def _constant(constant: Constant) -> pl.Expr:
    if constant.names is not None:
        names = constant.names
        column = pl.col(str(constant.beside))
        return column.replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)
    text = pl.lit(constant.json, dtype=pl.String)
    return text if constant.beside is None else pl.when(pl.col(constant.beside).is_not_null()).then(text)
