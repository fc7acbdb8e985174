"""`ktt registry cases`: the list."""

from __future__ import annotations

from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile
from ktt.cli.registry.cases.options import COLUMNS, case_data, spoken
from ktt.cli.registry.options import Folder, OneUnit, place_of, where_of
from ktt.cli.rows import CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

_Closed = Annotated[
    bool,
    typer.Option("--closed", help=told(nb="Også saker som er lukket.", en="Cases that are closed too.")),
]
_With = Annotated[
    str | None,
    typer.Option(
        "--with",
        metavar=told(nb="NAVN", en="NAME"),
        help=told(nb="Bare saker som denne har.", en="Only cases that are with this person."),
    ),
]


def cases(
    context: typer.Context,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    unit: OneUnit = None,
    assigned_to: _With = None,
    *,
    closed: _Closed = False,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The nearest deadline first; with closed ones, the newest first."""
    if context.invoked_subcommand is not None:
        return
    form = Form("ktt registry cases", json, csv, parquet)
    from ktt.wiring.cases import cases_at
    from ktt.wiring.receiver import check_unit_at

    today = norwegian_day(SystemClock().now())
    place = place_of(config, folder)
    check_unit_at(place, unit)
    with cases_at(place) as store:
        found = store.all() if closed else store.open_now()
    wanted = [one for one in found if unit in {None, one.unit} and assigned_to in {None, one.assigned_to}]
    rows = [case_data(one, today) for one in wanted]
    nothing = Text(
        nb="Ingen saker. «ktt registry cases open{where} --plan» viser hva det kan åpnes saker for.",
        en="No cases. `ktt registry cases open{where} --plan` shows what cases can be opened for.",
    )
    shown = [spoken(row) for row in rows]
    answer(
        COLUMNS,
        shown,
        form,
        data=rows,
        render=lambda drawn: drawn if rows else nothing.format(where=where_of(config, folder)).in_(language()),
    )
    if any(row["overdue"] for row in rows):
        raise typer.Exit(EXIT_NOT_MET)
