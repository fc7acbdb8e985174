"""`ktt registry coverage`: which months the registry has of whom: the nation by year, a unit by month, a month by type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import Vendor, day_of, instant_of, of_vendor, software_facts
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, as_of_from, place_of
from ktt.cli.registry.words import place_name, record_word
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from ktt.registry.coverage.coverage import Coverage
    from ktt.registry.coverage.silence import UnitRhythm

_HELP = told(
    nb="""Vis hvilke måneder siden januar 2017 registeret har av hver enhet: fullstendig, delvis, ingen eller erklært.

    Uten valg: enheter og år, med hvor mange måneder som er fullstendige («10 av 12»). --year viser månedene i et år. --unit viser en
    enhets år og måneder, --unit med --month opplysningstypene i en måned.

    Ingen vet hva en kommune har. En måned er fullstendig når den ligger mellom enhetens første post og måneden den sist ble hørt, og
    ingen opplysningstype har for få: under en firedel av enhetens eget nivå i måneden og i 1, 2, 3, 6 eller 12 måneder på rad
    med den, og så lite at tilfeldigheter gjør det i færre enn én av tusen slike perioder. En liten enhet har måneder uten poster,
    så der trengs det flere på rad. Nivået er det vanlige i de siste 24 månedene. Fra måneden en melding som venter på å leses,
    kom, er ingen måned fullstendig. Erklært er det som er registrert med «ktt registry declare».
    Postene telles i måneden for sin egen dato; det som er eldre, i januar 2017. Bare måneder som er over, er med.""",
    en="""Show which months since January 2017 the registry has of each unit: complete, partial, none or declared.

    Without options: units and years, with how many months are complete (“10 of 12”). --year shows the months of a year. --unit
    shows a unit's years and months, --unit with --month the record types of a month.

    Nobody knows what a municipality has. A month is complete when it is between the unit's first record and the month in which
    it was heard of last, and no record type has too few: less than a quarter of the unit's own level in the month and in 1, 2,
    3, 6 or 12 months in a row with it, and so little that chance makes it in less than one of a thousand such periods. A small
    unit has months without records, so there it takes several in a row. The level is what was usual in the last 24 months.
    From the month on in which a message came that waits to be ingested, none is complete.
    Declared is what `ktt registry declare` has written down. Records count in the month of their own date; what is older, in
    January 2017. Only months that are over are shown.""",
)
_Year = Annotated[
    int | None,
    typer.Option("--year", min=2017, max=2100, help=told(nb="Månedene i dette året.", en="The months of this year.")),
]
_Month = Annotated[
    str | None,
    typer.Option(
        "--month",
        metavar=told(nb="MÅNED", en="MONTH"),
        help=told(
            nb="Opplysningstypene i denne måneden, som 2019-03; med --unit.",
            en="The record types of this month, as 2019-03; with --unit.",
        ),
    ),
]
_Silent = Annotated[
    bool,
    typer.Option(
        "--silent", help=told(nb="Bare enheter som er stille eller står.", en="Only units that are silent or stand.")
    ),
]
_CELLS = {
    "complete": Text(nb="✓ fullstendig", en="✓ complete"),
    "partial": Text(nb="◐ delvis", en="◐ partial"),
    "none": Text(nb="– ingen", en="– none"),
    "declared": Text(nb="○ erklært", en="○ declared"),
}
_KEY = Text(
    nb="✓ fullstendig · ◐ delvis · – ingen · ○ erklært. Hva det betyr: ktt registry coverage --help",
    en="✓ complete · ◐ partial · – none · ○ declared. What they mean: ktt registry coverage --help",
)
_UNIT, _NAME = Column("unit", Text(nb="Enhet", en="Unit")), Column("name", Text(nb="Navn", en="Name"))
_MORE = (
    Column("complete", Text(nb="Fullstendige", en="Complete"), "count"),
    Column("ended", Text(nb="Måneder", en="Months"), "count", in_table=False),
    Column("state", Text(nb="Tilstand", en="State"), in_table=False),
    Column("days", Text(nb="Dager siden hørt", en="Days since heard of"), "count"),
    Column("vendor", Text(nb="Leverandør", en="Vendor"), in_table=False),
    Column("system", Text(nb="System", en="System"), in_table=False),
    Column("version", Text(nb="Versjon", en="Version"), in_table=False),
)
_TYPES = (
    Column("record_type", Text(nb="Opplysningstype", en="Record type")),
    Column("records", Text(nb="Poster", en="Records"), "count"),
    Column("level", Text(nb="Eget nivå per måned", en="Own level a month"), "count"),
    Column("judged", Text(nb="Måneder uten som merkes", en="Months without to be told"), "count"),
    Column("short", Text(nb="For få", en="Too few"), "flag"),
)
_MONTHS = range(1, 13)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("coverage", help=_HELP)(coverage)


def coverage(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    vendor: Vendor = None,
    year: _Year = None,
    month: _Month = None,
    silent: _Silent = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """Three levels of the same matrix."""
    command = "ktt registry coverage"
    form, as_of = Form(command, json, csv, parquet), as_of_from(day, known_at, command)
    if month is not None and unit is None:
        raise CommandMisused(reason="--month --unit", command=command)
    import polars as pl

    from ktt.wiring.receiver import coverage_at

    found = coverage_at(place_of(config, folder), day_of(as_of), as_of.known_at, instant_of(as_of))
    if unit is None:
        _show_nation(found, form, year, vendor, silent=silent)
        return
    from ktt.registry.coverage.errors import UnitUnknown

    own = found.months.filter(pl.col("unit") == unit)
    if own.is_empty():
        raise UnitUnknown(unit=unit)
    if month is None:
        _show_unit(own if year is None else own.filter(pl.col("month").str.starts_with(str(year))), form)
    else:
        _show_month(found, unit, month, form)


def _show_nation(found: Coverage, form: Form, year: int | None, vendor: str | None, *, silent: bool) -> None:
    import polars as pl

    known = {one.unit: one for one in found.silence.units}
    chosen = [
        unit for unit in found.months["unit"].unique().sort() if _is_wanted(known.get(unit), vendor, silent=silent)
    ]
    months = found.months.filter(pl.col("unit").is_in(chosen))
    in_year = months if year is None else months.filter(pl.col("month").str.starts_with(str(year)))
    keys, cells = _by_year(months) if year is None else _by_month(in_year)
    summed = months.group_by("unit").agg((pl.col("state") == "complete").sum(), pl.len())
    sums = {unit: {"complete": complete, "ended": ended} for unit, complete, ended in summed.iter_rows()}
    rows = [
        {"unit": unit, "name": place_name(unit, found.on)}
        | {key: cells.get((unit, key)) for key in keys}
        | sums[unit]
        | _facts(known.get(unit))
        for unit in chosen
    ]
    columns = [_UNIT, _NAME, *(Column(key, Text(nb=key, en=key)) for key in keys), *_MORE]
    answer(columns, rows, form, data=_nation_data(found, in_year, rows), render=_with_key)


def _is_wanted(one: UnitRhythm | None, vendor: str | None, *, silent: bool) -> bool:
    """Whether a unit is shown in the nation. One that has ended is not: its history is its successor's to send."""
    if one is not None and one.state == "ended":
        return False
    heard = one is not None and one.state in {"silent", "rejected"}
    return of_vendor(None if one is None else one.software, vendor) and (heard or not silent)


