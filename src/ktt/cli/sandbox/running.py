"""The sandbox that is running, for the commands about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import told

if TYPE_CHECKING:
    from ktt.testing.sandbox.faults.admin_client import AdminClient

Folder = Annotated[
    Path | None,
    typer.Option(
        help=told(
            nb="Sandkassens mappe. Uten: den som sist ble startet uten egen mappe.",
            en="The sandbox's folder. Without: the one last started without a folder of its own.",
        )
    ),
]


@contextmanager
def admin_of(folder: Path | None) -> Iterator[AdminClient]:
    """The admin endpoint of the sandbox in the folder, or of the one that was started last."""
    from ktt.testing.sandbox.faults.admin_client import AdminClient

    with AdminClient(folder) as admin:
        yield admin
