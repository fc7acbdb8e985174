"""`ktt store backup`: a copy of the sender's store, also while a run is under way."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

_MADE = Text(
    nb="✓ {file} er laget og kontrollert ({size} MB). Nøkkelen «{key}» er ikke i den: ta vare på den et annet sted.",
    en="✓ {file} is made and checked ({size} MB). The key “{key}” is not in it: keep it at another place.",
)


def register(app: typer.Typer) -> None:
    """Add the command to a group."""
    app.command(
        help=told(
            nb="Ta sikkerhetskopi av lageret, også mens en kjøring går. Nøkkelen er ikke med.",
            en="Back up the store, also while a run is under way. The key is not in it.",
        )
    )(backup)


def backup(
    file: Annotated[
        Path,
        typer.Argument(
            metavar=told(nb="FIL", en="FILE"), help=told(nb="En ny fil.", en="A new file."), show_default=False
        ),
    ],
    config: ConfigFile = CONFIG,
    *,
    json: JsonFlag = False,
) -> None:
    """Write a whole and checked copy of the store to a new file."""
    settings = load_settings(config)
    from ktt.storage.backup import back_up

    made = back_up(settings.store.url, file)
    size, key = round(made.bytes / 1e6, 1), settings.store.key_file
    emit(asdict(made), json=json, render=lambda: _MADE.format(file=made.file, size=size, key=key).in_(language()))
