"""Planted faults: what the rules find, in the form of the answer key, and persons as the text that an extract starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from ktt.domain.records import Records
from ktt.domain.unit import ReportingUnit
from ktt.rules.catalogue import catalogue
from ktt.rules.context import ValidationScope
from ktt.rules.engine import validate_records
from ktt.rules.rule import Rule
from ktt.sender.extract.extract import Extract
from ktt.sender.extract.sources.sql import open_source
from ktt.testing.synthetic.municipality.model import Person
from ktt.testing.synthetic.municipality.municipality import Ids, Municipality, create_municipality
from ktt.testing.synthetic.municipality.profile import load_profile
from ktt.testing.synthetic.record_system.tables import PEOPLE, RECORDS, Column, Table

MUNICIPALITY = "1114"
UNIT = ReportingUnit("312000008", MUNICIPALITY)
REAL_UNIT = ReportingUnit("974760673", MUNICIPALITY)  # Enhetsregisteret itself
Found = dict[str, list[str]]


def create(seed: object) -> Municipality:
    """A municipality to plant faults in."""
    return create_municipality(MUNICIPALITY, 40, Random(str(seed)), load_profile(), Ids())


def read_folder(folder: Path, answers: Mapping[str, Any]) -> Extract:
    """The record system in a folder, read through its mapping on the day of its answers."""
    unit = ReportingUnit(**answers["unit"])
    source = open_source(f"sqlite:///{folder / 'epj.sqlite'}", folder / "mapping.toml")
    return source.read(unit, dt.date.fromisoformat(answers["as_of"]), "sandbox")


def found_in(
    records: Records,
    today: dt.date,
    *,
    unit: ReportingUnit = UNIT,
    production: bool = False,
    rules: Iterable[Rule] = catalogue(),
) -> Found:
    """What the rules find: rule id → local ids, one for each finding."""
    found: Found = {}
    findings = validate_records(records, rules, ValidationScope(unit, today, production, other_records={}))
    for rule, local_id in findings.select("rule", "local_id").sort("rule", "local_id").iter_rows():
        found.setdefault(rule, []).append(local_id)
    return found


def in_short(found: Found) -> dict[str, Any]:
    """The same as `answers.json` tells it."""
    return {rule: {"findings": len(ids), "records": sorted(set(ids))} for rule, ids in found.items()}


def as_text(people: Sequence[Person]) -> dict[str, pl.DataFrame]:
    """What a reading of these persons begins with: the local tables as text. A code that no list has stays as it is."""
    frames = {}
    for table in (PEOPLE, *RECORDS):
        records = people if table is PEOPLE else [one for person in people for one in getattr(person, table.attribute)]
        frames[table.name] = _frame(
            table, [[_cell(c, getattr(one, c.field)) for c in table.columns] for one in records]
        )
        for part in table.parts:
            owner, *rest = part.columns
            rows = [
                [_cell(owner, getattr(one, owner.field)), *(_cell(c, getattr(item, c.field)) for c in rest)]
                for one in records
                for item in getattr(one, part.attribute)
            ]
            frames[part.name] = _frame(part, rows)
    return frames


def _frame(table: Table, rows: list[list[str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(table.names, pl.String), orient="row")


def _cell(column: Column, value: object) -> str | None:
    try:
        written = column.form.write(value)
    except KeyError:
        written = value
    return None if written is None else str(written)
