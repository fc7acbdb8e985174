"""What a rule may see besides the row itself: columns joined on, named `<context>.<column>`.

A context is joined only when a rule of the record type uses one of its columns, so a rule that looks at its own row
costs nothing more than its own expression.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import polars as pl

from ktt.domain.local_ids import plainly_written_column
from ktt.domain.number_columns import person_number_checks
from ktt.domain.person_rule import remainders_allowed
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
from ktt.domain.schema import Column, RecordType, engine_for
from ktt.domain.unit import ReportingUnit
from ktt.rules.expressions import earlier_end
from ktt.rules.service_types import service_type_frame

UNIT = RecordType(
    "unit",
    "organisation",
    (
        Column("organisation", "organisation", required=True),
        Column("municipality", "municipality", required=True),
        Column("district", "district"),
    ),
)
"""The reporting unit itself, as a record type with one row, so that rules can look at the head of a message."""

RULE_TYPES: Mapping[str, RecordType] = {UNIT.name: UNIT, **ALL_TYPES}
"""Every type a rule can be on."""


@dataclass(frozen=True, slots=True)
class ValidationScope:
    """Under what circumstances the rules run: whose data, which day it is, and whether this is production.

    `other_records` are those of the unit that are not validated now, so that rules between record types see the whole
    picture and not only what is in one message: what the registry has, or what was kept back from an extract. It is
    empty when the records are all there is, and None when the others are not at hand; rules that need them are then
    skipped.
    """

    unit: ReportingUnit
    today: dt.date
    production: bool = False
    other_records: Records | None = None


@dataclass(frozen=True, slots=True)
class ContextColumns:
    """Columns that a rule sees as `<name>.<column>`: found by the row's column `key`, which `build` has as well.

    Where several rows may have the same key, `keep` says which of them is seen.
    """

    name: str
    key: str
    build: Callable[[RuleContext], pl.LazyFrame]
    keep: Literal["first", "last", "only"] = "only"

    def single(self, keys: pl.Series) -> pl.Series:
        """Which rows are seen."""
        return keys.is_last_distinct() if self.keep == "last" else keys.is_first_distinct()


@dataclass
class RuleContext:
    """All records that the rules of one run may look at, and the context columns that have been made of them so far."""

    records: Records
    scope: ValidationScope
    _made: dict[tuple[str, ...], pl.LazyFrame] = field(default_factory=dict)
    _single: dict[tuple[str, str], pl.Series | None] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Records, scope: ValidationScope) -> RuleContext:
        """The records that are validated, together with the unit's other ones."""
        return cls(_with_others(records, scope.other_records), scope)

    @cached_property
    def people(self) -> pl.LazyFrame:
        """The recipients with what their numbers tell (`kind`, `valid`, `synthetic`, `born_on`), and `exists`.

        Made once for all record types.
        """
        remainders = remainders_allowed(self.scope.today, production=self.scope.production)
        checked = person_number_checks(frame_of(self.records, RECIPIENT), "person_number", remainders)
        return checked.with_columns(exists=pl.lit(value=True)).lazy()

    def columns(self, context: ContextColumns, names: Sequence[str]) -> pl.LazyFrame:
        """A context's columns by key, made once however many record types see them.

        Only the named columns are made, and keys that are single are not looked at again: without that, a million rows
        take more than five seconds.
        """
        wanted = (context.name, context.key, *names)
        if wanted not in self._made:
            rows = max((frame.height for frame in self.records.values()), default=0)
            frame = context.build(self).select(context.key, *names).collect(engine=engine_for(rows))
            self._made[wanted] = (frame if context.keep == "only" else self._once(context, frame)).lazy()
        return self._made[wanted]

    def _once(self, context: ContextColumns, frame: pl.DataFrame) -> pl.DataFrame:
        name = (context.name, context.key)
        if name not in self._single:
            single = context.single(frame[context.key])
            self._single[name] = None if single.all() else single
        single_rows = self._single[name]
        return frame if single_rows is None else frame.filter(single_rows)


