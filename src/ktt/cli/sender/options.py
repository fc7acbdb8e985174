"""The options that the sender's commands share."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.show import told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.settings import SenderSettings

ConfigFile = Annotated[
    Path,
    typer.Option("--config", help=told(nb="Innstillingsfilen til avsenderen.", en="The sender's settings file.")),
]

Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor; det tas vare på sammen med hvem og når, så ingen personopplysninger.",
            en="Why; it is kept with who and when, so nothing about persons.",
        ),
    ),
]

RecordIds = Annotated[
    list[str] | None,
    typer.Option(
        "--id",
        metavar="TYPE:ID",
        help=told(
            nb="Opplysningstype og lokal ID, som care_service:T17. Kan gjentas.",
            en="Record type and local id, such as care_service:T17. May be repeated.",
        ),
    ),
]

_ID_FORM = Text(
    nb="--id skal være TYPE:ID, der TYPE er en av {types}", en="--id must be TYPE:ID, where TYPE is one of {types}"
)

CONFIG = Path("sender.toml")
"""The settings file when the option is not given."""


def load_settings(config: Path) -> SenderSettings:
    """The sender's settings, of a `sender.toml` or of a unit in a `fleet.toml#unit`; a `KTT-CFG` fault when they cannot be used."""
    from ktt.sender.fleet.settings import settings_at

    return settings_at(config)


def current_user() -> str:
    """Who runs the command: the person behind sudo when there is one."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def named_ids(ids: list[str], command: str) -> dict[str, list[str]]:
    """`TYPE:ID` as local ids by record type; CommandMisused for a type that is not sent, and for a form without type."""
    from ktt.domain.records import ROOT_NAMES

    found: dict[str, list[str]] = {}
    for one in ids:
        name, colon, local_id = one.partition(":")
        if not (colon and local_id and name in ROOT_NAMES):
            raise CommandMisused(reason=_ID_FORM.format(types=", ".join(ROOT_NAMES)), command=command)
        found.setdefault(name, []).append(local_id)
    return found
