"""Random records of any type, as a message version can carry them; and the plain way to write a message, to compare with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import strategies as st

from ktt.domain.identifiers import compose_synthetic
from ktt.domain.records import RECIPIENT, Records
from ktt.domain.schema import RecordType
from ktt.domain.unit import ReportingUnit
from support.contract_table import PADDED, Field, MessageTable, Part

UNITS = (ReportingUnit("312000008", "1114"), ReportingUnit("312000563", "0301", "03"))
_IDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=8)
_DAYS = st.dates(dt.date(1940, 1, 1), dt.date(2035, 12, 31))
_INSTANTS = st.integers(0, 40 * 365 * 86_400 * 1_000_000).map(
    lambda microseconds: dt.datetime(1995, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
)
_KINDS: dict[str, st.SearchStrategy[Any]] = {
    "id": _IDS,
    "text": st.text(st.sampled_from("ABGP0123"), min_size=1, max_size=5),
    "day": _DAYS,
    "instant": _INSTANTS | _INSTANTS.map(lambda instant: instant.replace(microsecond=0)),
    "month": _DAYS.map(lambda day: f"{day:%Y-%m}"),
    "hours": st.integers(1, 16_800).map(lambda hundredths: Decimal(hundredths) / 100),
    "count": st.integers(1, 999),
    "organisation": st.sampled_from(["312000113", "312000229", "312000334"]),
    "municipality": st.sampled_from(["0301", "4601", "5001"]),
    "district": st.sampled_from(["01", "12"]),
}
# A value that asks for another: the second column is needed where the first is filled.
_NEEDS = {
    "individual_plan_on": "individual_plan",
    "coordinator_on": "coordinator",
    "medication_review_on": "medication_review",
    "waiting_list_from": "waiting_list",
    "waiting_list_to": "waiting_list",
    "habilitation_on": "habilitation",
}


def _value(field: Field) -> st.SearchStrategy[Any]:
    return st.sampled_from(field.codes) if field.codes else _KINDS[field.kind]


@st.composite
def _row(draw: st.DrawFn, part: Part, ids: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = dict(ids)
    for field in part.fields:
        if field.part is None and field.column not in row:
            always = field.required and "." not in field.path
            row[field.column] = draw(_value(field) if always or field.default else st.none() | _value(field))
    return _fitting(row, part)


def _fitting(row: dict[str, Any], part: Part) -> dict[str, Any]:
    """The row with what the schema's conditions between fields ask for."""
    codes = {field.column: field.codes for field in part.fields}
    for filled, needed in _NEEDS.items():
        if row.get(filled) is not None and row[needed] is None:
            row[needed] = codes[needed][0]
    if row.get("need", "1") != "1":
        row["receives"] = None
    if "decided_on" in row and row["applied_on"] is None:
        row["decided_on"] = row["decided_on"] or dt.date(2026, 1, 9)
    if row.get("decision_number", 1) > 1:
        row["original_decision_id"] = row["original_decision_id"] or "V-0"
    return row


@st.composite
def _people(draw: st.DrawFn) -> list[dict[str, Any]]:
    numbers = [compose_synthetic(dt.date(1940, 4, day), 100) for day in range(1, 29)]
    choices = [("national", number) for number in numbers if number]
    choices += [("d", "55838703266"), ("duf", "202300004711"), (None, None)]
    names = draw(st.lists(_IDS, min_size=1, max_size=3, unique=True))
    people = []
    for name in names:
        kind, number = draw(st.sampled_from(choices))
        row = {"local_person_id": name, "person_number": number, "person_number_kind": kind}
        people.append({**row, "died_on": draw(st.none() | _DAYS)})
    return people


