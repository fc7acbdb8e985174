"""Rows as an answer: a table for people, JSON, CSV for a spreadsheet or a Parquet file, each declared once by its columns."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ktt.cli.errors import CommandMisused, PageUnwritable
from ktt.cli.show import emit, language, note, table, told
from ktt.core.clock import OSLO
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

Kind = Literal["text", "count", "share", "number", "day", "instant", "flag"]
Row = Mapping[str, Any]

CsvFlag = Annotated[
    bool,
    typer.Option(
        "--csv",
        help=told(
            nb="Svar med CSV på standard ut, slik Excel åpner det.",
            en="Answer with CSV on standard out, as Excel opens it.",
        ),
    ),
]
ParquetFile = Annotated[
    Path | None,
    typer.Option(
        "--parquet",
        metavar=told(nb="FIL", en="FILE"),
        help=told(nb="Skriv radene til en Parquet-fil.", en="Write the rows to a Parquet file."),
    ),
]
_WRITTEN = Text(nb="{rows:rad|rader} er skrevet til {file}.", en="{rows:row is|rows are} written to {file}.")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in data, its heading for people, what kind of value it has, and whether the table shows it."""

    name: str
    heading: Text
    kind: Kind = "text"
    in_table: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """How the answer is wanted: at most one of the three; none is a table."""

    command: str
    json: bool = False
    csv: bool = False
    parquet: Path | None = None

    def __post_init__(self) -> None:
        if self.json + self.csv + (self.parquet is not None) > 1:
            only_one = Text(
                nb="velg bare én av --json, --csv og --parquet.", en="choose one of --json, --csv and --parquet."
            )
            raise CommandMisused(reason=only_one, command=self.command)


def answer(
    columns: Sequence[Column],
    rows: Sequence[Row],
    form: Form,
    *,
    data: object = None,
    render: Callable[[RenderableType], RenderableType] = lambda drawn: drawn,
) -> None:
    """Show the rows. `data` is what JSON says when it is more than the rows; `render` puts words around the table."""
    if form.csv:
        from ktt.core.csv_text import as_csv

        lines = [[_spoken(column, row.get(column.name)) for column in columns] for row in rows]
        sys.stdout.buffer.write(as_csv([[column.heading.in_(language()) for column in columns], *lines]))
        sys.stdout.buffer.flush()
    elif form.parquet is not None:
        _write_parquet(columns, rows, form.parquet)
    else:
        emit(rows if data is None else data, json=form.json, render=lambda: render(drawn(columns, rows)))


def drawn(columns: Sequence[Column], rows: Sequence[Row]) -> RenderableType:
    """The table for people."""
    shown = [column for column in columns if column.in_table]
    cells = [[_cell(column, row.get(column.name)) for column in shown] for row in rows]
    return table([column.heading for column in shown], cells)


def _cell(column: Column, value: Any) -> object:
    return value if column.kind == "count" else _spoken(column, value)


def _spoken(column: Column, value: Any) -> str | int:
    """A value as people in Norway read it."""
    if value is None:
        return ""
    if column.kind == "flag":
        return Text(nb="ja", en="yes").in_(language()) if value else ""
    if column.kind in {"share", "number"}:
        shown = f"{100 * value:.1f} %" if column.kind == "share" else f"{value:.1f}"
        return shown.replace(".", "," if language() == "nb" else ".")
    if isinstance(value, dt.datetime):
        return value.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Text):
        return value.in_(language())
    return value if isinstance(value, int) else str(value)


def _write_parquet(columns: Sequence[Column], rows: Sequence[Row], path: Path) -> None:
    import polars as pl

    from ktt.core.os_faults import os_reason

    types: dict[Kind, pl.DataType] = {
        "text": pl.String(),
        "count": pl.Int64(),
        "share": pl.Float64(),
        "number": pl.Float64(),
        "day": pl.Date(),
        "instant": pl.Datetime("us", "UTC"),
        "flag": pl.Boolean(),
    }
    plain = [
        {c.name: _spoken(c, row.get(c.name)) if c.kind == "text" else row.get(c.name) for c in columns} for row in rows
    ]
    frame = pl.DataFrame(plain, schema={column.name: types[column.kind] for column in columns})
    try:
        frame.write_parquet(path)
    except OSError as fault:
        raise PageUnwritable(file=path, reason=os_reason(fault)) from fault
    note(_WRITTEN.format(rows=frame.height, file=path))
