"""`ktt support`: a bundle for whoever helps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.clock import SystemClock
from ktt.core.text import Text

app = typer.Typer(add_completion=False)

_Out = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="FIL.zip", en="FILE.zip"), help=told(nb="Filen som skrives.", en="The file to write.")
    ),
]
_Log = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar=told(nb="FIL", en="FILE"),
        help=told(
            nb="Ta med slutten av denne loggen: bare linjene fra ktt, maskert.",
            en="Include the end of this log: only the lines of ktt, masked.",
        ),
    ),
]


@app.callback()
def support() -> None:
    """What whoever helps needs to see."""


@app.command(
    help=told(
        nb="Skriv en zip uten personer og hemmeligheter: versjoner, innstillinger, status, kjøringer, kø, forsøk og antall avvik.",
        en="Write a zip without persons and secrets: versions, settings, status, runs, queue, attempts, findings counted.",
    )
)
def bundle(out: _Out, config: ConfigFile = CONFIG, log: _Log = None, *, json: JsonFlag = False) -> None:
    """One file to send to whoever helps."""
    settings = load_settings(config)
    from ktt.sender.monitoring.facts import SqlFacts
    from ktt.sender.monitoring.overview import status_of
    from ktt.sender.monitoring.support.bundle import Known, write_bundle
    from ktt.sender.outcomes.sql import SqlOutcomes
    from ktt.wiring.sender import store_from

    clock = SystemClock()
    with store_from(settings) as database:
        found = status_of(SqlFacts(database), settings.unit.reporting_unit, settings.helseid.key_file, clock.now())
        names = write_bundle(out, Known(database, SqlOutcomes(database, clock), settings, found), log)
    written = Text(nb="Skrev {out}: {names}.", en="Wrote {out}: {names}.").format(out=out, names=", ".join(names))
    emit({"file": out, "parts": names}, json=json, render=lambda: written.in_(language()))
