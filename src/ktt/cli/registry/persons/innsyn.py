"""`ktt registry innsyn`: all that is held about one person, as a page to read and as data, in files for the asker alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import PageUnwritable
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.registry.persons.whom import LocalId, NumberFlag, UnitWord, Why, whom_from
from ktt.cli.show import JsonFlag, emit, language, progress, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.persons.access_report import AccessReport

_COMMAND = "ktt registry innsyn"
_HELP = told(
    nb="""Skriv alt som finnes om én person, til en fil som bare dere kan lese: rett til innsyn.

    Hver versjon av hver post fra alle enheter, gjeldende og tidligere, med når den gjelder, når den var kjent og meldingen
    den kom med; det mottaket fortsatt har av meldinger, også de som venter, med personens del slik den ble sendt; avvikene i
    postene; nummeret; og hvem som har sett på personen. FIL blir en nettside på bokmål og engelsk, og data i samme navn med
    endelsen .json. Filene får rettighetene 0600, og skrives aldri over. Innsynet loggføres før noe leses.""",
    en="""Write all that is held about one person to a file that only you can read: the right of access.

    Every version of every record of all units, current and earlier, with when it holds, when it was known and the message
    it came with; what the receiver still has of messages, those that wait too, with the person's part as it was sent; the
    findings about the records; the number; and who has looked at the person. FILE becomes a web page in both languages, and
    data under the same name ending in .json. The files are 0600 and are never written over. It is logged before
    anything is read.""",
)
_Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar=told(nb="FIL", en="FILE"),
        help=told(
            nb="Nettsiden som skal skrives, for eksempel sak-41.html; aldri personens navn eller nummer.",
            en="The page to write, for example case-41.html; never the person's name or number.",
        ),
    ),
]
_WRITTEN = Text(
    nb="Alt om personen er skrevet til {page} og {data}: {versions:versjon|versjoner}, {messages:melding|meldinger}, "
    "{findings:avvik|avvik} og {looks:innsyn|innsyn}. Slett filene når de er utlevert.",
    en="All about the person is written to {page} and {data}: {versions:version|versions}, {messages:message|messages}, "
    "{findings:finding|findings} and {looks:look|looks}. Delete the files when they are handed over.",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("innsyn", help=_HELP)(innsyn)


def innsyn(
    unit: UnitWord = None,
    local_id: LocalId = None,
    *,
    out: _Out,
    reason: Why,
    number: NumberFlag = False,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    json: JsonFlag = False,
) -> None:
    """The files are made before the person is looked for, so that a look whose answer cannot be written is not made."""
    whom = whom_from(unit, local_id, _COMMAND, number=number)
    place = place_of(config, folder)
    from ktt.cli.registry.persons.innsyn_page import as_data, as_page
    from ktt.wiring.persons import access_reports_at

    data_file = out.with_suffix(".json")
    for path in (out, data_file):
        if path.exists():
            raise PageUnwritable(
                file=path, reason=Text(nb="den finnes allerede", en="it is there already").in_(language())
            )
    with access_reports_at(place) as reports, progress(Text(nb="Leser meldinger", en="Reading messages")) as step:
        report = reports.of(whom, current_user(), reason, step)
    _write(out, as_page(report))
    _write(data_file, as_data(report))
    facts = _counts(report) | {"page": str(out), "data": str(data_file)}
    emit(facts, json=json, render=lambda: _WRITTEN.format(**facts).in_(language()))


def _counts(report: AccessReport) -> dict[str, Any]:
    counted = {"versions": report.lines, "messages": report.messages, "findings": report.findings}
    return {name: len(each) for name, each in (counted | {"looks": report.look_ups}).items()}


def _write(path: Path, content: bytes) -> None:
    from ktt.core.os_faults import os_reason
    from ktt.storage.vault import write_secret

    try:
        write_secret(path, content)
    except OSError as fault:
        raise PageUnwritable(file=path, reason=os_reason(fault)) from fault
