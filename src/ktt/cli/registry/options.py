"""What the commands of `ktt registry` share: which registry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.receiver.options import load_settings
from ktt.cli.show import told

if TYPE_CHECKING:
    from ktt.wiring import RegistryPlace

Folder = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Mappen til en sandkasse, i stedet for --config.", en="The folder of a sandbox, instead of --config."
        )
    ),
]


def place_of(config: Path, folder: Path | None) -> RegistryPlace:
    """The registry of the receiver with these settings, or of the sandbox in the folder."""
    if folder is not None:
        from ktt.testing.sandbox.faults.admin_client import registry_place as of_sandbox

        return of_sandbox(folder)
    from ktt.wiring import registry_place

    return registry_place(load_settings(config))
