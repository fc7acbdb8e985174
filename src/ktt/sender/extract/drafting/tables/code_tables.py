"""Codes that are numbers of a table of codes: what the mapping should read is the text there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ktt.domain.records import ALL_TYPES
from ktt.sender.extract.drafting.match import Match, RecordMatch
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.profiling.model import ColumnProfile, TableProfile

_MOST_CODES = 300
_SHORT = 4
"""Signs of a code; a text has more."""


def with_code_tables(
    records: Mapping[str, RecordMatch], choices: Mapping[str, Choice], tables: Mapping[str, TableProfile]
) -> tuple[dict[str, RecordMatch], dict[str, Choice]]:
    """The records with codes that are looked up, where a column leads to a small table that has a text for each."""
    found, read = dict(choices), dict(records)
    owners = {match.table.name for match in records.values()}
    for name, match in records.items():
        fields = dict(match.fields)
        for field, one in match.fields.items():
            list_id = ALL_TYPES[name].column(field).code_list
            join = next((join for join in match.table.joins if join.column == one.column.name), None)
            other = tables.get(join.table) if join and list_id and join.table not in owners else None
            if join is None or other is None or other.rows > _MOST_CODES:
                continue
            better = _text(other)
            if better is not None:
                column = replace(better, name=f"{other.name}.{better.name}")
                fields[field] = Match(column, one.score, why=f"koden slås opp i «{other.name}»")
                lookups = {**found[match.table.name].lookups, other.name: {join.other: join.column}}
                found[match.table.name] = replace(found[match.table.name], lookups=lookups)
        read[name] = replace(match, fields=fields)
    return read, found


def _text(table: TableProfile) -> ColumnProfile | None:
    """The only column of texts for the codes, as the scan shows them."""
    texts = [one for one in table.columns if one.name not in table.key and one.kind == "code" and one.longest > _SHORT]
    return texts[0] if len(texts) == 1 else None
