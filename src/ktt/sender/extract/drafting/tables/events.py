"""A table with a row for each event: applications, decisions and appeals side by side, told apart by a column of types.

Each type becomes a table of its own in the mapping, of the same table in the source, and a decision looks up its application.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ktt.domain.records import RECIPIENT
from ktt.messages.drafting.clues.words import words_of
from ktt.sender.extract.drafting.match import SURE, Match, RecordMatch, matched
from ktt.sender.extract.drafting.rows import Choice
from ktt.sender.extract.drafting.tables.lookups import happened, recorded
from ktt.sender.extract.profiling.model import ColumnProfile, Join, TableProfile

_NAMES = {"application": "SOKNAD", "decision": "VEDTAK", "appeal": "KLAGE", "answer": "SVAR"}
_ANSWERS = {"answered", "decision", "decided", "outcome", "result"}
_SHORT_ANSWERS = {"sv", "besv"}
_LEAST_EVENTS = 1.3
"""Events of a case; a table with one row for each case has a status, and not events."""

_VALUE = 9.0


@dataclass(frozen=True, slots=True)
class Events:
    """The table, its parts by what they are, what each counts, and how they belong together.

    `case` leads to another table (or to nowhere, by name alone); `reference` leads to another event.
    """

    source: TableProfile
    parts: Mapping[str, TableProfile]
    choices: Mapping[str, Choice]
    case: str
    holder: Join | None
    reference: str


def event_of(value: str) -> str | None:
    """What an event of a type is; none where it is nothing that is reported."""
    words = words_of(value)
    meanings = {meaning for word in words for meaning in word.meanings}
    if "appeal" in meanings:
        return "answer" if meanings & _ANSWERS or {word.text for word in words} & _SHORT_ANSWERS else "appeal"
    if meanings & {"decision", "decided"}:
        return "decision"
    return "application" if "applied" in meanings else None


def events_of(tables: Iterable[TableProfile], choices: Mapping[str, Choice], person: str) -> Events | None:
    """The first table of events; `person` is the table of the persons."""
    return next((found for table in tables if (found := _events(table, choices[table.name], person))), None)


def _events(table: TableProfile, choice: Choice, person: str) -> Events | None:
    for column in table.columns:
        kinds: dict[str, list[str]] = {}
        for value in column.shown.values:
            kinds.setdefault(event_of(value) or "", []).append(value)
        is_status = any("status" in word.meanings for word in words_of(column.name))
        if column.kind != "code" or is_status or "decision" not in kinds or not {"application", "appeal"} & set(kinds):
            continue
        holder = next((one for one in table.joins if one.table not in {person, table.name}), None)
        reference = next((one.column for one in table.joins if one.table == table.name), "")
        case = holder.column if holder else _named(table)
        if not table.key or happened(table) is None or not (reference or _has_several(table, case)):
            continue
        rest = ", ".join(f"{value} ({column.shown.values[value]})" for value in kinds.pop("", []))
        parts = {kind: replace(table, name=_name(table, kind)) for kind in kinds}
        note = f"én type hendelser i «{table.name}»" + (f"; ikke med: {rest}" if rest else "")
        chosen = {
            parts[kind].name: replace(
                choice,
                relation=table.name,
                where={**choice.where, column.name: tuple(values)},
                notes={**choice.notes, "where": note},
            )
            for kind, values in kinds.items()
        }
        return Events(table, parts, chosen, case, holder, reference)
    return None


def _named(table: TableProfile) -> str:
    """The column of the case, by its name alone."""
    cases = [one for one in table.columns if any({"case"} & word.meanings for word in words_of(one.name))]
    return next((one.name for one in cases if not one.is_unique and (one.name,) != table.key), "")


def _has_several(table: TableProfile, case: str) -> bool:
    column = next((one for one in table.columns if one.name == case), None)
    return column is not None and column.filled >= _LEAST_EVENTS * column.distinct > 0


def _name(table: TableProfile, kind: str) -> str:
    name = _NAMES[kind] if table.name.isupper() else _NAMES[kind].lower()
    return f"{table.name}_{name}"


def with_events(
    records: Mapping[str, RecordMatch],
    choices: Mapping[str, Choice],
    events: Events,
    tables: Mapping[str, TableProfile],
) -> tuple[dict[str, RecordMatch], dict[str, Choice]]:
    """The records with decisions and appeals of the events."""
    found = {**choices, **events.choices}
    left = {
        name: one
        for name, one in records.items()
        if one.table is not events.source and name not in {"decision", "appeal"}
    }
    table = tables[events.holder.table] if events.holder else events.parts["decision"]
    left = {name: one for name, one in left.items() if one.table is not table}
    decision = matched("decision", table, found[table.name])
    fields = {name: one for name, one in decision.fields.items() if name not in {"applied_on", "decided_on"}}
    its, lookups = _key(events, table), dict(found[table.name].lookups)
    stamps: list[str] = []
    for field, kind in (("applied_on", "application"), ("decided_on", "decision")):
        part = events.parts.get(kind)
        if part is None:
            continue
        looked_up = part is not table
        if looked_up:
            lookups[part.name] = _on(events, its, kind)
        fields[field] = _day(part, looked_up=looked_up)
        stamp = recorded(part)
        stamps += [f"{part.name}.{stamp.name}" if looked_up else stamp.name] if stamp else []
    fields["decision_id"] = Match(_column(table, its), SURE)
    changed = recorded(events.source)
    if (changed and stamps and recorded(table) is None) or (changed and table is events.parts["decision"]):
        fields["recorded_at"] = _stamp(changed, stamps)
    found[table.name] = replace(found[table.name], lookups=lookups)
    left["decision"] = RecordMatch("decision", table, fields, _VALUE)
    appeal = events.parts.get("appeal")
    if appeal is not None:
        left["appeal"], found[appeal.name] = _appeal(events, appeal, found[appeal.name])
    return left, found


def _key(events: Events, table: TableProfile) -> str:
    """The column that a decision is known by: the case's own key, the case, or the event."""
    if events.holder:
        return events.holder.other
    return events.case if events.case and not events.reference else table.key[0]