def _roots(kind: RecordType) -> Callable[[RuleContext], pl.LazyFrame]:
    """The root record itself, as its parts and its neighbours see it."""

    def build(context: RuleContext) -> pl.LazyFrame:
        frame = frame_of(context.records, kind).lazy()
        return frame.with_columns(own_date=own_date(kind), exists=pl.lit(value=True))

    return build


def _line(context: RuleContext) -> pl.LazyFrame:
    lines = frame_of(context.records, DECISION_LINE).lazy()
    return lines.with_columns(exists=pl.lit(value=True))


def _line_sums(context: RuleContext) -> pl.LazyFrame:
    """What a decision's lines require of it, all lines together."""
    lines = (
        frame_of(context.records, DECISION_LINE).lazy().join(service_type_frame().lazy(), on="service_type", how="left")
    )
    return lines.group_by("decision_id").agg(
        pl.len().alias("count"),
        pl.col("needs_application").any().alias("need_application"),
        pl.col("needs_decision").any().alias("need_decision"),
        pl.col("outcome").is_not_null().any().alias("decided"),
        (pl.col("outcome") == "1").any().alias("refused"),
    )


def _active_services(context: RuleContext) -> pl.LazyFrame:
    """Per person: which kinds of services were ever given, and when the first began and the last ended."""
    far = pl.date(9999, 12, 31)
    services = (
        frame_of(context.records, CARE_SERVICE).lazy().join(service_type_frame().lazy(), on="service_type", how="left")
    )
    return services.group_by("local_person_id").agg(
        pl.col("starts_on").filter("needs_assessment").min().alias("assessed_from"),
        pl.col("ends_on").fill_null(far).filter("needs_assessment").max().alias("assessed_to"),
        (pl.col("service_type") == "21").any().alias("long_term_stay"),
        pl.col("service_id").filter(pl.col("ends_on").is_null()).count().alias("open"),
        pl.len().alias("count"),
    )


def _assessments(context: RuleContext) -> pl.LazyFrame:
    """Per person: the first assessment, and how many there are."""
    frame = frame_of(context.records, ASSESSMENT).lazy()
    return frame.group_by("local_person_id").agg(pl.col("assessed_on").min().alias("first_on"), pl.len().alias("count"))


def _score_sums(context: RuleContext) -> pl.LazyFrame:
    scores = frame_of(context.records, ALL_TYPES["score"]).lazy()
    helps = (pl.col("score").is_in(["3", "4", "5"])) & ~pl.col("variable").is_in(["13", "14"])
    return scores.group_by("assessment_id").agg(
        pl.len().alias("count"), helps.any().alias("any_help"), pl.col("variable").n_unique().alias("variables")
    )


def _providers(context: RuleContext) -> pl.LazyFrame:
    periods = frame_of(context.records, ALL_TYPES["provider_period"]).lazy()
    return periods.group_by("service_id").agg(
        pl.len().alias("count"),
        pl.col("starts_on").min().alias("first_on"),
        pl.col("ends_on").max().alias("last_on"),
        pl.col("ends_on").is_null().any().alias("open"),
    )


_HOME_FRAME = municipality_frame().lazy().rename({"municipality": "home_municipality"})
_PERSON = ContextColumns("person", "local_person_id", lambda context: context.people, keep="first")
_DECISION = ContextColumns("decision", "decision_id", _roots(DECISION), keep="first")
_HOME = ContextColumns("home", "home_municipality", lambda _: _HOME_FRAME)
_TYPE = ContextColumns("type", "service_type", lambda _: service_type_frame().lazy())
_SERVICE = ContextColumns("service", "service_id", _roots(CARE_SERVICE), keep="first")
_SET = ContextColumns("circumstances", "circumstances_id", _roots(CIRCUMSTANCES), keep="first")
_ASSESSMENT = ContextColumns("assessment", "assessment_id", _roots(ASSESSMENT), keep="first")
_LINES = ContextColumns("lines", "decision_id", _line_sums)
_ACTIVE = ContextColumns("services", "local_person_id", _active_services)

