"""Services and who carries them out, where their tables are known by what they lead to and not by what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.drafting.match import RecordMatch, matched
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import TableProfile

_OF_TIME = {"day", "instant", "zoned_instant"}
_VALUE = 5.0


def with_services(
    records: Mapping[str, RecordMatch], tables: Mapping[str, TableProfile], choices: Mapping[str, Choice]
) -> dict[str, RecordMatch]:
    """The records with the services that have the lines' key and days of their own, and the providers of those."""
    found = dict(records)
    line = found.get("decision_line")
    if line is not None and not _has_type(found.get("care_service")):
        key = choices[line.table.name].key
        of_key = [
            one for name, one in tables.items() if one is not line.table and choices[name].key == key and _dated(one)
        ]
        if len(key) > 1 and of_key:
            found = _instead(found, "care_service", of_key[0], choices)
    if "provider_period" not in found:
        service = found.get("care_service") or line
        key = choices[service.table.name].key if service else ()
        of_providers = [one for one in tables.values() if _dated(one) and _has(one, key) and _provides(one, tables)]
        taken = {match.table.name for match in found.values()}
        free = [one for one in of_providers if one.name not in taken]
        if key and free:
            found = _instead(found, "provider_period", free[0], choices)
    return found


def _has_type(match: RecordMatch | None) -> bool:
    return match is not None and "service_type" in match.fields and "starts_on" in match.fields


def _instead(
    records: Mapping[str, RecordMatch], name: str, table: TableProfile, choices: Mapping[str, Choice]
) -> dict[str, RecordMatch]:
    """The records with that one from the table; those that it took from the table before are not of it."""
    match = matched(name, table, choices[table.name])
    key = ALL_TYPES[name].key
    fields = {
        field: one
        for field, one in match.fields.items()
        if field != "service_type" or one.column.name not in choices[table.name].key
    }
    left = {kind: one for kind, one in records.items() if one.table is not table}
    if ALL_TYPES[name].parent_key is None:
        fields.pop(key, None)
    return {**left, name: replace(match, fields=fields, value=_VALUE)}


def _dated(table: TableProfile) -> bool:
    return sum(column.kind in _OF_TIME for column in table.columns) > 1


def _has(table: TableProfile, key: tuple[str, ...]) -> bool:
    return bool(key) and set(key) <= {column.name for column in table.columns}


def _provides(table: TableProfile, tables: Mapping[str, TableProfile]) -> bool:
    """Whether it leads to a table with the numbers of organisations."""
    others = (tables[join.table] for join in table.joins if join.table in tables and join.table != table.name)
    return any(column.kind == "organisation" for other in others for column in other.columns)
