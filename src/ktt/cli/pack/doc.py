"""`ktt pack doc DIR`: the reference page of each message of a pack."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.errors import PageUnwritable
from ktt.cli.pack.check import PackDir
from ktt.cli.show import emit, language, note, told
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

_HELP = told(
    nb="Vis referansesiden til hver melding i en pakke. Den sier hva meldingen er til, feltene i skjemaets rekkefølge med type, om de må "
    "være med, grenser og koder, kolonnen de fyller og hva den betyr, hvordan noe slettes, og et eksempel. "
    "Uten mapping.toml vises det skjemaet sier. Markdown på valgt språk (KTT_LANG), eller med --html én nettside på begge.",
    en="Show the reference page of each message of a pack. It says what the message is for, the fields in the schema's order with type, "
    "whether they are required, limits and codes, the column that they carry and what it means, how something is deleted, "
    "and an example. Without mapping.toml it is what the schema says. "
    "Markdown in the chosen language (KTT_LANG), or with --html one web page in both.",
)
_Out = Annotated[
    Path | None,
    typer.Option(
        metavar=told(nb="FIL", en="FILE"),
        help=told(
            nb="Skriv til denne filen i stedet for standard ut.", en="Write to this file instead of standard out."
        ),
    ),
]
_Html = Annotated[
    bool,
    typer.Option(
        "--html", help=told(nb="Som én nettside på bokmål og engelsk.", en="As one web page in both languages.")
    ),
]
_WRITTEN = Text(nb="Skrev {file}.", en="Wrote {file}.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("doc", help=_HELP)(doc)


def doc(folder: PackDir, *, out: _Out = None, html: _Html = False) -> None:
    """Print the pages, or write them to a file."""
    from ktt.messages.register import folder_of
    from ktt.testing.packs.doc.as_markdown import as_markdown
    from ktt.testing.packs.doc.as_page import as_page
    from ktt.testing.packs.doc.pages import pack_pages

    pages = pack_pages(folder_of(folder))
    text = as_page(pages).decode() if html else as_markdown(pages, language())
    if out is None:
        emit(text.rstrip("\n"), json=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise PageUnwritable(file=out, reason=os_reason(fault)) from None
    note(_WRITTEN.format(file=out))
