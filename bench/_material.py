"""Messages of a given size, about synthetic persons only."""

from __future__ import annotations

import datetime as dt

import polars as pl

from ktt.domain.identifiers import compose_synthetic, organisation_valid
from ktt.domain.records import CARE_SERVICE, PAUSE, PROVIDER_PERIOD, RECIPIENT, Records
from ktt.domain.unit import ReportingUnit
from ktt.messages.register import find

TYPE, VERSION = "KTT_Tjeneste", "1"
PROVIDER = "312000113"
DAY = dt.date(2026, 3, 2)
RECORDED = dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)
_PER_PERSON = 3
_PROVINCE = ("0301", "1103", "4601", "5001")


def units(count: int) -> list[ReportingUnit]:
    """Reporting units with synthetic organisation numbers."""
    numbers = (n for n in range(312_000_000, 313_000_000) if organisation_valid(f"{n:09}"))
    return [ReportingUnit(f"{next(numbers):09}", _PROVINCE[n % len(_PROVINCE)]) for n in range(count)]


def services(start: int, count: int) -> Records:
    """So many care services, numbered from `start`, each with a provider and every fourth with a pause."""
    ids = pl.Series("service_id", [f"T-{n}" for n in range(start, start + count)], dtype=pl.String)
    day = pl.lit(DAY)
    frame = ids.to_frame().with_row_index("n").with_columns(person=(pl.col("n") + start) // _PER_PERSON)
    roots = frame.select(
        "service_id",
        decision_id=pl.concat_str(pl.lit("V-"), pl.col("n") + start),
        local_person_id=pl.concat_str(pl.lit("P-"), "person"),
        service_type=pl.lit("15"),
        starts_on=day,
        recorded_at=pl.lit(RECORDED),
    )
    periods = frame.select("service_id", provider=pl.lit(PROVIDER), starts_on=day)
    pauses = frame.filter(pl.col("n") % 4 == 0).select("service_id", pause_id=pl.lit("P1"), starts_on=day, ends_on=day)
    return {
        CARE_SERVICE.name: CARE_SERVICE.conform(roots),
        PROVIDER_PERIOD.name: PROVIDER_PERIOD.conform(periods),
        PAUSE.name: PAUSE.conform(pauses),
        RECIPIENT.name: RECIPIENT.conform(_people(roots["local_person_id"].unique().sort())),
    }


def message(unit: ReportingUnit, start: int, count: int) -> bytes:
    """One message with those services."""
    version = find(TYPE, VERSION)
    return version.assemble(unit, {}, version.encode(unit, services(start, count)))


def _people(local_ids: pl.Series) -> pl.DataFrame:
    numbers = [person_number(int(name.removeprefix("P-"))) for name in local_ids]
    return pl.DataFrame({"local_person_id": local_ids, "person_number": numbers}).with_columns(
        person_number_kind=pl.lit("national")
    )


def person_number(n: int) -> str:
    """The n-th synthetic person's number: a birthday since 1940, and the first individual number that gives one."""
    round_, day = divmod(n, 18_000)
    born = dt.date(1940, 1, 1) + dt.timedelta(days=day)
    tries = (compose_synthetic(born, 100 + 10 * round_ + k) for k in range(10))
    return next(number for number in tries if number)
