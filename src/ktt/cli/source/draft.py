"""`ktt source draft SCAN|ADDRESS --out FILE`: a proposed mapping with its code files, for a person to go through."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, note, table, told
from ktt.cli.source.options import AtLeast, ScanOrUrl, profile
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ktt.sender.extract.drafting.draft import Draft

_HELP = told(
    nb="Lag et forslag til koblingsfil: den beste tabellen for hver opplysningstype, den beste kolonnen for hvert felt, formene på datoer, "
    "og kodefiler med de lokale kodene som ble funnet. Det som er usikkert, er merket KONTROLLER med hvorfor. Felt som må kobles, men "
    "ikke ble funnet, står som kommentar, så «ktt source check» sier hva som mangler. Det er et utgangspunkt: et menneske må gå gjennom "
    "hver linje. Filer som finnes, skrives ikke over uten --replace.",
    en="Make a proposed mapping: the best table for each record type, the best column for each field, the forms of days, "
    "and code files with the local codes that were found. What is uncertain is marked KONTROLLER with why. Required fields that "
    "were not found stand as comments, so that “ktt source check” says what is missing. It is a beginning: a person must go through "
    "every line. Files that are there are not written over without --replace.",
)
Out = Annotated[
    Path, typer.Option("--out", help=told(nb="Koblingsfilen som skrives.", en="The mapping file that is written."))
]
_Name = Annotated[
    str,
    typer.Option(
        help=told(nb="Navnet på koblingen. Standard: filens navn.", en="The mapping's name; else the file's.")
    ),
]
_Replace = Annotated[
    bool, typer.Option("--replace", help=told(nb="Skriv over filer som finnes.", en="Write over files that are there."))
]
_HEADS = (
    Text(nb="Opplysningstype", en="Record type"),
    Text(nb="Tabell", en="Table"),
    Text(nb="Felt uten tvil", en="Fields without doubt"),
    Text(nb="Kontroller", en="Look at"),
    Text(nb="Mangler", en="Missing"),
)
_WRITTEN = Text(
    nb="Skrev {file} og {codes:kodefil|kodefiler}. Neste: gå gjennom linjene merket KONTROLLER, fyll ut kodefilene, og kjør ktt source check {file} --source ADRESSE",
    en="Wrote {file} and {codes:code file|code files}. Next: go through the lines marked KONTROLLER, fill in the code files, and run ktt source check {file} --source ADDRESS",
)
_CODES = Text(
    nb="{file}: {count:lokal kode|lokale koder} uten Volven-kode",
    en="{file}: {count:local code|local codes} without an official code",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("draft", help=_HELP)(draft)


def draft(
    place: ScanOrUrl,
    out: Out,
    *,
    name: _Name = "",
    at_least: AtLeast = 5,
    replace: _Replace = False,
    json: JsonFlag = False,
) -> None:
    """Draft, write, and show what is proposed."""
    from ktt.sender.extract.drafting.draft import draft_mapping
    from ktt.sender.extract.drafting.written import write_draft

    found = draft_mapping(profile(place, at_least), name or out.stem)
    write_draft(found, out, replace=replace)
    emit(_data(found, out), json=json, render=lambda: _shown(found))
    if not json:
        note(_WRITTEN.format(file=str(out), codes=sum(file.endswith(".csv") for file in found.files)))


def _data(found: Draft, out: Path) -> dict[str, Any]:
    return {
        "mapping": str(out),
        "code_files": sorted(found.files),
        "counts": found.counts(),
        "codes_unanswered": found.unanswered,
        "records": {
            kind: {
                "table": match.table.name,
                "fields": {one.name: {"value": one.value, "doubt": one.doubt} for one in found.fields[kind]},
            }
            for kind, match in found.records.items()
        },
    }


def _shown(found: Draft) -> RenderableType:
    from rich.console import Group

    from ktt.domain.records import ALL_TYPES
    from ktt.validate.report.words import record_word

    rows = []
    for kind in ALL_TYPES:
        fields = found.fields.get(kind, [])
        doubts = sum(bool(one.doubt) and one.value is not None for one in fields)
        missing = sum(one.value is None for one in fields)
        where = found.records[kind].table.name if kind in found.records else "–"
        rows.append(
            (f"{record_word(kind, language())} ({kind})", where, len(fields) - doubts - missing, doubts, missing)
        )
    codes = [_CODES.format(file=file, count=count).in_(language()) for file, count in found.unanswered.items()]
    return Group(table(_HEADS, rows), *codes)
