"""The view that municipalities know from the annual control, on any day: users by service type, and what is filled in.

Users are persons with a service that held; during the year, on a day of it up to the day that is asked about. Types 12 and 13
count as 29 (Helsedirektoratet 2022, annex B). *Long-stay* users have a long-term stay (type 21) on the day, *home-dwelling*
users another service and none. A field is filled when what held on the day has it: of circumstances, of the assessment (all
18 scores), a diagnosis, or the provider of every service that should have one. An assessment by doctor or dentist counts when
it is not older than twelve months (domain § 12.3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy.engine import Connection

from ktt.domain.codes.service_types import obligations
from ktt.domain.records import ASSESSMENT, CARE_SERVICE, CIRCUMSTANCES, DIAGNOSIS
from ktt.domain.unit import ReportingUnit
from ktt.registry import state
from ktt.registry.persons.one_key import with_one_key
from ktt.registry.tables import LAYOUTS, Layout
from ktt.registry.two_clocks import AsOf

LONG_STAY = "21"
SCORES = 18
USERS = {
    "service_type": pl.String(),
    "on_day": pl.Int64(),
    "on_day_before": pl.Int64(),
    "in_year": pl.Int64(),
    "in_year_before": pl.Int64(),
    "change": pl.Float64(),
}
"""`change`: of the users in the year, as a share of the year before; empty where there were none."""
FILLED = {
    "group": pl.String(),
    "field": pl.String(),
    "users": pl.Int64(),
    "share": pl.Float64(),
    "users_before": pl.Int64(),
    "share_before": pl.Float64(),
}
GROUPS = ("long_stay", "home_dwelling")
FIELDS = (
    *("household", "doctor_assessed_in", "dentist_assessed_in", "individual_plan", "coordinator", "medication_review"),
    *("nutrition_1", "nutrition_2", "nutrition_3", "all_scores", "diagnosis", "provider"),
)


@dataclass(frozen=True, slots=True)
class AnnualControl:
    """Of one unit on a day: `users` as `USERS`, `filled` as `FILLED` on `filled_on` and a year before."""

    unit: ReportingUnit
    day: dt.date
    filled_on: dt.date
    users: pl.DataFrame = field(repr=False)
    filled: pl.DataFrame = field(repr=False)


def annual_control(
    connection: Connection, unit: ReportingUnit, day: dt.date, filled_on: dt.date, known_at: dt.datetime | None = None
) -> AnnualControl:
    """Users on `day` and in its year so far, what is filled in on `filled_on`; each beside the year before."""
    services = _typed(_rows(connection, unit, LAYOUTS[CARE_SERVICE.name], AsOf(known_at=known_at)))
    now, before = (_filled(connection, unit, AsOf(on, known_at)) for on in (filled_on, _year_before(filled_on)))
    both = now.join(before.rename({"users": "users_before", "share": "share_before"}), on=["group", "field"])
    return AnnualControl(unit, day, filled_on, _users(services, day), both.select(*FILLED))


def _rows(connection: Connection, unit: ReportingUnit, layout: Layout, as_of: AsOf) -> pl.DataFrame:
    """The records, of which those about one person have one key, also when numbers were linked by hand."""
    return with_one_key(connection, state.rows(connection, unit, layout, as_of))


def _users(services: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    counts = {
        "on_day": _counted(services, day, day),
        "on_day_before": _counted(services, _year_before(day), _year_before(day)),
        "in_year": _counted(services, day.replace(month=1, day=1), day),
        "in_year_before": _counted(services, _year_before(day).replace(month=1, day=1), _year_before(day)),
    }
    found = pl.DataFrame(schema={"service_type": pl.String()})
    for name, frame in counts.items():
        found = found.join(frame.rename({"users": name}), on="service_type", how="full", coalesce=True)
    found = found.with_columns(pl.col(*counts).fill_null(0)).filter(pl.sum_horizontal(*counts) > 0)
    change = pl.when(pl.col("in_year_before") > 0).then(pl.col("in_year") / pl.col("in_year_before") - 1)
    order = pl.col("service_type").cast(pl.Int64, strict=False)
    return found.with_columns(change=change).select(*USERS).sort(order, "service_type", nulls_last=True)


def _counted(services: pl.DataFrame, first: dt.date, last: dt.date) -> pl.DataFrame:
    there = (pl.col("starts_on") <= last) & (pl.col("ends_on").is_null() | (pl.col("ends_on") >= first))
    users = services.filter(there).group_by("service_type").agg(users=pl.col("person_key").n_unique())
    return users.with_columns(pl.col("users").cast(pl.Int64))


def _typed(services: pl.DataFrame) -> pl.DataFrame:
    return services.with_columns(pl.col("service_type").replace({"12": "29", "13": "29"}))


def _filled(connection: Connection, unit: ReportingUnit, as_of: AsOf) -> pl.DataFrame:
    """`group`, `field`, `users`, `share` on the day of `as_of`."""
    rows = {name: _rows(connection, unit, layout, as_of) for name, layout in LAYOUTS.items()}
    services = _typed(rows[CARE_SERVICE.name])
    long_stay = services.filter(pl.col("service_type") == LONG_STAY)["person_key"].unique()
    group = (
        pl.when(pl.col("person_key").is_in(long_stay.implode())).then(pl.lit(GROUPS[0])).otherwise(pl.lit(GROUPS[1]))
    )
    people = services.select("person_key").drop_nulls().unique().with_columns(group=group)
    known = [_circumstances(rows, as_of), _assessed(rows), _diagnosed(rows), _provided(services)]
    for frame in known:
        people = people.join(frame, on="person_key", how="left")
    people = people.with_columns(pl.col(*FIELDS).fill_null(value=False))
    shares = people.group_by("group").agg(pl.len().cast(pl.Int64).alias("users"), pl.col(*FIELDS).mean())
    every = pl.DataFrame({"group": GROUPS}).join(shares, on="group", how="left", maintain_order="left")
    long = every.unpivot(FIELDS, index=["group", "users"], variable_name="field", value_name="share")
    order = [
        pl.col("group").replace_strict(GROUPS, range(len(GROUPS))),
        pl.col("field").replace_strict(FIELDS, range(len(FIELDS))),
    ]
    return long.with_columns(pl.col("users").fill_null(0)).sort(*order).select("group", "field", "users", "share")


def _circumstances(rows: Mapping[str, pl.DataFrame], as_of: AsOf) -> pl.DataFrame:
    """Whether each field of the newest circumstances is filled."""
    assert as_of.day is not None
    found = rows[CIRCUMSTANCES.name].sort("starts_on").unique("person_key", keep="last", maintain_order=True)
    oldest = f"{_year_before(as_of.day):%Y-%m}"
    plain = ("household", "individual_plan", "coordinator", "medication_review")
    dated = ("doctor_assessed_in", "dentist_assessed_in")
    surveys = state.parts(found, CIRCUMSTANCES)["nutrition"]
    nutrition = [
        pl.col("circumstances_id").is_in(surveys.filter(pl.col("nutrition_type") == kind)["circumstances_id"].implode())
        for kind in ("1", "2", "3")
    ]
    return found.select(
        "person_key",
        *(pl.col(name).is_not_null() for name in plain),
        *((pl.col(name) >= oldest).fill_null(value=False) for name in dated),
        *(each.alias(f"nutrition_{n}") for n, each in enumerate(nutrition, start=1)),
    )


def _assessed(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    found = rows[ASSESSMENT.name]
    scores = state.parts(found, ASSESSMENT)["score"].group_by("assessment_id").agg(pl.col("variable").n_unique())
    joined = found.join(scores, on="assessment_id", how="left")
    whole = (pl.col("variable").fill_null(0) >= SCORES).any()
    return joined.group_by("person_key").agg(whole.alias("all_scores"))


def _diagnosed(rows: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    return rows[DIAGNOSIS.name].select("person_key").drop_nulls().unique().with_columns(diagnosis=pl.lit(value=True))


def _provided(services: pl.DataFrame) -> pl.DataFrame:
    """Whether every service that should have a provider has one; so also for who has none that should."""
    wanted = obligations().filter(pl.col("provider") == "required")["service_type"]
    has = pl.col("provider_period").is_not_null() | ~pl.col("service_type").is_in(wanted.implode())
    return services.group_by("person_key").agg(has.all().alias("provider"))


def _year_before(day: dt.date) -> dt.date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
