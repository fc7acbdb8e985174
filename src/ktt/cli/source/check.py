"""`ktt source check MAPPING`: all that is wrong with a mapping, and with `--source` what it makes of each row that is there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.show import JsonFlag, emit, language, progress, told
from ktt.cli.source.options import AtLeast, MappingFile, today
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.validate.mapping_check.check import MappingCheck

_HELP = told(
    nb="Prøv en koblingsfil uten å sende noe. Først alle feil i filen på én gang, med linje og nærmeste riktige navn. Med --source også: "
    "tabeller og kolonner som ikke finnes, hvor mange rader som er lest, teller og er utelatt og hvorfor, opplysninger av hver type, "
    "hvilke datoformer som passet, lokale koder uten Volven-kode, avvik og hvem som må rette, hva som er meldt fraværende, og tegn på at "
    "koblingsfilen leser noe annet enn det som er ment (merket «!»). "
    "«ktt validate --source» leser det samme, men lister hvert avvik for hver opplysning: bruk det når koblingen er riktig og det er "
    "registreringen som skal rettes. Utgangskode: 0 alt kan sendes · 3 noe må rettes · 11 feil i koblingsfilen · 10 feil i kilden.",
    en="Try a mapping without sending anything. First all faults of the file at once, with line and nearest right name. With --source also: "
    "tables and columns that are not there, how many rows were read, count and are left out and why, records of each type, "
    "which forms of dates fitted, local codes without an official code, findings and who must act, what is declared absent, and signs that the "
    "mapping reads something other than is meant (marked “!”). "
    "“ktt validate --source” reads the same but lists each finding of each record: use it when the mapping is right and the "
    "registration is to be corrected. Exit code: 0 all can be sent · 3 something to mend · 11 a fault in the mapping · 10 in the source.",
)
_Source = Annotated[
    str | None,
    typer.Option(
        "--source",
        help=told(
            nb="Adressen til kilden, som sqlite:///epj.sqlite. Uten den leses bare koblingsfilen.",
            en="The address of the source, as sqlite:///epj.sqlite. Without it, only the mapping is read.",
        ),
    ),
]
_Unit = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Hvem kilden tilhører: ORGNR-KOMMUNENR[-BYDELNR]. Standard: «source.unit» i koblingsfilen.",
            en="Whose the source is: ORGNR-KOMMUNENR[-BYDELNR]. Otherwise as `source.unit` of the mapping says.",
        )
    ),
]
_On = Annotated[
    dt.datetime | None,
    typer.Option(
        "--on",
        formats=["%Y-%m-%d"],
        help=told(nb="Uttaksdatoen. Standard: i dag.", en="The day of the extract, when it is not today."),
    ),
]
_Production = Annotated[
    bool,
    typer.Option(
        "--production", help=told(nb="Virkelige personer, ikke syntetiske.", en="Real persons, not synthetic.")
    ),
]
_STEPS = {
    "file": Text(nb="Leser koblingsfilen", en="Reading the mapping"),
    "columns": Text(nb="Ser etter tabeller og kolonner", en="Looking for tables and columns"),
    "rows": Text(nb="Leser radene", en="Reading the rows"),
    "rules": Text(nb="Bruker reglene", en="Applying the rules"),
}


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("check", help=_HELP)(check)


def check(
    mapping: MappingFile,
    *,
    source: _Source = None,
    unit: _Unit = None,
    on: _On = None,
    at_least: AtLeast = 5,
    production: _Production = False,
    json: JsonFlag = False,
) -> None:
    """Check, show, and leave with the exit code of the worst."""
    from ktt.cli.source.check_report import shown
    from ktt.validate.inputs import read_unit
    from ktt.validate.mapping_check.check import check_mapping
    from ktt.validate.rule_selection import validation_request

    request = validation_request(on.date() if on else today(), production=production)
    with progress(_STEPS["file"], len(_STEPS)) as step:
        found = check_mapping(
            mapping,
            source,
            read_unit(unit) if unit else None,
            request,
            lambda name: step(list(_STEPS).index(name), None, _STEPS[name].in_(language())),
        )
    emit(as_data(found, at_least), json=json, render=lambda: shown(found, at_least))
    raise typer.Exit(found.exit_code)


def as_data(found: MappingCheck, at_least: int) -> dict[str, Any]:
    """The whole answer as plain data."""
    from ktt.sender.extract.documentation.approval import approval_status

    extract = found.extract
    return {
        "approval": approval_status(found.mapping).state if found.mapping else None,
        "mapping": str(found.file),
        "faults": [one.as_data() for one in found.faults],
        "reading": extract.reading.as_data() if extract else None,
        "records": found.records(),
        "excluded": {name: dict(reasons) for name, reasons in extract.excluded.items()} if extract else {},
        "proofs": list(extract.proofs) if extract else [],
        "complete": extract.complete if extract else False,
        "doubts": [one.as_data() for one in found.doubts()],
        "unknown_codes": found.unknown_codes(at_least),
        "findings": found.finding_counts(),
        "absent": found.absent(),
        "exit_code": found.exit_code,
    }
