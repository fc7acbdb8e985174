"""What a rule may see besides the row itself: columns joined on, named `<context>.<column>`.

A context is joined only when a rule of the record type uses one of its columns, so a rule that looks at its own row
costs nothing more than its own expression.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from ktt.domain.places import SPECIAL_MUNICIPALITIES, municipality, municipality_frame
from ktt.domain.records import (
    ALL_TYPES,
    ASSESSMENT,
    CARE_SERVICE,
    CIRCUMSTANCES,
    DECISION,
    DECISION_LINE,
    RECIPIENT,
    ROOTS,
    Records,
    frame_of,
    own_date,
)
from ktt.domain.schema import Column, RecordType
from ktt.validation.people import people
from ktt.validation.service_types import service_type_frame

if TYPE_CHECKING:
    from ktt.validation.engine import Setting

UNIT = RecordType(
    "unit",
    "organisation",
    (
        Column("organisation", "organisation", required=True),
        Column("municipality", "municipality", required=True),
        Column("district", "district"),
    ),
)
"""The reporting unit itself, as a record type with one row, so that rules can judge the head of a message."""

JUDGED: Mapping[str, RecordType] = {UNIT.name: UNIT, **ALL_TYPES}
"""Every type a rule can be on."""

Builder = Callable[[Records, "Setting"], pl.LazyFrame]
"""Makes a context: a lazy frame with one row per key."""


def _roots(kind: RecordType) -> Builder:
    """The root record itself, as its parts and its neighbours see it."""

    def build(records: Records, _setting: Setting) -> pl.LazyFrame:
        frame = frame_of(records, kind).lazy()
        return frame.with_columns(own_date=own_date(kind), exists=pl.lit(value=True)).unique(kind.key, keep="first")

    return build


def _numbers(records: Records, setting: Setting) -> pl.LazyFrame:
    """What each number tells, whoever has it."""
    found = people(frame_of(records, RECIPIENT), setting.today, production=setting.production)
    return found.lazy().select("person_number", "kind", "valid", "synthetic", "born_on").unique("person_number")


def _people(records: Records, setting: Setting) -> pl.LazyFrame:
    found = people(frame_of(records, RECIPIENT), setting.today, production=setting.production)
    return found.lazy().unique("local_person_id", keep="first")


def _lines(records: Records, _setting: Setting) -> pl.LazyFrame:
    lines = frame_of(records, DECISION_LINE).lazy()
    return lines.with_columns(exists=pl.lit(value=True)).unique("service_id", keep="last")


def _line_sums(records: Records, _setting: Setting) -> pl.LazyFrame:
    """What a decision's lines ask of it, all lines together."""
    lines = frame_of(records, DECISION_LINE).lazy().join(service_type_frame().lazy(), on="service_type", how="left")
    return lines.group_by("decision_id").agg(
        pl.len().alias("count"),
        pl.col("needs_application").any().alias("need_application"),
        pl.col("needs_decision").any().alias("need_decision"),
        pl.col("outcome").is_not_null().any().alias("decided"),
        (pl.col("outcome") == "1").any().alias("refused"),
    )


def _active_services(records: Records, _setting: Setting) -> pl.LazyFrame:
    """Per person: which kinds of services were ever given, and when the first began and the last ended."""
    far = pl.date(9999, 12, 31)
    services = frame_of(records, CARE_SERVICE).lazy().join(service_type_frame().lazy(), on="service_type", how="left")
    return services.group_by("local_person_id").agg(
        pl.col("starts_on").filter("needs_assessment").min().alias("assessed_from"),
        pl.col("ends_on").fill_null(far).filter("needs_assessment").max().alias("assessed_to"),
        (pl.col("service_type") == "21").any().alias("long_term_stay"),
        pl.col("service_id").filter(pl.col("ends_on").is_null()).count().alias("open"),
        pl.len().alias("count"),
    )


def _assessments(records: Records, _setting: Setting) -> pl.LazyFrame:
    """Per person: the first assessment, and how many there are."""
    frame = frame_of(records, ASSESSMENT).lazy()
    return frame.group_by("local_person_id").agg(pl.col("assessed_on").min().alias("first_on"), pl.len().alias("count"))


def _score_sums(records: Records, _setting: Setting) -> pl.LazyFrame:
    scores = frame_of(records, ALL_TYPES["score"]).lazy()
    helps = (pl.col("score").is_in(["3", "4", "5"])) & ~pl.col("variable").is_in(["13", "14"])
    return scores.group_by("assessment_id").agg(
        pl.len().alias("count"), helps.any().alias("any_help"), pl.col("variable").n_unique().alias("variables")
    )


