"""A score for each unit and variable, of parts that are all shown: completeness, validity, defaults, timeliness, coverage.

Each part is a share from 0 to 1, empty where it cannot be told, and the score is the mean of those that are there.
*Completeness*: of the records that held on the day, those that have the variable. *Validity*: those without an open finding
that concerns it; findings are known as they are now, so only now has it. *Defaults*: of the values that are there, those that
are no “not relevant” or “unknown” (code 9 of the lists that have it). *Timeliness*: of the versions of the record type that
were received in the 30 days up to the day, those received within seven days of being recorded; what was recorded before the
unit's first message is history and is left out. *Coverage*: of the months since 2017 that are not declared, those that are
complete (`registry.coverage.months`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO
from ktt.domain.records import ROOTS
from ktt.domain.schema import RecordType
from ktt.registry.columns import fetch
from ktt.registry.tables import INGESTED, INGESTED_UNIT, LAYOUTS, Layout
from ktt.registry.two_clocks import AsOf, records_as_of

PARTS = ("completeness", "validity", "defaults", "timeliness", "coverage")
SCORE = {
    "unit": pl.String(),
    "day": pl.Date(),
    "record_type": pl.String(),
    "variable": pl.String(),
    "records": pl.Int64(),
    **dict.fromkeys(PARTS, pl.Float64()),
    "score": pl.Float64(),
}
IN_TIME = dt.timedelta(days=7)
WINDOW = dt.timedelta(days=30)
_NOT_RELEVANT = {"1110": "9", "9165": "9", "9166": "9", "9167": "9"}
_LATE: Mapping[str, Any] = {
    "postgresql": lambda known: sa.extract("epoch", known.known_from - known.recorded_at) / 86400,
    "sqlite": lambda known: sa.func.julianday(known.known_from) - sa.func.julianday(known.recorded_at),
}
_ADMINISTRATIVE = frozenset({"local_person_id", "recorded_at", "home_municipality", "home_district"})
_RIGHTLY_EMPTY = frozenset(
    {"ends_on", "appeal", "pause", "original_decision_id", "case_id", "round_the_clock", "individual_plan_on"}
    | {"coordinator_on", "medication_review_on", "waiting_list_from", "waiting_list_to", "habilitation_on"}
)
"""What many records do not have for good reasons, so that an empty one says nothing about quality."""


def scores(
    connection: Connection, as_of: AsOf, unit: str | None, fields: pl.DataFrame | None, coverage: pl.DataFrame
) -> pl.DataFrame:
    """`SCORE` of every unit (or one) on the day of `as_of`.

    `fields` are the open findings by field (`finding_log.FIELDS`), None where they are not known; `coverage` has `unit` and
    `coverage`.
    """
    filled = pl.concat([_filled(connection, LAYOUTS[kind.name], as_of, unit) for kind in ROOTS])
    timely = pl.concat([_timely(connection, LAYOUTS[kind.name], as_of, unit) for kind in ROOTS])
    found = filled.join(timely, on=["unit", "record_type"], how="left").join(coverage, on="unit", how="left")
    return _scored(_with_validity(found, fields).with_columns(day=pl.lit(as_of.day))).sort(
        "unit", "record_type", "variable"
    )


def variables(kind: RecordType) -> list[str]:
    """The columns of a record type, and the parts, that are judged: what is rightly empty in many records is not."""
    own = [column.name for column in kind.columns if column.name not in _ADMINISTRATIVE | {kind.key}]
    every = [*own, *(part.name for part in LAYOUTS[kind.name].parts)]
    return [name for name in every if name not in _RIGHTLY_EMPTY]


def _filled(connection: Connection, layout: Layout, as_of: AsOf, unit: str | None) -> pl.DataFrame:
    """`unit`, `record_type`, `variable`, `records`, `completeness`, `defaults`; counted in one pass over the type."""
    where = [] if unit is None else [layout.known.c.unit == unit]
    rows = records_as_of(layout, as_of, *where).subquery()
    names = variables(layout.record_type)
    lists = {column.name: column.code_list for column in layout.record_type.columns}
    counts: list[Any] = [sa.func.count(rows.c[name]) for name in names]
    empty = {name: _NOT_RELEVANT[lists[name] or ""] for name in names if lists.get(name) in _NOT_RELEVANT}
    counts += [sa.func.count(sa.case((rows.c[name] == code, 1))) for name, code in empty.items()]
    query = sa.select(rows.c.unit, sa.func.count(), *counts).group_by(rows.c.unit)
    columns = [*(f"n_{name}" for name in names), *(f"d_{name}" for name in empty)]
    schema = {"unit": pl.String(), "records": pl.Int64(), **dict.fromkeys(columns, pl.Int64())}
    found = fetch(connection, query, schema)
    return pl.concat(_variables(found, layout.record_type.name, names, empty))


def _variables(found: pl.DataFrame, kind: str, names: list[str], empty: Mapping[str, str]) -> Iterator[pl.DataFrame]:
    for name in names:
        there = pl.col(f"n_{name}")
        relevant = 1 - pl.col(f"d_{name}") / there if name in empty else pl.lit(None, pl.Float64)
        yield found.select(
            "unit",
            "records",
            record_type=pl.lit(kind),
            variable=pl.lit(name),
            completeness=there / pl.col("records"),
            defaults=pl.when(there > 0).then(relevant),
        )


def _timely(connection: Connection, layout: Layout, as_of: AsOf, unit: str | None) -> pl.DataFrame:
    assert as_of.day is not None
    known = layout.known.c
    until = dt.datetime.combine(as_of.day + dt.timedelta(days=1), dt.time(), OSLO).astimezone(dt.UTC)
    until = until if as_of.known_at is None else min(until, as_of.known_at)
    begun = sa.select(INGESTED_UNIT.c.unit.label("of_unit"), sa.func.min(INGESTED.c.received_at).label("first"))
    begun = begun.join(INGESTED, INGESTED.c.position == INGESTED_UNIT.c.position).group_by(INGESTED_UNIT.c.unit)
    first = begun.subquery()
    late = _LATE[connection.dialect.name](known)
    in_time = sa.func.count(sa.case((late <= IN_TIME.days, 1)))
    where = [
        known.known_from > until - WINDOW,
        known.known_from <= until,
        ~known.deleted,
        known.recorded_at >= first.c.first,
        *([] if unit is None else [known.unit == unit]),
    ]
    joined = sa.join(layout.known, first, known.unit == first.c.of_unit)
    query = sa.select(known.unit, sa.func.count(), in_time).select_from(joined).where(*where).group_by(known.unit)
    found = fetch(connection, query, {"unit": pl.String(), "versions": pl.Int64(), "in_time": pl.Int64()})
    share = pl.col("in_time") / pl.col("versions")
    return found.select("unit", record_type=pl.lit(layout.record_type.name), timeliness=share)


def _with_validity(found: pl.DataFrame, fields: pl.DataFrame | None) -> pl.DataFrame:
    if fields is None:
        return found.with_columns(validity=pl.lit(None, pl.Float64))
    wrong = fields.select("unit", "record_type", variable="field", wrong="records")
    joined = found.join(wrong, on=["unit", "record_type", "variable"], how="left")
    share = 1 - pl.col("wrong").fill_null(0) / pl.col("records")
    return joined.with_columns(validity=share.clip(0.0, 1.0))


def _scored(found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(score=pl.mean_horizontal(*PARTS)).select(*SCORE)


def means(found: pl.DataFrame) -> pl.DataFrame:
    """The mean of a unit's variables on each day; validity and defaults of those that have them."""
    by = found.group_by("unit", "day").agg(pl.col(*PARTS).mean())
    return by.with_columns(score=pl.mean_horizontal(*PARTS)).select("unit", "day", "score", *PARTS)