def _facts(one: UnitRhythm | None) -> dict[str, Any]:
    if one is None:
        return {"state": None, "days": None, **software_facts(None)}
    return {"state": one.state, "days": one.days, **software_facts(one.software)}


def _by_year(months: pl.DataFrame) -> tuple[list[str], dict[tuple[str, str], Any]]:
    from ktt.registry.coverage.months import years

    each = years(months).select("unit", "year", "complete", "months")
    says = Text(nb="{complete} av {months}", en="{complete} of {months}")
    cells = {(u, y): says.format(complete=done, months=all_) for u, y, done, all_ in each.iter_rows()}
    return sorted(set(each["year"])), cells


def _by_month(months: pl.DataFrame) -> tuple[list[str], dict[tuple[str, str], Any]]:
    each = months.select("unit", "month", "state")
    return sorted(set(each["month"])), {(unit, month): _CELLS[state] for unit, month, state in each.iter_rows()}


def _nation_data(found: Coverage, months: pl.DataFrame, rows: list[dict[str, Any]]) -> dict[str, Any]:
    from ktt.registry.coverage.months import years

    by_unit = {str(unit): frame.drop("unit").to_dicts() for (unit,), frame in years(months).group_by("unit")}
    facts = ("unit", "name", "complete", "ended", "state", "days", "vendor", "system", "version", "export_version")
    units = [{name: row[name] for name in facts} | {"years": by_unit[row["unit"]]} for row in rows]
    return {"on": found.on, "units": units, "never_heard": list(found.silence.never_heard)}


def _show_unit(months: pl.DataFrame, form: Form) -> None:
    by_year: dict[str, dict[str, Any]] = {}
    for month, state in months.select("month", "state").iter_rows():
        by_year.setdefault(month[:4], {"year": month[:4]})[month[5:]] = _CELLS[state]
    columns = [
        Column("year", Text(nb="År", en="Year")),
        *(Column(f"{n:02}", Text(nb=f"{n:02}", en=f"{n:02}")) for n in _MONTHS),
    ]
    answer(columns, list(by_year.values()), form, data=months.to_dicts(), render=_with_key)


def _show_month(found: Coverage, unit: str, month: str, form: Form) -> None:
    import polars as pl

    of_month = found.series(unit).filter(pl.col("month") == month)
    rows = [
        {
            "record_type": record_word(row["series"]) if row["series"] != "all" else _ALL,
            "records": row["records"],
            "level": round(row["level"]),
            "judged": row["width"],
            "short": row["short"],
        }
        for row in of_month.iter_rows(named=True)
    ]
    answer(_TYPES, rows, form, data=of_month.drop("unit").to_dicts())


_ALL = Text(nb="alle", en="all")


def _with_key(drawn: RenderableType) -> RenderableType:
    from rich.console import Group

    return Group(drawn, _KEY.in_(language()))
