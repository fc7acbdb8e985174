"""The record types of municipal allocation, declared once. Names are the glossary's; meanings are in messages § 5.

Every root record but the recipient has `local_person_id` (whose it is), `recorded_at` (when the record system stored
this version) and the derived `home_municipality`/`home_district`: where the person lived on the record's own date,
empty when that is the reporting municipality.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from ktt.domain.schema import Column, Kind, RecordType

Records = Mapping[str, pl.DataFrame]
"""Frames by record type name: the root types and their parts. A missing name means no rows."""


def _col(name: str, kind: Kind, code_list: str | None = None, *, required: bool = False) -> Column:
    return Column(name, kind, required=required, code_list=code_list)


def _root(
    name: str,
    key: str,
    *columns: Column,
    own_date: tuple[str, ...],
    parts: tuple[RecordType, ...] = (),
    until_next: bool = False,
) -> RecordType:
    common = (
        Column("recorded_at", "instant", required=True, content=False),
        Column("home_municipality", "municipality", derived=True),
        Column("home_district", "district", derived=True),
    )
    head = (_col(key, "id", required=True), _col("local_person_id", "id", required=True))
    columns = (*head, *columns, *common)
    return RecordType(name, key, columns, own_date=own_date, parts=parts, until_next=until_next)


def _part(
    name: str, parent_key: str, *columns: Column, order: tuple[str, ...], source_only: bool = False
) -> RecordType:
    head = (_col(parent_key, "id", required=True),)
    return RecordType(name, order[0], (*head, *columns), parent_key=parent_key, order=order, source_only=source_only)


RESIDENCE = _part(
    "residence",
    "local_person_id",
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    _col("municipality", "municipality", required=True),
    _col("district", "district"),
    order=("starts_on",),
    source_only=True,
)
RECIPIENT = RecordType(
    "recipient",
    "local_person_id",
    (
        _col("local_person_id", "id", required=True),
        _col("person_number", "person_number"),
        _col("person_number_kind", "text"),  # national | d | duf | other, found by rule (domain.identifiers)
        Column("died_on", "day", content=False),
    ),
    parts=(RESIDENCE,),
)

DECISION_LINE = _part(
    "decision_line",
    "decision_id",
    _col("service_id", "id", required=True),
    _col("service_type", "code", "9151", required=True),
    _col("outcome", "code", "9171"),
    _col("hours_per_week", "hours"),
    _col("staff_hours_per_week", "hours"),
    _col("rotating", "code", "1101"),
    _col("starts_on", "day"),
    _col("ends_on", "day"),
    order=("service_id",),
)
APPEAL = _part(
    "appeal",
    "decision_id",
    _col("received_on", "day", required=True),
    _col("answered_on", "day"),
    order=("received_on", "answered_on"),
)
DECISION = _root(
    "decision",
    "decision_id",
    _col("decision_number", "count", required=True),
    _col("original_decision_id", "id"),
    _col("case_id", "id"),
    _col("applied_on", "day"),
    _col("decided_on", "day"),
    own_date=("decided_on", "applied_on"),
    parts=(DECISION_LINE, APPEAL),
)

PROVIDER_PERIOD = _part(
    "provider_period",
    "service_id",
    _col("provider", "organisation", required=True),
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    order=("starts_on", "provider"),
)
PAUSE = _part(
    "pause",
    "service_id",
    _col("pause_id", "id", required=True),
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    order=("pause_id",),
)
CARE_SERVICE = _root(
    "care_service",
    "service_id",
    _col("decision_id", "id"),
    _col("service_type", "code", "9151", required=True),
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    own_date=("starts_on",),
    parts=(PROVIDER_PERIOD, PAUSE),
)

PARTICIPATION = _part(
    "participation",
    "circumstances_id",
    _col("participation_type", "code", "9163", required=True),
    _col("need", "code", "1110", required=True),
    _col("receives", "code", "9338"),  # list 9338 for types 1 and 3, 9340 for 2 and 4
    order=("participation_type",),
)
NUTRITION = _part(
    "nutrition",
    "circumstances_id",
    _col("nutrition_type", "code", "9162", required=True),
    _col("result", "code", "1101", required=True),
    _col("surveyed_on", "day"),
    order=("nutrition_type",),
)
CIRCUMSTANCES = _root(
    "circumstances",
    "circumstances_id",
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    _col("household", "code", "9335"),
    _col("cares_for_children", "code", "1101"),
    _col("suitable_dwelling", "code", "1101"),
    _col("private_help", "code", "9168"),
    _col("doctor_assessed_in", "month"),
    _col("dentist_assessed_in", "month"),
    _col("individual_plan", "code", "9336"),
    _col("individual_plan_on", "day"),
    _col("coordinator", "code", "9188"),
    _col("coordinator_on", "day"),
    _col("medication_review", "code", "1101"),
    _col("medication_review_on", "day"),
    _col("waiting_list", "code", "1101"),
    _col("waiting_list_from", "day"),
    _col("waiting_list_to", "day"),
    _col("round_the_clock", "code", "1101"),
    _col("habilitation", "code", "1101"),
    _col("habilitation_on", "day"),
    own_date=("starts_on",),
    parts=(PARTICIPATION, NUTRITION),
)

SCORE = _part(
    "score",
    "assessment_id",
    _col("variable", "code", "9111", required=True),
    _col("score", "code", "9165", required=True),  # 9166 for variable 13 (sight), 9167 for 14 (hearing)
    order=("variable",),
)
ASSESSMENT = _root(
    "assessment",
    "assessment_id",
    _col("assessed_on", "day", required=True),
    own_date=("assessed_on",),
    parts=(SCORE,),
    until_next=True,
)

DIAGNOSIS = _root(
    "diagnosis",
    "diagnosis_id",
    _col("code_system", "text", required=True),
    _col("code", "text", required=True),
    _col("starts_on", "day", required=True),
    _col("ends_on", "day"),
    own_date=("starts_on",),
)

ROOTS: tuple[RecordType, ...] = (DECISION, CARE_SERVICE, CIRCUMSTANCES, ASSESSMENT, DIAGNOSIS)
"""The types that are sent, in the order they travel inside a day and a month (messages § 7.4)."""

ROOT_NAMES = tuple(root.name for root in ROOTS)
"""Their names."""

ALL_TYPES: Mapping[str, RecordType] = {t.name: t for root in (RECIPIENT, *ROOTS) for t in (root, *root.parts)}
"""Every record type and part by name."""

ROOT_OF: Mapping[str, str] = {t.name: root.name for root in (RECIPIENT, *ROOTS) for t in (root, *root.parts)}
"""The root type that a type or part belongs to."""


def frame_of(records: Records, record_type: RecordType) -> pl.DataFrame:
    """The frame of one type, empty when there is none."""
    frame = records.get(record_type.name)
    return record_type.empty() if frame is None else frame


@cache
def own_date(record_type: RecordType) -> pl.Expr:
    """The record's own date: the first of its `own_date` columns that has a value."""
    return pl.coalesce(*record_type.own_date)


def subset(
    records: Records, record_type: RecordType, ids: pl.Series, inner: Sequence[RecordType] = ()
) -> dict[str, pl.DataFrame]:
    """The root records with these ids, their parts, the `inner` root records that refer to them, and their recipients."""
    chosen = _of_roots(records, record_type, record_type.key, ids)
    for other in inner:
        chosen |= _of_roots(records, other, record_type.key, ids)
    people = pl.concat(chosen[root.name]["local_person_id"] for root in (record_type, *inner)).unique()
    recipients = frame_of(records, RECIPIENT)
    chosen[RECIPIENT.name] = recipients.filter(pl.col("local_person_id").is_in(people.implode()))
    return chosen


def _of_roots(records: Records, record_type: RecordType, key: str, ids: pl.Series) -> dict[str, pl.DataFrame]:
    """The root records with these ids in the column `key`, and their parts."""
    roots = frame_of(records, record_type).filter(pl.col(key).is_in(ids.implode()))
    own = ids if key == record_type.key else roots[record_type.key]
    parts = {
        part.name: frame_of(records, part).filter(pl.col(record_type.key).is_in(own.implode()))
        for part in record_type.parts
    }
    return {record_type.name: roots, **parts}
