"""What the commands of `ktt mottak` share: the settings file, the reason for a change, and who makes it."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import told

if TYPE_CHECKING:
    from ktt.receiver.service.settings import ServiceSettings

ConfigFile = Annotated[
    Path,
    typer.Option(
        "--config",
        help=told(
            nb="Innstillingsfilen som «ktt mottak init» skrev.", en="The settings file that `ktt mottak init` wrote."
        ),
    ),
]
CONFIG = Path("mottak.toml")
"""Where the settings are looked for when no file is named."""

Reason = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor; det skrives i endringsloggen, så ingen personopplysninger.",
            en="Why; it is written to the audit trail, so nothing about persons.",
        ),
    ),
]


def load_settings(config: Path) -> ServiceSettings:
    """The receiver's settings; a `KTT-CFG` or `KTT-REC` fault when they cannot be used."""
    from ktt.receiver.service.settings import ServiceSettings

    return ServiceSettings.load(config)


def current_user() -> str:
    """Who runs the command: the person behind sudo when there is one."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def format_instant(at: dt.datetime | None) -> str:
    """An instant as people in Norway read it."""
    from ktt.core.clock import OSLO

    return "" if at is None else at.astimezone(OSLO).strftime("%Y-%m-%d %H:%M:%S")
