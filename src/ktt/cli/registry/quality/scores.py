"""`ktt registry quality`: a score for each unit and variable, with the parts it is made of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import day_of
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, Since, as_of_from, place_of
from ktt.cli.registry.words import column_word, place_name, record_word
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, told
from ktt.core.text import Text

if TYPE_CHECKING:
    import polars as pl

    from ktt.registry.two_clocks import AsOf
    from ktt.wiring.receiver import RegistryPlace

_HELP = told(
    nb="""Vis hvor god kvaliteten er, per enhet og variabel, med delene den er laget av.

    Utfylling: av postene som gjaldt dagen, de som har variabelen. Gyldighet: de uten et åpent avvik om den; avvikene er slik de
    er nå, så bare i dag har den. Standardverdier: av verdiene, de som ikke er «ikke relevant». Rettidighet: av versjonene mottatt de
    siste 30 dagene, de som kom innen sju dager etter at de ble registrert; historikken er ikke med. Dekning: av månedene siden
    2017 som ikke er erklært, de som er fullstendige. Poengsummen er snittet av delene som finnes, i prosent.

    Uten valg: én rad per enhet, snittet av variablene. --unit viser variablene, --variable enhetene for én variabel, og --since
    hver månedsslutt siden da, slik det var kjent den dagen.""",
    en="""Show how good the quality is, by unit and variable, with the parts it is made of.

    Completeness: of the records that held on the day, those that have the variable. Validity: those without an open finding about
    it; findings are as they are now, so only today has it. Defaults: of the values, those that are not “not relevant”.
    Timeliness: of the versions received in the last 30 days, those that came within seven days of being recorded; history is left
    out. Coverage: of the months since 2017 that are not declared, those that are complete. The score is the mean of the parts
    that are there, in per cent.

    Without options: one row for each unit, the mean of its variables. --unit shows the variables, --variable the units of one
    variable, and --since every end of a month since then, as it was known that day.""",
)
_Variable = Annotated[
    str | None,
    typer.Option(
        "--variable",
        help=told(
            nb="Bare denne variabelen, som circumstances.household eller household.",
            en="Only this variable, as circumstances.household or household.",
        ),
    ),
]
_HEAD = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("day", Text(nb="Dag", en="Day"), "day"),
)
_OF_VARIABLE = (
    Column("record_type", Text(nb="Opplysningstype", en="Record type")),
    Column("variable", Text(nb="Variabel", en="Variable")),
    Column("records", Text(nb="Poster", en="Records"), "count"),
)
_PARTS = (
    Column("score", Text(nb="Poeng", en="Score"), "share"),
    Column("completeness", Text(nb="Utfylling", en="Completeness"), "share"),
    Column("validity", Text(nb="Gyldighet", en="Validity"), "share"),
    Column("defaults", Text(nb="Uten standardverdi", en="No default"), "share"),
    Column("timeliness", Text(nb="Rettidighet", en="Timeliness"), "share"),
    Column("coverage", Text(nb="Dekning", en="Coverage"), "share"),
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("quality", help=_HELP)(quality)


def quality(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    variable: _Variable = None,
    since: Since = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The lowest score first; over time by day."""
    command = "ktt registry quality"
    form, as_of = Form(command, json, csv, parquet), as_of_from(day, known_at, command)
    import polars as pl

    from ktt.registry.quality.scores import means

    found = _scores(place_of(config, folder), as_of, unit, since and since.date())
    if variable is not None:
        kind, _, name = variable.rpartition(".")
        found = found.filter(pl.col("variable") == name, (pl.col("record_type") == kind) | (not kind))
    whole = unit is None and variable is None
    rows = (means(found) if whole else found).sort("day", "score", "unit", nulls_last=True).to_dicts()
    columns = [*_HEAD, *(() if whole else _OF_VARIABLE), *_PARTS]
    named = [row | {"name": place_name(row["unit"], row["day"])} for row in rows]
    answer(columns, named if form.json else [_spoken(row) for row in named], form)


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    if "variable" not in row:
        return row
    kind = row["record_type"]
    return row | {"record_type": record_word(kind), "variable": column_word(kind, row["variable"])}


def _scores(place: RegistryPlace, as_of: AsOf, unit: str | None, since: dt.date | None) -> pl.DataFrame:
    """Of the day, and of every end of a month before it from `since` on, each as it was known then."""
    from ktt.wiring.receiver import quality_at

    days = [] if since is None else _month_ends(since, day_of(as_of))
    return quality_at(place, as_of, day_of(as_of), days, unit)


def _month_ends(since: dt.date, until: dt.date) -> list[dt.date]:
    count = (until.year - since.year) * 12 + until.month - since.month
    firsts = [dt.date(since.year + (since.month + n) // 12, (since.month + n) % 12 + 1, 1) for n in range(count)]
    return [first - dt.timedelta(days=1) for first in firsts]
