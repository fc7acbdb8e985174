"""Fields that stand in another table: ids by the columns that lead there, and what a table lacks from the tables it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS
from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.clues import likeness, targets
from ktt.sender.extract.drafting.match import LEAST, LIKELY, SURE, Match, RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile

Tables = Mapping[str, TableProfile]
_ABOVE = "OVERORDNET"
_BETWEEN = "\x1f"
_NOT_LOOKED_UP = {"id", "person_number", "count", "text"}
"""Kinds of fields that stand in the record's own table or are an id, which `_led` finds."""


def with_ids(records: Mapping[str, RecordMatch]) -> dict[str, RecordMatch]:
    """The records with the ids of others in the columns that lead to where those are: values say it better than names."""
    owners = {
        (match.table.name, column.column.name): root.key
        for root in (RECIPIENT, *ROOTS)
        if (match := records.get(root.name)) and (column := match.fields.get(root.key))
    }
    return {name: _led(match, owners) for name, match in records.items()}


def with_composite_ids(records: Mapping[str, RecordMatch], choices: Mapping[str, Choice]) -> dict[str, RecordMatch]:
    """The records of services with an id of several columns, where the key of the services is of several."""
    keys = [
        choices[match.table.name].key
        for name in ("decision_line", "care_service")
        if (match := records.get(name)) and len(choices[match.table.name].key) > 1
    ]
    if not keys:
        return dict(records)
    key = min(keys, key=len)
    together = "-".join(f"{{{name}}}" for name in key)
    found = dict(records)
    for name in ("decision_line", "care_service", "provider_period", "pause"):
        match = found.get(name)
        if match is None or not set(key) <= {column.name for column in match.table.columns}:
            continue
        column = replace(_column(match.table, key[0]), name=together, kind="text")
        id_ = Match(column, SURE, why="satt sammen av nøkkelen til tjenestene")
        fields = {
            field: one for field, one in match.fields.items() if field == "decision_id" or one.column.name not in key
        }
        found[name] = replace(match, fields={**fields, "service_id": id_})
    return found


def with_merged(records: Mapping[str, RecordMatch], choices: Mapping[str, Choice]) -> dict[str, Choice]:
    """What the table of the persons is told of where a person leads to another, who is the same."""
    found, person = dict(choices), records.get(RECIPIENT.name)
    join = next((one for one in person.table.joins if one.table == person.table.name), None) if person else None
    if person is not None and join is not None:
        why = f"«{join.column}» viser til en annen person; er de slått sammen, se «Opplysninger i en annen tabell» i koblingsfilen.md"
        own = found[person.table.name]
        found[person.table.name] = replace(own, notes={**own.notes, "name": why})
    return found


def _led(match: RecordMatch, owners: Mapping[tuple[str, str], str]) -> RecordMatch:
    wanted = {target.name for target in targets(match.record_type)} - {ALL_TYPES[match.record_type].key}
    if ALL_TYPES[match.record_type].parent_key:
        wanted |= {ALL_TYPES[match.record_type].parent_key or ""}
    fields = dict(match.fields)
    for join in match.table.joins:
        field = owners.get((join.table, join.other))
        if field in wanted and join.table != match.table.name:
            fields = {name: one for name, one in fields.items() if one.column.name != join.column}
            fields[field] = Match(_column(match.table, join.column), SURE)
    return replace(match, fields=fields, also=tuple(_led(one, owners) for one in match.also))


def with_lookups(
    records: Mapping[str, RecordMatch], choices: Mapping[str, Choice], tables: Tables
) -> tuple[dict[str, RecordMatch], dict[str, Choice], dict[str, TableProfile]]:
    """What a record lacks, from the tables that its own leads to; the tables say then which row belongs to a row.

    Also the tables that are made for it: a department's parent is another row of the same table.
    """
    found = dict(choices)
    more: dict[str, TableProfile] = {}
    people = dict(_people(records))
    owners = {match.table.name for match in records.values()}
    read: dict[str, RecordMatch] = {}
    for name, match in records.items():
        fields = dict(match.fields)
        for join in (*_composite(match.table, choices, tables), *match.table.joins):
            other = tables.get(join.table)
            if other is None or other is match.table:
                continue
            least = LEAST if _BETWEEN in join.column else LIKELY
            found_there = list(_lacking(replace(match, fields=fields), other, people, least))
            if least == LIKELY and other.name in owners:  # what it says of itself is not of what leads to it
                found_there = [(field, one) for field, one in found_there if field == RECIPIENT.key]
            for field, one in found_there:
                fields[field] = _looked_up(one, other)
                found[match.table.name] = _with_lookup(found[match.table.name], join, found[other.name])
                if field == "provider":
                    fields[field], found, more = _with_parent(fields[field], match.table, other, found, more)
        read[name] = replace(match, fields=fields)
    return read, found, more


