"""What a draft reads: the tables of the source, and those that the mapping makes of them, each with what counts in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ktt.domain.records import ALL_TYPES, CIRCUMSTANCES, ROOT_OF
from ktt.sender.extract.drafting.match import RecordMatch, best_tables
from ktt.sender.extract.drafting.rows import Choice, choice_of
from ktt.sender.extract.drafting.tables.answers import answers_of, with_answers
from ktt.sender.extract.drafting.tables.attributes import attributes_of, with_attributes
from ktt.sender.extract.drafting.tables.code_tables import with_code_tables
from ktt.sender.extract.drafting.tables.deleted import with_deleted
from ktt.sender.extract.drafting.tables.events import events_of, person_table, with_events
from ktt.sender.extract.drafting.tables.lookups import with_composite_ids, with_ids, with_lookups, with_merged
from ktt.sender.extract.drafting.tables.parts import with_services
from ktt.sender.extract.drafting.tables.spellings import together, with_numbers, with_spellings
from ktt.sender.extract.drafting.tables.units import of_unit, through_units, unit_table
from ktt.sender.extract.profiling.model import TableProfile


@dataclass(frozen=True, slots=True)
class Plan:
    """The table of each record type, what counts in each table, and every table by its name in the mapping."""

    records: Mapping[str, RecordMatch]
    choices: Mapping[str, Choice]
    tables: Mapping[str, TableProfile]

    def used(self, places: Iterable[RecordMatch]) -> list[TableProfile]:
        """The tables that the records come from, with those that they name, in the order of their names."""
        found: set[str] = set()
        names = [match.table.name for match in places]
        while names:
            name = names.pop()
            if name not in found:
                found.add(name)
                names += self.choices[name].others
        return [table for name, table in self.tables.items() if name in found]

    def mixed(self, table: TableProfile, places: Iterable[RecordMatch]) -> list[str]:
        """Its columns with codes in small letters and in capitals that are read of it."""
        read = {*self.choices[table.name].where, *self.choices[table.name].among}
        for match in places:
            for one in match.fields.values():
                owner, point, name = one.column.name.rpartition(".")
                if (owner if point else match.table.name) == table.name:
                    read.add(name)
        mixed = [one.name for one in table.columns if one.mixed_case and one.kind == "code" and one.name in read]
        return list(dict.fromkeys((*self.choices[table.name].upper, *mixed)))


def planned(source: Iterable[TableProfile]) -> Plan:
    """The likeliest plan for the tables of a source."""
    tables = {table.name: together(table) for table in source}
    choices = {name: choice_of(table) for name, table in tables.items()}
    units = unit_table(tables.values())
    choices = with_numbers(with_spellings(of_unit(choices, tables, units), tables), tables)
    choices, gone = with_deleted(tables.values(), choices)
    read = {name: table for name, table in tables.items() if table is not units}
    records = best_tables(read.values(), choices)
    answers = answers_of(tables.values(), choices)
    if answers is not None and not _has_scores(records):
        records, choices = with_answers(records, choices, answers, tables)
    asked = attributes_of(read.values()) if CIRCUMSTANCES.name not in records else None
    pivoted: dict[str, TableProfile] = {}
    if asked is not None and (answers is None or asked.table is not answers.table):
        records, choices, pivoted = with_attributes(records, choices, asked, tables)
    events = events_of(tables.values(), choices, person_table(records))
    parts: dict[str, TableProfile] = {}
    if events is not None and not _has_decisions(records, events.source):
        records, choices = with_events(records, choices, events, tables)
        parts = {table.name: table for table in events.parts.values()}
    records = with_services(records, read, choices)
    records = _again(records, read, choices, {events.source.name} if parts and events else set())
    records = with_ids(with_services(records, read, choices))
    records = with_composite_ids(records, choices)
    records, choices, above = with_lookups(records, choices, tables)
    records, choices = with_code_tables(records, choices, tables)
    choices = with_merged(records, through_units(records, choices, tables, units))
    return Plan(_consistent(records), choices, tables | gone | parts | above | pivoted)


def _has_scores(records: Mapping[str, RecordMatch]) -> bool:
    score = records.get("score")
    return score is not None and bool(score.cells or score.is_long)


def _has_decisions(records: Mapping[str, RecordMatch], events: TableProfile) -> bool:
    decision = records.get("decision")
    return (
        decision is not None and decision.table is not events and {"decided_on", "applied_on"} <= set(decision.fields)
    )


def _again(
    records: Mapping[str, RecordMatch],
    tables: Mapping[str, TableProfile],
    choices: Mapping[str, Choice],
    taken: set[str],
) -> dict[str, RecordMatch]:
    """The record types that have no table now, from those that no record has."""
    records = _consistent(records)
    taken = taken | {place.table.name for match in records.values() for place in (match, *match.also)}
    left = [table for name, table in tables.items() if name not in taken]
    lacking = [name for name in ALL_TYPES if name not in records and ROOT_OF[name] in {name, *records}]
    return {**best_tables(left, choices, lacking), **records}


def _consistent(records: Mapping[str, RecordMatch]) -> dict[str, RecordMatch]:
    """Without parts whose record is not found."""
    return {name: match for name, match in records.items() if ROOT_OF[name] in records or ROOT_OF[name] == name}
