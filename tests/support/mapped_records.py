"""Random records of every root type, made from the record types alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from ktt.domain.codes import code_list
from ktt.domain.identifiers import compose_synthetic
from ktt.domain.person_rule import REPORTABLE
from ktt.domain.records import ALL_TYPES, RECIPIENT, ROOTS, Records
from ktt.domain.schema import Column, RecordType
from ktt.domain.unit import ReportingUnit

UNITS = (ReportingUnit("312000008", "1114"), ReportingUnit("312000563", "0301", "03"))
_IDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)
_DAYS = st.dates(dt.date(1940, 1, 1), dt.date(2035, 12, 31))
_NOON = dt.datetime(1995, 1, 1, 12, tzinfo=dt.UTC)
_KINDS: Mapping[str, st.SearchStrategy[Any]] = {
    "id": _IDS,
    "text": st.text(st.sampled_from('ABG"\\æ7'), min_size=1, max_size=5),
    "day": _DAYS,
    "instant": st.builds(
        lambda days, micro: _NOON + dt.timedelta(days=days, microseconds=micro),
        st.integers(0, 14_000),
        st.just(0) | st.integers(0, 10_000_000),
    ),
    "month": _DAYS.map(lambda day: f"{day:%Y-%m}"),
    "hours": st.integers(1, 16_800).map(lambda hundredths: Decimal(hundredths) / 100),
    "count": st.integers(1, 999),
    "organisation": st.sampled_from(["312000113", "312000229", "312000334"]),
    "municipality": st.sampled_from(["0301", "4601", "1114"]),
    "district": st.sampled_from(["01", "12"]),
}
_PERSONS = [
    ("national", str(compose_synthetic(dt.date(1940, 4, 1), 100))),
    ("d", "55838703266"),
    ("duf", "202300004711"),
    ("other", "passport AB-12"),
    (None, None),
]
_OF = {
    "individual_plan_on": "individual_plan",
    "coordinator_on": "coordinator",
    "medication_review_on": "medication_review",
    "waiting_list_from": "waiting_list",
    "waiting_list_to": "waiting_list",
    "habilitation_on": "habilitation",
}
"""Days that say when something was answered: not there without the answer."""


def _value(column: Column) -> st.SearchStrategy[Any]:
    if column.name == "code_system":
        return st.sampled_from(["ICD-10", "ICPC-2"])
    return st.sampled_from(code_list(column.code_list).values()) if column.code_list else _KINDS[column.kind]


@st.composite
def _row(draw: st.DrawFn, kind: RecordType, given: Mapping[str, Any]) -> dict[str, Any]:
    always = {column.name for column in kind.columns if column.required} | set(kind.own_date[:1])
    row = {
        column.name: given[column.name]
        if column.name in given
        else draw(_value(column) if column.name in always else st.none() | _value(column))
        for column in kind.columns
    }
    return {name: None if row.get(_OF.get(name, name)) is None else value for name, value in row.items()}


@st.composite
def records(draw: st.DrawFn) -> Records:
    """A few persons, and of each root type a few records with at most one part of each key, services in a decision too."""
    names = draw(st.lists(_IDS, min_size=1, max_size=3, unique=True))
    people = []
    for name in names:
        kind, number = draw(st.sampled_from(_PERSONS))
        died_on = draw(st.none() | _DAYS)
        people.append(
            {"local_person_id": name, "person_number": number, "person_number_kind": kind, "died_on": died_on}
        )
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ALL_TYPES if name != "residence"}
    rows[RECIPIENT.name] = people
    for kind in ROOTS:
        for key in draw(st.lists(_IDS, max_size=3, unique=True)):
            given = {kind.key: key, "local_person_id": draw(st.sampled_from(names))}
            if kind.name == "care_service":
                given |= draw(st.sampled_from([_of_decision(one) for one in (None, *rows["decision"])]))
            rows[kind.name].append(draw(_row(kind, given)))
            for part in kind.parts:
                found = draw(st.lists(_row(part, {kind.key: key}), max_size=1 if part.name == "appeal" else 3))
                rows[part.name] += {tuple(str(one[c]) for c in part.order): one for one in found}.values()
    return {name: _frame(ALL_TYPES[name], found) for name, found in rows.items()}


def _of_decision(decision: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a service has of its decision, or that it has none."""
    if decision is None:
        return {"decision_id": None}
    return {name: decision[name] for name in ("decision_id", "local_person_id")}


def _frame(kind: RecordType, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {c.name: pl.Series([row.get(c.name) for row in rows], dtype=c.dtype) for c in kind.columns}
    return kind.conform(pl.DataFrame(columns))


def as_read(found: Records, unit: ReportingUnit, types: set[str]) -> dict[str, list[dict[str, Any]]]:
    """The records as a reader of a message with these types must give them.

    A home municipality that is the unit's own is not written, nor a number of a kind that is not reported, nor a person
    without records.
    """
    expected = {name: found[name].to_dicts() for name in types if name in found}
    named = {row["local_person_id"] for rows in expected.values() for row in rows if "local_person_id" in row}
    for rows in expected.values():
        for row in rows:
            if row.get("home_municipality") == unit.municipality:
                row["home_municipality"] = None
    people = [row for row in found[RECIPIENT.name].to_dicts() if row["local_person_id"] in named]
    for row in people:
        if row["person_number_kind"] not in REPORTABLE:
            row |= {"person_number": None, "person_number_kind": None}
    return {name: in_order(rows) for name, rows in {**expected, RECIPIENT.name: people}.items() if rows}


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in an order that does not depend on who made them."""
    return sorted(rows, key=repr)