@st.composite
def records_for(draw: st.DrawFn, table: MessageTable) -> dict[str, pl.DataFrame]:
    """Up to four root records with their parts, and exactly the recipients they are about."""
    people, kind = draw(_people()), table.body.record_type
    rows: dict[str, list[dict[str, Any]]] = {kind.name: []}
    for key in draw(st.lists(_IDS, min_size=1, max_size=4, unique=True)):
        who = draw(st.sampled_from(people))["local_person_id"]
        root = draw(_row(table.body, {kind.key: key, "local_person_id": who}))
        root["home_municipality"] = draw(st.none() | _KINDS["municipality"])
        root["home_district"] = draw(st.none() | _KINDS["district"])
        rows[kind.name].append(root)
        for field in table.body.fields:
            if field.part is not None:
                rows.setdefault(field.part.record_type.name, []).extend(draw(_parts(field, kind, key)))
    named = {row["local_person_id"] for row in rows[kind.name]}
    rows[RECIPIENT.name] = [row for row in people if row["local_person_id"] in named]
    types = {t.name: t for t in (kind, *kind.parts, RECIPIENT)}
    return {name: _frame(types[name], found) for name, found in rows.items()}


@st.composite
def _parts(draw: st.DrawFn, field: Field, root: RecordType, key: str) -> list[dict[str, Any]]:
    assert field.part is not None
    least = field.limits["items"][0]
    identity = [f for f in field.part.fields if f.column in field.part.record_type.order]
    rows = draw(st.lists(_row(field.part, {root.key: key}), min_size=least, max_size=3))
    unique = {tuple(str(row[f.column]) for f in identity): row for row in rows}
    return list(unique.values())


def _frame(kind: RecordType, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {c.name: pl.Series([row.get(c.name) for row in rows], dtype=c.dtype) for c in kind.columns}
    return kind.conform(pl.DataFrame(columns))


def in_order(records: Records) -> dict[str, list[dict[str, Any]]]:
    """The records as plain rows in an order that does not depend on who made them."""
    return {name: sorted(frame.to_dicts(), key=repr) for name, frame in records.items()}


def plain_message(table: MessageTable, unit: ReportingUnit, records: Records) -> list[dict[str, Any]]:
    """The message as plain values, record by record and field by field: slow, and easy to believe."""
    kind = table.body.record_type
    people = {row["local_person_id"]: row for row in records[RECIPIENT.name].to_dicts()}
    roots = records[kind.name].to_dicts()
    roots.sort(key=lambda row: (next(row[c] for c in kind.own_date if row[c] is not None), row[kind.key].encode()))
    written = []
    for root in roots:
        record = _plain_object(table.body, root, records)
        about = {**people[root["local_person_id"]], **root}
        if about["home_municipality"] == unit.municipality:
            about["home_municipality"] = None
        person = Part(RECIPIENT, table.person)
        record[table.person_path] = _plain_object(person, about, records)
        written.append(record)
    head = {"orgNr": int(unit.organisation), "kommuneNr": int(unit.municipality)}
    district = {"bydelNr": unit.district} if unit.district else {}
    return [{**head, **district, table.list_name: written}]


def _plain_object(part: Part, row: dict[str, Any], records: Records) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for field in part.fields:
        value = _plain_list(field, part, row, records) if field.part else _plain_value(field, row)
        if value in (None, []):
            continue
        *outer, name = field.path.split(".")
        home = result.setdefault(outer[0], {}) if outer else result
        home[name] = value
    return result


def _plain_list(field: Field, part: Part, row: dict[str, Any], records: Records) -> list[dict[str, Any]]:
    assert field.part is not None
    inner, key = field.part.record_type, part.record_type.key
    rows = [found for found in records[inner.name].to_dicts() if found[key] == row[key]]
    rows.sort(key=lambda found: tuple(_order(inner, name, found[name]) for name in inner.order))
    return [_plain_object(field.part, found, records) for found in rows]


def _order(kind: RecordType, name: str, value: Any) -> tuple[bool, Any]:
    if value is None:
        return (True, 0)  # empty last
    return (
        False,
        int(value) if kind.column(name).kind == "code" else value.encode() if isinstance(value, str) else value,
    )


def _plain_value(field: Field, row: dict[str, Any]) -> Any:
    value = row[field.column]
    if value is None or (field.identity and row["person_number_kind"] != field.identity):
        return None
    if field.kind == "code" or field.kind in PADDED:
        return int(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(ZoneInfo("Europe/Oslo")).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value
