"""The options that the sender's commands share."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import told

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

CONFIG = Path("sender.toml")
"""The settings file when the option is not given."""


def load_settings(config: Path) -> SenderSettings:
    """The sender's settings; a `KTT-CFG` fault when they cannot be used."""
    from ktt.sender.settings import SenderSettings

    return SenderSettings.load(config)


def current_user() -> str:
    """Who runs the command: the person behind sudo when there is one."""
    return os.environ.get("SUDO_USER") or getpass.getuser()