def _composite(table: TableProfile, choices: Mapping[str, Choice], tables: Tables) -> Iterable[Join]:
    """The tables whose key of several columns stands in this table too, by the same names."""
    here = {column.name for column in table.columns}
    for other in tables.values():
        key = choices[other.name].key
        if other is not table and len(key) > 1 and set(key) <= here:
            yield Join(_BETWEEN.join(key), other.name, _BETWEEN.join(key), 1.0)


def _people(records: Mapping[str, RecordMatch]) -> Iterable[tuple[str, ColumnProfile]]:
    for match in records.values():
        if RECIPIENT.key in match.fields:
            yield match.table.name, match.fields[RECIPIENT.key].column


def _lacking(
    match: RecordMatch, other: TableProfile, people: Mapping[str, ColumnProfile], least: float
) -> Iterable[tuple[str, Match]]:
    """The fields without a column that one of the other table is like; each column of it for one of them."""
    taken = {one.column.name for one in match.fields.values()} | {
        f"{other.name}.{join.column}" for join in other.joins if _column(other, join.column).kind != "organisation"
    }
    for target in targets(match.record_type):
        if target.name in match.fields or target.name in match.cells:
            continue
        if target.name == RECIPIENT.key and other.name in people and match.record_type != RECIPIENT.name:
            yield target.name, Match(people[other.name], SURE)
        if target.column.kind in _NOT_LOOKED_UP or target.name == "recorded_at":
            continue
        scores = [
            (max(likeness(other, column, target, match.record_type), _as_said(target.name, other, column)), column)
            for column in other.columns
            if column.name not in other.key and f"{other.name}.{column.name}" not in taken
        ]
        score, column = max(scores, key=lambda one: one[0], default=(0.0, None))
        if column is not None and score >= least:
            taken.add(f"{other.name}.{column.name}")
            yield target.name, Match(column, score)


def _as_said(field: str, other: TableProfile, column: ColumnProfile) -> float:
    """What a column is because of where it stands: the number of a department, the day that a case was received."""
    if field == "provider":
        return SURE if column.kind == "organisation" else 0.0
    of_case = {meaning for word in words_of(other.name) for meaning in word.meanings} & {"case", "applied"}
    if (
        field == "applied_on"
        and of_case
        and column.kind in _OF_TIME
        and (_is(column, "received") or _is(column, "applied"))
    ):
        return LIKELY
    return 0.0


def _looked_up(one: Match, other: TableProfile) -> Match:
    column = replace(one.column, name=f"{other.name}.{one.column.name}")
    return replace(one, column=column, why=f"hentet fra «{other.name}», som tabellen viser til")


def _with_lookup(choice: Choice, join: Join, other: Choice) -> Choice:
    """A row of a log without a row in the table that has the whole key is left behind: that was deleted."""
    on = dict(zip(join.other.split(_BETWEEN), join.column.split(_BETWEEN), strict=True))
    if len(on) > 1 and other.without and not other.of:
        note = f"rader uten en rad i «{join.table}» er etterlatt"
        choice = replace(choice, within={**choice.within, join.table: on}, notes={**choice.notes, "with": note})
    return replace(choice, lookups={**choice.lookups, join.table: on})


def _with_parent(
    match: Match, table: TableProfile, other: TableProfile, choices: dict[str, Choice], more: dict[str, TableProfile]
) -> tuple[Match, dict[str, Choice], dict[str, TableProfile]]:
    """The number of the department above, where a department has none of its own and leads to another of them."""
    above = next((join for join in other.joins if join.table == other.name), None)
    if above is None or not match.column.empty:
        return match, choices, more
    name = f"{other.name}_{_ABOVE}" if other.name.isupper() else f"{other.name}_{_ABOVE.lower()}"
    its = choices[table.name]
    lookups = {**its.lookups, name: {above.other: f"{other.name}.{above.column}"}}
    choices = {
        **choices,
        table.name: replace(its, lookups=lookups),
        name: replace(choices[other.name], relation=other.name, notes={"name": "samme tabell: den overordnede"}),
    }
    column = match.column.name.removeprefix(f"{other.name}.")
    return replace(match, otherwise=(f"{name}.{column}",)), choices, {**more, name: replace(other, name=name)}


def _column(table: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in table.columns if column.name == name)


def recorded(table: TableProfile) -> ColumnProfile | None:
    """The column that says when a row was changed."""
    return next((one for one in table.columns if one.kind in _OF_TIME and _is(one, "recorded")), None)


def happened(table: TableProfile) -> ColumnProfile | None:
    """The column that says on which day it was: the first of a time that is not when the row was changed."""
    return next((one for one in table.columns if one.kind in _OF_TIME and not _is(one, "recorded")), None)


_OF_TIME = {"day", "instant", "zoned_instant"}


def _is(column: ColumnProfile, meaning: str) -> bool:
    return any(meaning in word.meanings for word in words_of(column.name))
