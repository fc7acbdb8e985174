"""The options that the sender's commands share."""

from __future__ import annotations

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

CONFIG = Path("sender.toml")
"""The settings file when the option is not given."""


def load_settings(config: Path) -> SenderSettings:
    """The sender's settings; a `KTT-CFG` fault when they cannot be used."""
    from ktt.sender.settings import SenderSettings

    return SenderSettings.load(config)
