"""`ktt registry backup|restore`: a copy in a folder, and the registry put back to what it was at an instant."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.errors import PageUnwritable
from ktt.cli.receiver.options import CONFIG, ConfigFile, Reason, current_user, load_settings
from ktt.cli.registry.options import as_of_from
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

_BACKUP_HELP = told(
    nb="""Ta sikkerhetskopi av registeret til en ny mappe, også mens tjenesten går. Nøkkelfilene er ikke med.

    Kopien er ett bilde av alle tabellene, med kontrollsummer. Ta vare på nøkkelfilene et annet sted. Mottakets database har
    meldingene; ta kopi av den med databasens egne verktøy.""",
    en="""Back the registry up to a new folder, also while the service runs. The key files are not in it.

    The backup is one picture of all tables, with hashes. Keep the key files at another place. The receiver's database has
    the messages; back it up with the database's own tools.""",
)
_RESTORE_HELP = told(
    nb="""Legg en kopi tilbake i stedet for det registeret har, og les inn det mottaket har siden, til et tidspunkt.

    Tjenesten må være stoppet. Til slutt prøves registeret; utgangskode 4 når noe ikke henger sammen. Uten --until leses alt
    mottaket har. Er personer slettet etter at kopien ble tatt, må de slettes igjen.""",
    en="""Put a backup back in the place of what the registry has, and ingest what the receiver has since, up to an instant.

    The service must be stopped. At the end the registry is verified; exit code 4 when something does not hold. Without
    --until all that the receiver has is ingested. Persons who were deleted after the backup was made must be deleted again.""",
)
_Folder = Annotated[
    Path,
    typer.Argument(metavar=told(nb="MAPPE", en="FOLDER"), help=told(nb="Kopiens mappe.", en="The backup's folder.")),
]
_Until = Annotated[
    str | None,
    typer.Option(
        metavar=told(nb="TIDSPUNKT", en="INSTANT"),
        help=told(
            nb="Les bare det som var mottatt da, som 2026-03-02 (ved dagens slutt) eller 2026-03-02T14:30, i norsk tid.",
            en="Ingest only what had been received then, as 2026-03-02 (the end of that day) or 2026-03-02T14:30, Norwegian time.",
        ),
    ),
]
_MADE = Text(
    nb="✓ Kopien er skrevet til {folder}: registeret slik det var ved melding {position}. Nøkkelfilene er ikke med.",
    en="✓ The backup is written to {folder}: the registry as it was at message {position}. The key files are not in it.",
)
_RESTORED = Text(
    nb="{mark} Registeret er lagt tilbake fra melding {position}, og {messages:melding er|meldinger er} lest inn siden.",
    en="{mark} The registry is put back from message {position}, and {messages:message was|messages were} ingested since.",
)


def register(app: typer.Typer) -> None:
    """Add the commands to their group."""
    app.command("backup", help=_BACKUP_HELP)(backup)
    app.command("restore", help=_RESTORE_HELP)(restore)


def backup(folder: _Folder, *, config: ConfigFile = CONFIG, json: JsonFlag = False) -> None:
    """A new folder that nobody else can read."""
    settings = load_settings(config)
    from ktt.core.os_faults import os_reason
    from ktt.wiring.upkeep import back_up_registry

    try:
        made = back_up_registry(settings, folder)
    except OSError as fault:
        raise PageUnwritable(file=folder, reason=os_reason(fault)) from fault
    emit(asdict(made), json=json, render=lambda: _MADE.format(folder=folder, position=made.position).in_(language()))


def restore(
    folder: _Folder,
    *,
    reason: Reason,
    until: _Until = None,
    config: ConfigFile = CONFIG,
    json: JsonFlag = False,
) -> None:
    """The backup, and what was received since."""
    settings = load_settings(config)
    instant: dt.datetime | None = as_of_from(None, until, "ktt registry restore").known_at
    from ktt.wiring.upkeep import restore_registry

    done = restore_registry(settings, folder, instant, current_user(), reason)
    facts = {"mark": "✓" if done.holds else "✗", "position": done.position, "messages": done.messages}
    emit(asdict(done), json=json, render=lambda: _RESTORED.format(**facts).in_(language()))
    if not done.holds:
        raise typer.Exit(EXIT_NOT_MET)
