"""`ktt source dummy SCAN|ADDRESS --out …`: an invented copy of a source, to show somebody a problem with the mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.show import JsonFlag, emit, note, table, told
from ktt.cli.source.options import AtLeast, ScanOrUrl, profile, today
from ktt.core.text import Text

_HELP = told(
    nb="Lag en oppdiktet kopi av en kilde: de samme tabellene, kolonnene og formene, med syntetiske personer (måned + 80) og oppdiktede "
    "rader. Bare verdiene av koder er fra kilden, så ofte som skanningen viser. Slik kan dere vise andre et problem med koblingen uten "
    "data om noen. Slutter --out på .sqlite, blir det en database, ellers en mappe med filer.",
    en="Make an invented copy of a source: the same tables, columns and forms, with synthetic persons (month + 80) and invented rows. "
    "Only the values of codes are the source's, as often as the scan shows. So you can show others a problem with the mapping without "
    "data about anybody. When --out ends with .sqlite it is a database, otherwise a folder of files.",
)
_Out = Annotated[Path, typer.Option("--out", help=told(nb="Databasen eller mappen.", en="The database or the folder."))]
_Rows = Annotated[
    int,
    typer.Option(
        "--rows", min=1, help=told(nb="Høyst så mange rader i hver tabell.", en="At most so many rows a table.")
    ),
]
_Seed = Annotated[
    int, typer.Option("--seed", help=told(nb="Samme tall gir samme kopi.", en="The same number gives the same copy."))
]
_HEADS = (Text(nb="Tabell", en="Table"), Text(nb="Oppdiktede rader", en="Invented rows"))
_WRITTEN = Text(
    nb="Skrev {out}. Ingen opplysninger om personer er kopiert. Kontroller likevel kodene før den sendes noe sted.",
    en="Wrote {out}. Nothing about anybody is copied; look over the codes all the same before it is sent anywhere.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("dummy", help=_HELP)(dummy)


def dummy(
    place: ScanOrUrl, out: _Out, *, rows: _Rows = 200, seed: _Seed = 1, at_least: AtLeast = 5, json: JsonFlag = False
) -> None:
    """Invent, write, and show how many rows each table has."""
    from ktt.testing.synthetic.invented_source import InventedSource

    counts = InventedSource(profile(place, at_least), rows, seed).write(out, today())
    emit({"out": str(out), "rows": counts}, json=json, render=lambda: table(_HEADS, counts.items()))
    if not json:
        note(_WRITTEN.format(out=str(out)))