def _on(events: Events, its: str, kind: str) -> dict[str, str]:
    """Which application belongs to a decision."""
    if events.case:
        return {events.case: its if events.holder else events.case}
    return {events.source.key[0]: events.reference} if kind == "application" else {events.reference: its}


def _day(part: TableProfile, *, looked_up: bool) -> Match:
    column = happened(part)
    assert column is not None, "events have a day"
    name = f"{part.name}.{column.name}" if looked_up else column.name
    return Match(replace(column, name=name), SURE, why=f"dagen for hendelsen i «{part.name}»")


def _stamp(column: ColumnProfile, stamps: list[str]) -> Match:
    first, *others = sorted(stamps)
    return Match(replace(column, name=first), SURE, others=tuple(others), why="den seneste endringen av hendelsene")


def _appeal(events: Events, table: TableProfile, choice: Choice) -> tuple[RecordMatch, Choice]:
    of = events.case or events.reference
    fields = {"decision_id": Match(_column(table, of), SURE), "received_on": _day(table, looked_up=False)}
    answer = events.parts.get("answer")
    if answer is not None and (events.reference or events.case):
        on = {events.reference: table.key[0]} if events.reference else {events.case: events.case}
        choice = replace(choice, lookups={**choice.lookups, answer.name: on})
        fields["answered_on"] = _day(answer, looked_up=True)
    return RecordMatch("appeal", table, fields, _VALUE), choice


def _column(table: TableProfile, name: str) -> ColumnProfile:
    return next(column for column in table.columns if column.name == name)


def person_table(records: Mapping[str, RecordMatch]) -> str:
    """The table of the persons."""
    return records[RECIPIENT.name].table.name if RECIPIENT.name in records else ""
