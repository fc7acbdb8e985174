"""`ktt registry received`: what came by unit, message type and day, against what usually comes."""

from __future__ import annotations

from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.coverage.options import day_of
from ktt.cli.registry.options import Day, Folder, KnownAt, OneUnit, as_of_from, place_of
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.text import Text

_HELP = told(
    nb="""Vis hva som kom per enhet, meldingstype og dag, mot det som pleier å komme.

    Ventet er medianen av postene som kom på dager av samme type (virkedager, eller helger og helligdager) de åtte ukene før. En dag
    er lav under en firedel og høy over fire ganger det ventede, når minst ti poster var ventet eller kom. Uten --unit vises bare
    dager som er lave eller høye. Dagene en historikk sendes, er høye.""",
    en="""Show what came by unit, message type and day, against what usually comes.

    Expected is the median of the records that came on days of the same kind (working days, or weekends and holidays) in the
    eight weeks before. A day is low below a quarter and high above four times the expected, where at least ten records were
    expected or came. Without --unit only days that are low or high are shown. The days of an initial load are high.""",
)
_Days = Annotated[
    int,
    typer.Option(
        "--days", min=1, max=366, help=told(nb="Så mange dager før dagen.", en="So many days before the day.")
    ),
]
_ODD = {"low": Text(nb="lav", en="low"), "high": Text(nb="høy", en="high"), None: None}
_COLUMNS = (
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("message_type", Text(nb="Meldingstype", en="Message type")),
    Column("day", Text(nb="Dag", en="Day"), "day"),
    Column("messages", Text(nb="Meldinger", en="Messages"), "count"),
    Column("records", Text(nb="Poster", en="Records"), "count"),
    Column("expected", Text(nb="Ventet", en="Expected"), "number"),
    Column("odd", Text(nb="Avvik", en="Odd")),
)
_NOTHING = Text(nb="✓ Ingen dager er lave eller høye.", en="✓ No day is low or high.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("received", help=_HELP)(received)


def received(
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    day: Day = None,
    known_at: KnownAt = None,
    *,
    unit: OneUnit = None,
    days: _Days = 14,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The newest day first."""
    command = "ktt registry received"
    form, as_of = Form(command, json, csv, parquet), as_of_from(day, known_at, command)
    from ktt.registry.coverage.known_unit import check_unit
    from ktt.registry.coverage.received import received as found_in
    from ktt.wiring.receiver import registry_at

    with registry_at(place_of(config, folder)) as database, database.reading() as connection:
        check_unit(connection, unit)
        found = found_in(connection, day_of(as_of), days, as_of.known_at, unit)
    rows = [row for row in found.iter_rows(named=True) if unit is not None or row["odd"]]
    spoken = [row | {"odd": _ODD[row["odd"]]} for row in rows]
    answer(_COLUMNS, spoken, form, data=rows, render=lambda drawn: drawn if rows else _NOTHING.in_(language()))
