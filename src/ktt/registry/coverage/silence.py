"""Who is heard of as usual, who is silent, who stands at a message that is rejected, and who was never heard of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from ktt.core.clock import OSLO
from ktt.messages.deliveries import Deliveries, DeliveryLog, Period
from ktt.registry.coverage.rhythm import RHYTHM, WEEKS, quiet, rhythms
from ktt.registry.coverage.software import Software, software_of
from ktt.registry.coverage.successors import ended, never_heard

State = Literal["heard", "silent", "rejected", "ended"]


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message that a unit's queue stands at: how often it was rejected, since when, and with which code."""

    times: int
    since: dt.datetime
    code: int


@dataclass(frozen=True, slots=True)
class UnitRhythm:
    """One unit. Days are Norwegian; `missed` counts the expected days that have ended without a sign of it."""

    unit: str
    state: State
    heard_on: dt.date
    accepted_at: dt.datetime | None
    days: int  # since it was heard of
    every_day: bool
    learned: bool
    gap: int
    limit: int
    missed: int
    overdue_since: dt.date | None
    rejected: Rejected | None
    successors: tuple[str, ...]
    software: Software | None


@dataclass(frozen=True, slots=True)
class Silence:
    """The whole nation on a day."""

    on: dt.date
    units: tuple[UnitRhythm, ...]
    never_heard: tuple[str, ...]


def silence(log: DeliveryLog, on: dt.date, until: dt.datetime | None = None) -> Silence:
    """How it stands when the day `on` begins, as the receiver knew it before `until` (now)."""
    since = dt.datetime.combine(on - dt.timedelta(weeks=2 * WEEKS), dt.time(), OSLO).astimezone(dt.UTC)
    told = log.deliveries(Period(since, until))
    heard = _norwegian(told.last, "heard_at")
    signs = _norwegian(told.signs, "at")
    days = {unit: (first, last) for unit, first, last in _first_and_last(signs, heard).iter_rows()}
    over = ended(days, on)
    found = quiet(heard, _inherited(signs, over), on)
    return Silence(
        on=on,
        units=tuple(_units(found, told, over, on)),
        never_heard=tuple(never_heard(days, told.granted, on)),
    )


def _norwegian(frame: pl.DataFrame, instant: str) -> pl.DataFrame:
    day = pl.col(instant).dt.convert_time_zone(OSLO.key).dt.date()
    return frame.select("unit", day=day).drop_nulls().unique().sort("unit", "day")


def _first_and_last(signs: pl.DataFrame, heard: pl.DataFrame) -> pl.DataFrame:
    both = pl.concat([signs, heard])
    return both.group_by("unit").agg(first=pl.col("day").min(), last=pl.col("day").max()).sort("unit")


def _inherited(signs: pl.DataFrame, over: Mapping[str, tuple[str, ...]]) -> pl.DataFrame:
    """The rhythms; a unit that has none of its own yet goes on with that of those it took over from."""
    own = rhythms(signs)
    pairs = [(old, new) for old, successors in over.items() for new in successors]
    links = pl.DataFrame(pairs, schema={"unit": pl.String, "successor": pl.String}, orient="row")
    earlier = signs.join(links, on="unit").select("day", unit="successor")
    theirs = rhythms(earlier).filter("learned")
    learned = own.filter("learned")["unit"]
    taken = theirs.filter(~pl.col("unit").is_in(learned.implode()))
    kept = own.filter(~pl.col("unit").is_in(taken["unit"].implode()))
    return pl.concat([kept, taken]).select(*RHYTHM)


def _units(
    found: pl.DataFrame, told: Deliveries, over: Mapping[str, tuple[str, ...]], on: dt.date
) -> Iterator[UnitRhythm]:
    stands = {
        row["unit"]: Rejected(row["times"], row["first_at"], row["code"])
        for row in told.rejected.filter("stands").sort("first_at").iter_rows(named=True)
    }
    rows = found.join(told.last, on="unit").join(_norwegian(told.last, "heard_at"), on="unit")
    for row in rows.sort("unit").iter_rows(named=True):
        unit = row["unit"]
        state: State = "silent" if row["silent"] else "rejected" if unit in stands else "heard"
        yield UnitRhythm(
            unit=unit,
            state="ended" if unit in over else state,
            heard_on=row["day"],
            accepted_at=row["accepted_at"],
            days=max((on - row["day"]).days, 0),
            rejected=stands.get(unit),
            successors=over.get(unit, ()),
            software=software_of(row["software"]),
            **{name: row[name] for name in ("every_day", "learned", "gap", "limit", "missed", "overdue_since")},
        )
