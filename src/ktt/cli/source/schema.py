"""`ktt source schema`: the JSON Schema of a mapping file, for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.show import JsonFlag, emit, note, told
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

_HELP = told(
    nb="Skriv JSON Schema for koblingsfilen, så editoren viser hva hvert felt betyr, foreslår navn og streker under feil mens dere skriver. "
    "Legg «#:schema ./mapping.schema.json» øverst i koblingsfilen (tillegget Even Better TOML i VS Code, eller taplo).",
    en="Write the JSON Schema of a mapping file, so that the editor shows what each field means, proposes names and underlines faults. "
    "Put “#:schema ./mapping.schema.json” at the top of the mapping (the extension Even Better TOML of VS Code, or taplo).",
)
_Out = Annotated[
    Path | None,
    typer.Option(
        "--out", help=told(nb="Filen som skrives, i stedet for standard ut.", en="The file; otherwise standard out.")
    ),
]
_WRITTEN = Text(
    nb="Skrev {file}. Øverst i koblingsfilen: #:schema ./{name}",
    en="Wrote {file}. At the top of the mapping: #:schema ./{name}",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("schema", help=_HELP)(schema)


def schema(*, out: _Out = None, json: JsonFlag = False) -> None:
    """Write or print the schema."""
    import orjson

    from ktt.sender.extract.mapping.editor_schema.schema import mapping_schema
    from ktt.sender.extract.profiling.errors import OutputUnwritable

    made = mapping_schema()
    if out is None or json:
        emit(made, json=True)
    if out is None:
        return
    try:
        out.write_bytes(orjson.dumps(made, option=orjson.OPT_INDENT_2) + b"\n")
    except OSError as fault:
        raise OutputUnwritable(file=out, reason=os_reason(fault)) from fault
    note(_WRITTEN.format(file=str(out), name=out.name))