CONTEXTS: Mapping[str, tuple[ContextColumns, ...]] = {
    "unit": (),
    "recipient": (
        # By its number and not its local id, which several recipients may have by mistake.
        ContextColumns("number", "person_number", lambda context: context.people, keep="first"),
        _ACTIVE,
    ),
    "residence": (),
    "decision": (_PERSON, _HOME, _LINES),
    "decision_line": (_DECISION, _TYPE, _SERVICE),
    "appeal": (_DECISION, _LINES),
    "care_service": (
        _PERSON,
        _HOME,
        _DECISION,
        _TYPE,
        ContextColumns("line", "service_id", _line, keep="last"),
        ContextColumns("providers", "service_id", _providers),
        ContextColumns("assessments", "local_person_id", _assessments),
    ),
    "provider_period": (_SERVICE,),
    "pause": (_SERVICE,),
    "circumstances": (_PERSON, _HOME, _ACTIVE),
    "participation": (_SET,),
    "nutrition": (_SET,),
    "assessment": (_PERSON, _HOME, ContextColumns("scores", "assessment_id", _score_sums), _ACTIVE),
    "score": (_ASSESSMENT,),
    "diagnosis": (_PERSON, _HOME, _ACTIVE),
}
"""Record type → the contexts its rules may use; the unit's own facts are `today` and `unit.in_use`."""


PLAIN = "plain."
"""Before the name of an id column: the id with a national number in it written plainly (`domain.local_ids`)."""

EARLIER = "earlier.ends_on"
EARLIER_ENDS: Mapping[str, pl.Expr] = {
    "care_service": earlier_end("local_person_id", "service_type", order=("starts_on", "service_id")),
    "provider_period": earlier_end("service_id", order=("starts_on",)),
    "pause": earlier_end("service_id", order=("starts_on",)),
    "circumstances": earlier_end("local_person_id", order=("starts_on", "circumstances_id")),
}
"""Record type → the column `earlier.ends_on`: the latest end of the periods that come before this one."""


def with_context(kind: RecordType, frame: pl.DataFrame, used: set[str], context: RuleContext) -> pl.LazyFrame:
    """The type's frame with the contexts that `used` names."""
    scope = context.scope
    facts = {"today": scope.today, "unit.in_use": _in_use(scope)}
    wide = frame.lazy().with_columns(pl.lit(value).alias(name) for name, value in facts.items() if name in used)
    ids = sorted(name.removeprefix(PLAIN) for name in used if name.startswith(PLAIN))
    wide = wide.with_columns(plainly_written_column(pl.col(name)).alias(f"{PLAIN}{name}") for name in ids)
    for columns in CONTEXTS[kind.name]:
        prefix = f"{columns.name}."
        names = sorted(name.removeprefix(prefix) for name in used if name.startswith(prefix))
        if names:
            joined = context.columns(columns, names).rename({name: f"{prefix}{name}" for name in names})
            wide = wide.join(joined, on=columns.key, how="left", maintain_order="left")
    return wide.with_columns(EARLIER_ENDS[kind.name].alias(EARLIER)) if EARLIER in used else wide


def _with_others(records: Records, others: Records | None) -> Records:
    """The records together with the unit's other ones: a record that is validated hides its earlier version."""
    if not others:
        return records
    merged = dict(records)
    for kind in (RECIPIENT, *ROOTS):
        fresh = frame_of(records, kind)[kind.key].implode()
        for one in (kind, *kind.parts):
            old = frame_of(others, one).filter(~pl.col(kind.key).is_in(fresh))
            merged[one.name] = pl.concat([frame_of(records, one), old], how="vertical")
    return merged


def _in_use(scope: ValidationScope) -> bool:
    number = scope.unit.municipality
    return number not in SPECIAL_MUNICIPALITIES and municipality(number, scope.today) is not None


def unit_frame(unit: ReportingUnit) -> pl.DataFrame:
    """The frame of `UNIT`: one row."""
    row = {"organisation": unit.organisation, "municipality": unit.municipality, "district": unit.district}
    return UNIT.conform(pl.DataFrame([row], schema=UNIT.schema))
