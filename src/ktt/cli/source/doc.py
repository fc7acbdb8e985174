"""`ktt source doc` and `ktt source approve`: a mapping in words, and that somebody has read and approved it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.sender.options import Reason
from ktt.cli.show import JsonFlag, emit, told
from ktt.cli.source.options import MappingFile
from ktt.core.os_faults import os_reason
from ktt.core.text import Text

_DOC = told(
    nb="Skriv koblingsfilen som en side på bokmål, så den som er ansvarlig i kommunen kan lese og godkjenne den: hvilke tabeller som "
    "leses, hvert felt med ord, kode for kode, hva som utelates og hvorfor, hva som ikke meldes, og hva som beviser at uttrekket er fullstendig. "
    "Svaret viser SHA-256 av koblingsfilen og kodefilene, og om de er godkjent slik de er.",
    en="Write the mapping as a page in bokmål, so that whoever is responsible in the municipality can read and approve it: which tables "
    "are read, each field in words, code by code, what is left out and why, what is not reported, and what proves the extract whole. "
    "The answer shows the SHA-256 of the mapping and its code files, and whether they are approved as they are.",
)
_APPROVE = told(
    nb="Registrer at koblingsfilen er lest og godkjent slik den er: hvem, når, hvorfor og SHA-256, i en fil ved siden av den "
    "(koblingsfil.approval.json). Endres koblingsfilen eller en kodefil etterpå, sier «ktt source check», «ktt source doc» og "
    "«ktt doctor» det.",
    en="Write down that the mapping was read and approved as it is: who, when, why and the SHA-256, in a file beside it "
    "(mapping.approval.json). When the mapping or a code file changes afterwards, “ktt source check”, “ktt source doc” and "
    "“ktt doctor” say so.",
)
_Out = Annotated[Path, typer.Option("--out", help=told(nb="Siden (HTML).", en="The page (HTML)."))]
_Markdown = Annotated[
    Path | None,
    typer.Option("--md", help=told(nb="Skriv den også som Markdown hit.", en="Write it as Markdown here too.")),
]
_By = Annotated[str, typer.Option("--by", help=told(nb="Hvem som godkjenner.", en="Who approves."))]
_WRITTEN = Text(
    nb="Skrev {file}.\nSHA-256 {sha256}: {state}.\nNeste, når den er lest: ktt source approve {mapping} --by NAVN --reason GRUNN",
    en="Wrote {file}.\nSHA-256 {sha256}: {state}.\nNext, when it has been read: ktt source approve {mapping} --by NAME --reason WHY",
)
_APPROVED = Text(nb="Godkjent. SHA-256 {sha256}, i {file}.", en="Approved. SHA-256 {sha256}, in {file}.")


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("doc", help=_DOC)(doc)
    app.command("approve", help=_APPROVE)(approve)


def doc(mapping: MappingFile, out: _Out, *, markdown: _Markdown = None, json: JsonFlag = False) -> None:
    """Write the page, and show the hash."""
    from ktt.sender.extract.documentation.page import mapping_page
    from ktt.sender.extract.mapping.file import read_mapping
    from ktt.sender.extract.profiling.errors import OutputUnwritable

    page = mapping_page(read_mapping(mapping))
    contents = {out: page.as_html()} | ({markdown: page.as_markdown().encode()} if markdown else {})
    for file, content in contents.items():
        try:
            file.write_bytes(content)
        except OSError as fault:
            raise OutputUnwritable(file=file, reason=os_reason(fault)) from fault
    status = page.approval
    said = _WRITTEN.format(file=str(out), sha256=status.sha256, state=status.says, mapping=str(mapping))
    data = {"files": [str(file) for file in contents], "sha256": status.sha256, "approval": status.state}
    emit(data, json=json, render=lambda: told(nb=said.nb, en=said.en))


def approve(mapping: MappingFile, by: _By, reason: Reason, *, json: JsonFlag = False) -> None:
    """Approve the mapping as it is."""
    from ktt.core.clock import SystemClock
    from ktt.sender.extract.documentation.approval import approval_file
    from ktt.sender.extract.documentation.approval import approve as approved
    from ktt.sender.extract.mapping.file import read_mapping

    made = approved(read_mapping(mapping), by, reason, SystemClock().now())
    said = _APPROVED.format(sha256=made.sha256, file=str(approval_file(mapping)))
    data = {"sha256": made.sha256, "file": str(approval_file(mapping)), "approved_at": made.approved_at}
    emit(data, json=json, render=lambda: told(nb=said.nb, en=said.en))
