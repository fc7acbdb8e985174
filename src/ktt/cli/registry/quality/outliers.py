"""`ktt registry outliers`: care services that changed suddenly, by unit and type."""

from __future__ import annotations

from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import day_of
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, as_of_from, place_of
from ktt.cli.registry.quality.words import service_type_word
from ktt.cli.registry.words import place_name
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

_HELP = told(
    nb="""Vis tjenester som har endret seg brått, per enhet og tjenestetype, mot enhetens egen historikk.

    Hver uke telles tjenestene som gjaldt den dagen, slik de var kjent den dagen. En ukes endring
    holdes opp mot endringene i inntil 26 uker før den. Den vises når den avviker fra medianen med mer enn fem ganger
    medianavviket (ganger 1,4826, minst én tjeneste), og er minst fem tjenester og en tidel av det som var. En type som har vært
    der i færre enn åtte uker, måles ikke.""",
    en="""Show care services that changed suddenly, by unit and service type, against the unit's own history.

    The series is what a statistic would have said each week: services that held that day, as they were known that day. A
    week's change is held against the changes of up to 26 weeks before it. It is shown when it differs from their median by
    more than five times the median absolute deviation (times 1.4826, at least one service), and is at least five services and
    a tenth of what there was. A type that has been there for fewer than eight weeks is not judged.""",
)
_Weeks = Annotated[
    int,
    typer.Option(
        "--weeks",
        min=1,
        max=52,
        help=told(nb="Så mange uker tilbake fra dagen.", en="So many weeks back from the day."),
    ),
]
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("name", Text(nb="Navn", en="Name")),
    Column("service_type", Text(nb="Type", en="Type")),
    Column("service", Text(nb="Tjeneste", en="Care service")),
    Column("week_to", Text(nb="Uke til", en="Week to"), "day"),
    Column("before", Text(nb="Før", en="Before"), "count"),
    Column("after", Text(nb="Etter", en="After"), "count"),
    Column("change", Text(nb="Endring", en="Change"), "count"),
    Column("usual", Text(nb="Vanlig", en="Usual"), "number"),
    Column("limit", Text(nb="Grense", en="Limit"), "number"),
)
_NOTHING = Text(nb="✓ Ingen brå endringer.", en="✓ No sudden changes.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("outliers", help=_HELP)(outliers)


def outliers(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    weeks: _Weeks = 4,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The largest change first."""
    command = "ktt registry outliers"
    form, as_of = Form(command, json, csv, parquet), as_of_from(day, known_at, command)
    on = day_of(as_of)
    from ktt.registry.coverage.known_unit import check_unit
    from ktt.registry.quality.outliers import outliers as found_in
    from ktt.wiring.receiver import registry_at

    with registry_at(place_of(config, folder)) as database, database.reading() as connection:
        check_unit(connection, unit)
        found = found_in(connection, on, weeks, as_of.known_at, unit)
    rows = [
        row | {"name": place_name(row["unit"], on), "service": service_type_word(row["service_type"])}
        for row in found.iter_rows(named=True)
    ]
    answer(_COLUMNS, rows, form, render=lambda drawn: drawn if rows else _NOTHING.in_(language()))
