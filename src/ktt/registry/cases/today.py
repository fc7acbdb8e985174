"""What there is to follow up today: the registry's own findings about each unit, as causes.

Nothing is looked for here that other commands do not show: silence and rejections (`registry.coverage.silence`), first-time
acceptance, months, sudden changes, open findings and units that are held. What makes a finding a cause is said at each
limit. A unit that has ended has no cause: its successor answers for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy.engine import Connection

from ktt.core.clock import OSLO, norwegian_day
from ktt.messages.deliveries import DeliveryLog, Period
from ktt.messages.finding_log import CHANGED, FIELDS, FindingLog, Findings
from ktt.registry.cases.causes import Cause, Observed
from ktt.registry.cases.missing_months import missing_months
from ktt.registry.coverage.acceptance import first_tries
from ktt.registry.coverage.coverage import Coverage, coverage
from ktt.registry.coverage.silence import UnitRhythm
from ktt.registry.coverage.software import BY, Software, with_software
from ktt.registry.ingest.held_units import HeldUnit, held_units
from ktt.registry.quality.outliers import outliers
from ktt.registry.quality.rules import broken_rules
from ktt.registry.questions.services import services_by_type
from ktt.rules.rule import Consequence
from ktt.storage.database import Database

WEEKS = 4
"""How far back first-time acceptance and sudden changes are looked at."""
ACCEPTED, SENT, UNITS = 0.9, 20, 2
"""A version is often rejected when so many units stand at a rejected message of it, or when it was rejected in so many units and
less than this share of so many messages was accepted at first."""
FINDINGS, SHARE = 10, 0.02
"""A rule is broken much by so many open findings, when they are this share of the unit's records."""


@dataclass(frozen=True, slots=True)
class Today:
    """The causes of every unit on a day, and how many services of each type the units that were asked about have."""

    on: dt.date
    observed: tuple[Observed, ...]
    services: Mapping[str, Mapping[str, int]] = field(repr=False)
    heard: Mapping[str, UnitRhythm] = field(repr=False)

    def ended(self, unit: str) -> bool:
        """Whether another has taken over from the unit."""
        return unit in self.heard and self.heard[unit].state == "ended"


def today(
    database: Database, log: DeliveryLog, findings: FindingLog, on: dt.date, count_services: Collection[str] = ()
) -> Today:
    """As it stands when the day `on` begins; services are counted of the units in `count_services`."""
    found = coverage(database, log, on)
    heard = {one.unit: one for one in found.silence.units}
    opened = findings.findings(on - dt.timedelta(weeks=WEEKS)).open
    with database.reading() as connection:
        held = held_units(connection)
        observed = [
            *_silent(found),
            *_rejected(found),
            *_often_rejected(log, on),
            *map(_held, held),
            *missing_months(connection, found),
            *_volumes(connection, on),
            *_rules(opened, found, on),
        ]
        services = services_by_type(connection, sorted(count_services), on)
    alive = [one for one in observed if one.unit not in heard or heard[one.unit].state != "ended"]
    order = list(Cause)
    alive.sort(key=lambda one: (one.unit, order.index(one.cause)))
    return Today(on, tuple(alive), services, heard)


def _silent(found: Coverage) -> Iterator[Observed]:
    for one in found.silence.units:
        if one.state == "silent":
            since = one.overdue_since or one.heard_on
            figures = {"heard_on": one.heard_on.isoformat(), "days": one.days}
            yield Observed(one.unit, Cause.SILENCE, since, since, figures)


def _rejected(found: Coverage) -> Iterator[Observed]:
    """The queue stands at a message that is rejected, whether the unit is silent besides or not."""
    for one in found.silence.units:
        if one.rejected is not None:
            since = norwegian_day(one.rejected.since)
            figures = {"times": one.rejected.times, "code": str(one.rejected.code), **_program(one.software)}
            yield Observed(one.unit, Cause.REJECTED, since, since, figures)


def _program(software: Software | None) -> dict[str, str]:
    names = ("vendor", "system", "version")
    return {name: getattr(software, name) if software else "" for name in names}


def _often_rejected(log: DeliveryLog, on: dt.date) -> Iterator[Observed]:
    """Each unit that had a rejection with a version that is often rejected, in several units."""
    since = dt.datetime.combine(on - dt.timedelta(weeks=WEEKS), dt.time(), OSLO).astimezone(dt.UTC)
    told = log.deliveries(Period(since))
    rejected = with_software(told.rejected)
    tried = first_tries(told, BY["version"])
    of_units = rejected.group_by(BY["version"]).agg(rejected_in=pl.col("unit").n_unique().cast(pl.Int64))
    sent = pl.col("accepted") + pl.col("standing")
    bad = tried.join(of_units, on=BY["version"]).filter(
        pl.col("rejected_in") >= UNITS, ((pl.col("share") < ACCEPTED) & (sent >= SENT)) | (pl.col("standing") >= UNITS)
    )
    each = rejected.group_by("unit", *BY["version"]).agg(pl.col("first_at").min(), pl.col("last_at").max())
    for row in each.join(bad, on=BY["version"]).sort("unit", "first_at").iter_rows(named=True):
        if "-" not in row["unit"]:
            continue  # a sender of several units: which of them it was is not known
        figures = {name: row[name] for name in ("vendor", "system", "version", "share")}
        more = {"units": row["rejected_in"], "code": str(row["code"])}
        first, last = norwegian_day(row["first_at"]), norwegian_day(row["last_at"])
        yield Observed(row["unit"], Cause.VERSION, first, last, figures | more)


def _held(one: HeldUnit) -> Observed:
    names = ("message_type", "correlation_id", "messages", "code")
    since, latest = norwegian_day(one.received_at), norwegian_day(one.since)
    return Observed(one.unit, Cause.HELD, since, latest, {name: getattr(one, name) for name in names})


def _volumes(connection: Connection, on: dt.date) -> Iterator[Observed]:
    """The last sudden change of each type in the last weeks."""
    found = outliers(connection, on, WEEKS).sort("week_to").unique(("unit", "service_type"), keep="last")
    for (unit,), rows in found.sort("unit", "service_type").group_by("unit", maintain_order=True):
        names = ("service_type", "before", "after", "limit")
        types = [
            {"week_to": row["week_to"].isoformat(), **{name: row[name] for name in names}}
            for row in rows.iter_rows(named=True)
        ]
        days = rows["week_to"].to_list()
        yield Observed(str(unit), Cause.VOLUME, min(days), max(days), {"types": types})


def _rules(opened: pl.DataFrame, found: Coverage, on: dt.date) -> Iterator[Observed]:
    """Rules that take something away. What is only noted is shown by `ktt registry rules`, and nobody is asked about it."""
    records = found.counts.group_by("unit").agg(all=pl.col("records").sum())
    serious = opened.filter(pl.col("consequence") != Consequence.NOTE.value)
    counted = Findings(serious, pl.DataFrame(schema=FIELDS), pl.DataFrame(schema=CHANGED))
    broken = broken_rules(counted, on, ["unit"])
    much = broken.join(records, on="unit").filter(
        pl.col("findings") >= FINDINGS, pl.col("findings") >= SHARE * pl.col("all")
    )
    for (unit,), rows in much.sort("unit", "findings", "rule", descending=[False, True, False]).group_by(
        "unit", maintain_order=True
    ):
        days = [norwegian_day(at) for at in rows["since"]]
        rules = rows.select("rule", "findings").to_dicts()
        yield Observed(str(unit), Cause.RULES, min(days), max(days), {"rules": rules})
