"""`ktt sandbox`: a HelseID, a receiver and a registry on this machine."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.packs import PackOption, chosen_packs
from ktt.cli.sandbox import faults
from ktt.cli.show import JsonFlag, emit, language, note, progress, table, told
from ktt.core.text import Text

if TYPE_CHECKING:  # the servers take half a second to import; `--help` does not need them
    from rich.table import Table

    from ktt.domain.unit import ReportingUnit
    from ktt.testing.sandbox import Sandbox

app = typer.Typer(add_completion=False)
faults.register(app)

_WHERE = {
    "console": Text(nb="Åpne i nettleseren", en="Open in a browser"),
    "helseid": Text(nb="HelseID", en="HelseID"),
    "mottak": Text(nb="Mottaket", en="The receiver"),
    "docs": Text(nb="Mottakets adresser, forklart", en="The receiver's addresses, explained"),
    "check": Text(nb="Kontroller en melding uten å sende den", en="Judge a message without sending it"),
    "folder": Text(nb="Nøkler og databaser", en="Keys and databases"),
    "units": Text(nb="Enheter som kan rapportere", en="Units that may report"),
    "config_out": Text(nb="Det klienten deres trenger", en="What your client needs"),
    "sender_config": Text(nb="Oppsett for vår egen avsender", en="Set-up of our own sender"),
    "fhi_client": Text(nb="Oppsett for FHIs klient", en="Set-up of FHI's client"),
}
_NEXT = Text(
    nb="Sandkassen kjører. Stopp den med Ctrl-C. Prøv i et annet vindu:\n"
    "  ktt sandbox send N1           send et eksempel, slik en klient gjør\n"
    "  ktt sandbox tail --follow     se forespørslene mens de kommer\n"
    "  ktt sandbox fail 2008         la neste melding bli avvist",
    en="The sandbox is running. Stop it with Ctrl-C. Try in another window:\n"
    "  ktt sandbox send N1           send an example, as a client does\n"
    "  ktt sandbox tail --follow     see the requests as they come\n"
    "  ktt sandbox fail 2008         let the next message be rejected",
)

_NOT_FINDABLE = Text(
    nb="De andre kommandoene finner ikke sandkassen av seg selv. Legg til «--folder {folder}» i dem.",
    en="That the sandbox runs could not be written down. Add `--folder {folder}` to the other commands.",
)

_STARTING = Text(
    nb="Lager nøkler og databaser, og starter HelseID og mottak",
    en="Making keys and databases, and starting HelseID and receiver",
)

_LOOK = 0.5
"""Seconds between looks at whether to stop. Polars, once imported, lets a signal wake nothing that waits without an end."""
_Folder = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Hvor nøkler og databaser ligger fra gang til gang. Standard: en mappe som slettes etterpå.",
            en="Where keys and databases stay between runs. Without: a folder that is deleted afterwards.",
        )
    ),
]
_Port = Annotated[int, typer.Option(min=0, max=65535, help=told(nb="0 tar en ledig port.", en="0 takes a free port."))]
_ConsolePort = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        help=told(
            nb="Porten til sidene. Standard: 8789, eller en ledig når den er opptatt.",
            en="The port of the pages. Without: 8789, or a free one when it is taken.",
        ),
    ),
]
_ConfigOut = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Skriv hit det enhver klient trenger for å sende (JSON med privat nøkkel, rettigheter 0600).",
            en="Write here what any client needs to send (JSON with a private key, mode 0600).",
        )
    ),
]
_SenderConfig = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Skriv ferdig oppsett for vår egen avsender i denne mappen.",
            en="Write a ready set-up for our own sender into this folder.",
        )
    ),
]
_Epj = Annotated[
    Path | None,
    typer.Option(help=told(nb="Mappen som «ktt synth epj» skrev.", en="The folder that `ktt synth epj` wrote.")),
]
_Units = Annotated[
    list[str] | None,
    typer.Option(
        "--unit",
        help=told(
            nb="Enhet som skal rapportere, som 312000008-1114 eller 312000563-0301-03. Kan gjentas.",
            en="Unit that is to report, as 312000008-1114 or 312000563-0301-03. May be repeated.",
        ),
    ),
]
_FhiClient = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Skriv de to oppsettfilene til FHIs egen klient (appsettings.json, client.json) i denne mappen.",
            en="Write the two set-up files of FHI's own client (appsettings.json, client.json) into this folder.",
        )
    ),
]
_TestMode = Annotated[
    bool,
    typer.Option(
        "--test-mode",
        help=told(
            nb="Skill 1006, 1008 og 1009 fra hverandre. Åpner for orakelangrep; bare til feilsøking.",
            en="Tell 1006, 1008 and 1009 apart. Opens for oracle attacks; for troubleshooting only.",
        ),
    ),
]
_DatabaseUrl = Annotated[
    str | None,
    typer.Option(help=told(nb="PostgreSQL i stedet for SQLite i mappen.", en="PostgreSQL instead of SQLite files.")),
]
_ClockOffset = Annotated[
    float,
    typer.Option(
        metavar=told(nb="SEKUNDER", en="SECONDS"),
        help=told(
            nb="Så mye går sandkassens klokke foran maskinens; etter når tallet er negativt.",
            en="So far is the sandbox's clock ahead of the machine's; behind when negative.",
        ),
    ),
]
_Nonce = Annotated[
    bool, typer.Option("--nonce/--no-nonce", help=told(nb="Krev nonce i HelseID.", en="Require a nonce at HelseID."))
]


@app.command(
    help=told(
        nb="Start alt på 127.0.0.1 og bli stående. Bare syntetiske personer godtas. Ctrl-C stopper.",
        en="Start everything on 127.0.0.1 and stay. Only synthetic persons are let in. Ctrl-C stops it.",
    )
)
def up(
    *,
    folder: _Folder = None,
    helseid_port: _Port = 8790,
    mottak_port: _Port = 8791,
    console_port: _ConsolePort = None,
    config_out: _ConfigOut = None,
    sender_config: _SenderConfig = None,
    fhi_client: _FhiClient = None,
    epj: _Epj = None,
    unit: _Units = None,
    pack: PackOption = None,
    database_url: _DatabaseUrl = None,
    nonce: _Nonce = True,
    test_mode: _TestMode = False,
    clock_offset: _ClockOffset = 0.0,
    json: JsonFlag = False,
) -> None:
    """Start the sandbox and serve until it is stopped."""
    units = [_read_unit(text) for text in unit or ()]
    with _stopping() as stop, _kept(folder) as place, ExitStack() as opened:
        with progress(_STARTING):
            from ktt.testing.sandbox import UNIT, Sandbox
            from ktt.testing.sandbox.settings import SandboxSettings
            from ktt.web.console.app import console_app

            settings = SandboxSettings(
                folder=place,
                helseid_port=helseid_port,
                mottak_port=mottak_port,
                console_port=console_port,
                require_nonce=nonce,
                database_url=database_url,
                packs=chosen_packs(pack),
            )
            made = Sandbox(settings, units=units or (UNIT,), test_mode=test_mode, pages=console_app)
            running = opened.enter_context(made)
            if clock_offset:
                running.control.set_clock(clock_offset)
            written = _write(running, config_out, sender_config, epj)
            if fhi_client is not None:
                written["fhi_client"] = running.write_fhi_client(fhi_client).absolute()
        with _findable(place):
            _show(running, place, written, json=json)
            while not stop.wait(_LOOK):
                pass
    note(Text(nb="Sandkassen er stoppet.", en="The sandbox has stopped."))


def _read_unit(text: str) -> ReportingUnit:
    from ktt.domain.identifiers import organisation_valid
    from ktt.domain.unit import ReportingUnit

    organisation, *rest = text.split("-")
    widths = [len(part) for part in rest]
    if not text.replace("-", "").isdecimal() or widths not in ([4], [4, 2]) or not organisation_valid(organisation):
        raise CommandMisused(reason="--unit ORGNR-KOMMUNENR[-BYDELNR]", command="ktt sandbox up")
    return ReportingUnit.from_key(text)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set, so that everything is closed in order and the exit code is 0."""
    stop = threading.Event()
    wanted = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda _number, _frame: stop.set()) for number in wanted]
    try:
        yield stop
    finally:
        for number, handler in zip(wanted, before, strict=True):
            signal.signal(number, handler)


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="ktt-sandbox-") as made:
        yield Path(made)