def _providers(records: Records, _setting: Setting) -> pl.LazyFrame:
    periods = frame_of(records, ALL_TYPES["provider_period"]).lazy()
    return periods.group_by("service_id").agg(
        pl.len().alias("count"),
        pl.col("starts_on").min().alias("first_on"),
        pl.col("ends_on").max().alias("last_on"),
        pl.col("ends_on").is_null().any().alias("open"),
    )


_PERSON = ("person", "local_person_id", _people)
_DECISION = ("decision", "decision_id", _roots(DECISION))
_HOME = (
    "home",
    "home_municipality",
    lambda *_: municipality_frame().lazy().rename({"municipality": "home_municipality"}),
)
_TYPE = ("type", "service_type", lambda *_: service_type_frame().lazy())
_SERVICE = ("service", "service_id", _roots(CARE_SERVICE))
_SET = ("circumstances", "circumstances_id", _roots(CIRCUMSTANCES))
_ASSESSMENT = ("assessment", "assessment_id", _roots(ASSESSMENT))

CONTEXTS: Mapping[str, tuple[tuple[str, str, Builder], ...]] = {
    "unit": (),
    "recipient": (
        ("number", "person_number", _numbers),  # its own number, also where a local id stands twice
        ("services", "local_person_id", _active_services),
    ),
    "residence": (),
    "decision": (_PERSON, _HOME, ("lines", "decision_id", _line_sums)),
    "decision_line": (_DECISION, _TYPE, _SERVICE),
    "appeal": (_DECISION, ("lines", "decision_id", _line_sums)),
    "care_service": (
        _PERSON,
        _HOME,
        _DECISION,
        _TYPE,
        ("line", "service_id", _lines),
        ("providers", "service_id", _providers),
        ("assessments", "local_person_id", _assessments),
    ),
    "provider_period": (_SERVICE,),
    "pause": (_SERVICE,),
    "circumstances": (_PERSON, _HOME, ("services", "local_person_id", _active_services)),
    "participation": (_SET,),
    "nutrition": (_SET,),
    "assessment": (
        _PERSON,
        _HOME,
        ("scores", "assessment_id", _score_sums),
        ("services", "local_person_id", _active_services),
    ),
    "score": (_ASSESSMENT,),
    "diagnosis": (_PERSON, _HOME, ("services", "local_person_id", _active_services)),
}
"""Record type → its contexts: name, the row's column that leads there, and how it is made. A context's key has the
same name as that column."""


def widen(records: Records, kind: RecordType, used: set[str], setting: Setting) -> pl.LazyFrame | None:
    """The type's frame with the contexts that `used` names; None when there is nothing to judge."""
    frame = _unit_frame(setting) if kind is UNIT else frame_of(records, kind)
    if frame.is_empty():
        return None
    wide = frame.lazy().with_columns(
        pl.lit(setting.today).alias("today"),
        pl.lit(setting.unit.municipality).alias("unit.municipality"),
        pl.lit(setting.unit.organisation).alias("unit.organisation"),
        pl.lit(_in_use(setting)).alias("unit.in_use"),
    )
    around = _with_known(records, setting.known)
    wanted = {name.split(".", 1)[0] for name in used if "." in name} - {"unit"}
    for context, key, build in CONTEXTS[kind.name]:
        if context in wanted:
            wide = _join(wide, build(around, setting), context, key)
    return wide


def _with_known(records: Records, known: Records | None) -> Records:
    """The records and, around them, what the registry already has: a record at hand hides its earlier version."""
    if not known:
        return records
    merged = dict(records)
    for kind in (RECIPIENT, *ROOTS):
        fresh = frame_of(records, kind)[kind.key].implode()
        for one in (kind, *kind.parts):
            old = frame_of(known, one).filter(~pl.col(kind.key).is_in(fresh))
            merged[one.name] = pl.concat([frame_of(records, one), old], how="vertical")
    return merged


def _join(wide: pl.LazyFrame, context: pl.LazyFrame, name: str, key: str) -> pl.LazyFrame:
    renamed = context.rename(lambda column: column if column == key else f"{name}.{column}")
    return wide.join(renamed, on=key, how="left", maintain_order="left")


def _in_use(setting: Setting) -> bool:
    number = setting.unit.municipality
    return number not in SPECIAL_MUNICIPALITIES and municipality(number, setting.today) is not None


def _unit_frame(setting: Setting) -> pl.DataFrame:
    unit = setting.unit
    row = {"organisation": unit.organisation, "municipality": unit.municipality, "district": unit.district}
    return UNIT.conform(pl.DataFrame([row], schema=UNIT.schema))
