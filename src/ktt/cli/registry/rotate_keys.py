"""`ktt registry rotate-keys`: new keys for the fingerprints and the identities."""

from __future__ import annotations

import typer

from ktt.cli.receiver.keys import ROTATED
from ktt.cli.receiver.options import CONFIG, ConfigFile, Reason, current_user, load_settings
from ktt.cli.show import JsonFlag, emit, language, progress, told
from ktt.core.text import Text

_HELP = told(
    nb="""Bytt nøklene til registeret: alle fingeravtrykk, pseudonymer og forseglede numre lages på nytt.

    Tjenesten må være stoppet. Alt skjer i én transaksjon: avbrytes kommandoen, er ingenting endret, og kjøres den igjen, blir
    resultatet det samme. Pseudonymer som er delt ut før, gjelder ikke lenger. De gamle nøklene hører til eldre kopier av databasen:
    ta vare på dem så lenge dere har slike. Hvem og hvorfor står i loggen over innsyn.""",
    en="""Exchange the registry's keys: every fingerprint, pseudonym and sealed number is made anew.

    The service must be stopped. All of it is one transaction: when the command is interrupted, nothing has changed, and when
    it is run again the result is the same. Pseudonyms that were handed out before are good no more. The old keys belong
    to older backups of the database: keep them as long as you have those. Who and why is in the log of looks.""",
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("rotate-keys", help=_HELP)(rotate_keys)


def rotate_keys(*, reason: Reason, config: ConfigFile = CONFIG, json: JsonFlag = False) -> None:
    """Everything is made anew, then the new key files take the place of the old."""
    settings = load_settings(config)
    from ktt.wiring.upkeep import rotate_registry_keys

    with progress(Text(nb="Lager alt på nytt", en="Making everything anew")) as step:
        rotate_registry_keys(settings, current_user(), reason, step)
    files = settings.registry and [settings.registry.key_file, settings.registry.identity_key_file]
    emit({"rotated": files}, json=json, render=lambda: ROTATED.in_(language()))