@contextmanager
def _findable(folder: Path) -> Iterator[None]:
    """Where the state folder cannot be written to, the sandbox serves all the same, and other commands need its folder."""
    from ktt.storage.errors import KeyFileUnwritable
    from ktt.testing.sandbox.registration import registered

    with ExitStack() as stack:
        try:
            stack.enter_context(registered(folder))
        except KeyFileUnwritable:
            note(_NOT_FINDABLE.format(folder=folder))
        yield


def _write(running: Sandbox, config_out: Path | None, sender_config: Path | None, epj: Path | None) -> dict[str, Path]:
    written: dict[str, Path] = {}
    if config_out is not None:
        running.write_config(config_out)
        written["config_out"] = config_out.absolute()
    if sender_config is not None:
        written["sender_config"] = running.write_sender(sender_config, epj=epj).absolute()
    return written


def _show(running: Sandbox, folder: Path, written: dict[str, Path], *, json: bool) -> None:
    data: dict[str, Any] = {
        "console": f"{running.console_url}/",
        "helseid": running.helseid_url,
        "mottak": running.mottak_url,
        "docs": f"{running.mottak_url}/swagger",
        "check": f"{running.mottak_url}/check",
        "folder": folder.absolute(),
        "units": [unit.key for unit in running.units],
        **written,
    }
    emit(data, json=json, render=lambda: _places(data))
    sys.stdout.flush()  # a program that reads it through a pipe waits for it
    note(_NEXT)


def _places(data: dict[str, Any]) -> Table:
    columns = (Text(nb="Hva", en="What"), Text(nb="Hvor", en="Where"))
    rows = [
        (_WHERE[name].in_(language()), ", ".join(value) if isinstance(value, list) else str(value))
        for name, value in data.items()
    ]
    return table(columns, rows)
