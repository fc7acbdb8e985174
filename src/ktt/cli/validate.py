"""`ktt validate`: everything that is wrong with messages, folders of them, or an extract, and who must act."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.show import JsonFlag, language, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.validate.document import Document, ValidationRequest
    from ktt.validate.report.report import Report

Format = Literal["text", "json", "html", "xlsx", "csv"]

_EXITS = told(
    nb="Utgangskode: 0 ingen avvik, eller bare noterte · 3 felter tømmes eller poster tas ikke med · 12 meldingen "
    "avvises, følger ikke skjemaet eller kan ikke leses · 2 feil bruk · 10 kilden kan ikke leses · 11 feil i "
    "koblingsfilen. Den verste gjelder.",
    en="Exit code: 0 no findings, or only noted ones · 3 fields are cleared or records left out · 12 the message is "
    "rejected, breaks its schema or cannot be read · 2 wrong use · 10 the source cannot be read · 11 a fault in the "
    "mapping. The worst one counts.",
)

_Paths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=told(nb="FIL|MAPPE|-", en="FILE|FOLDER|-"),
        help=told(
            nb="En melding (JSON), en årsmelding (IPLOS 3.7, XML), en mappe med slike, en EPJ-database, eller - for "
            "standard inn. Meldinger og mapper kan være flere.",
            en="A message (JSON), an annual message (IPLOS 3.7, XML), a folder of such, an EPJ database, or - for "
            "standard input. Messages and folders may be several.",
        )
        + " "
        + _EXITS,
    ),
]
_Type = Annotated[
    str | None,
    typer.Option("--type", help=told(nb="Meldingstypen, når meldingen er tom.", en="The type of an empty message.")),
]
_Version = Annotated[str | None, typer.Option("--version", help=told(nb="Meldingens versjon.", en="Its version."))]
_Mapping = Annotated[
    Path | None,
    typer.Option(help=told(nb="Koblingsfilen som forklarer uttrekket.", en="The mapping that explains the extract.")),
]
_Source = Annotated[
    str | None,
    typer.Option(
        help=told(
            nb="Adressen til EPJ, som sqlite:///epj.sqlite eller files:///eksport.",
            en="The address of the EPJ, as sqlite:///epj.sqlite or files:///eksport.",
        )
    ),
]
_Unit = Annotated[
    str | None,
    typer.Option(
        help=told(nb="Hvem uttrekket er for: ORGNR-KOMMUNENR[-BYDELNR].", en="Whose it is: ORGNR-KOMMUNENR[-BYDELNR].")
    ),
]
_Format = Annotated[Format, typer.Option("--format", help=told(nb="Hvordan svaret vises.", en="How it is shown."))]
_Out = Annotated[
    Path | None, typer.Option(help=told(nb="Skriv svaret til denne filen.", en="Write the answer to this file."))
]
_Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar=told(nb="REGEL|TEMA|KONSEKVENS|ÅRSAK", en="RULE|THEME|CONSEQUENCE|CAUSE"),
        help=told(
            nb="Bruk bare disse reglene: ID, tema, opplysningstype, reject/drop/clear/note, eller registration/"
            "extraction/code-mapping. Kan gjentas.",
            en="Ask only these rules: id, theme, record type, reject/drop/clear/note, or registration/extraction/"
            "code-mapping. May be repeated.",
        ),
    ),
]
_Explain = Annotated[
    str | None,
    typer.Option(
        metavar=told(nb="REGEL", en="RULE"),
        help=told(nb="Forklar regelen, og bruk bare den.", en="Explain the rule; ask only it."),
    ),
]
_Values = Annotated[
    bool,
    typer.Option(
        "--values",
        help=told(
            nb="Vis også verdiene. Av, fordi de er helseopplysninger: et avvik skal kunne sendes på e-post. "
            "Personnummer vises aldri.",
            en="Show the values as well. Off, because they are health data: a finding should be fit to mail. "
            "A person's number is never shown.",
        ),
    ),
]
_Date = Annotated[
    dt.datetime | None,
    typer.Option(
        "--date",
        "--on",
        formats=["%Y-%m-%d"],
        help=told(
            nb="Kontroller som på denne dagen. Av en kilde: uttaksdatoen.",
            en="Judge as on this day. Of a source: the day of the extract.",
        ),
    ),
]
_Production = Annotated[
    bool,
    typer.Option(
        "--production",
        help=told(nb="Virkelige personer, ikke syntetiske.", en="Real persons instead of synthetic ones."),
    ),
]


_ONE_EXTRACT = Text(
    nb="--mapping, --source og --unit gjelder ett uttrekk; kontroller det alene.",
    en="--mapping, --source and --unit are about one extract; validate it alone.",
)


def validate(
    paths: _Paths = None,
    *,
    type_: _Type = None,
    version: _Version = None,
    mapping: _Mapping = None,
    source: _Source = None,
    unit: _Unit = None,
    pack: PackOption = None,
    form: _Format = "text",
    out: _Out = None,
    only: _Only = None,
    explain: _Explain = None,
    values: _Values = False,
    date: _Date = None,
    production: _Production = False,
    json: JsonFlag = False,
) -> None:
    """Validate what is at the paths and report every finding; no service needs to run."""
    from ktt.validate.errors import NothingToValidate
    from ktt.validate.report.report import Report
    from ktt.validate.rule_selection import validation_request

    chosen: Format = "json" if json else form
    _check_out(chosen, out)
    request = validation_request(
        date.date() if date else norwegian_day(SystemClock().now()),
        choices=[*(only or ()), *([explain] if explain else ())],
        production=production,
        values=values,
        message=(type_, version),
        packs=chosen_packs(pack),
    )
    if not paths and source is None:
        raise NothingToValidate
    report = Report(tuple(_documents(paths or [], request, mapping, source, unit)), request)
    if explain and chosen == "text":
        _explain(explain, request)
    _deliver(report, chosen, out)
    raise typer.Exit(report.exit_code)


def _documents(
    paths: list[str], request: ValidationRequest, mapping: Path | None, source: str | None, unit: str | None
) -> list[Document]:
    from ktt.validate.inputs import find_source, source_name, validate_messages, validate_path

    if len(paths) > 1:
        if mapping or source or unit:
            raise CommandMisused(reason=_ONE_EXTRACT, command="ktt validate")
        return validate_messages(paths, request)
    path = paths[0] if paths else None
    place = path if path is not None else source_name(str(source))
    return validate_path(place, request, find_source(path or ".", mapping, source, unit))


def _check_out(form: Format, out: Path | None) -> None:
    from ktt.validate.errors import OutNeeded

    if form == "xlsx" and out is None:
        raise OutNeeded


def _explain(rule_id: str, request: ValidationRequest) -> None:
    from ktt.messages.packs.field_names import field_names
    from ktt.rules.reference_pages import as_text, find_any

    names = field_names(request.register.versions)
    sys.stdout.write(f"{as_text(find_any(rule_id), language(), names)}\n\n")
    sys.stdout.flush()


def _deliver(report: Report, form: Format, out: Path | None) -> None:
    answer = _answer(report, form)
    if out is None:
        sys.stdout.buffer.write(answer)
        sys.stdout.flush()
        return
    from ktt.validate.errors import ReportUnwritable

    try:
        out.write_bytes(answer)
    except OSError as fault:
        raise ReportUnwritable(file=out, reason=os_reason(fault)) from fault


def _answer(report: Report, form: Format) -> bytes:
    """The report in the chosen form."""
    if form == "json":
        from ktt.validate.report.as_json import as_json

        return as_json(report)
    if form == "html":
        from ktt.validate.report.as_html import as_page

        return as_page(report)
    if form != "text":
        from ktt.validate.report.as_spreadsheet import as_csv, as_workbook

        return (as_csv if form == "csv" else as_workbook)(report, language())
    from ktt.validate.report import as_text

    return f"{as_text.as_text(report, language())}\n".encode(errors="replace")
