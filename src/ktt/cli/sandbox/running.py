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
            nb="Sandkassens mappe. Trengs bare når flere kjører.",
            en="The sandbox's folder. Needed only when several are running.",
        )
    ),
]


@contextmanager
def admin_of(folder: Path | None) -> Iterator[AdminClient]:
    """The admin endpoint of the sandbox in the folder, or of the one that is running."""
    from ktt.testing.sandbox.faults.admin_client import AdminClient
    from ktt.testing.sandbox.registration import running_folder

    with AdminClient(folder or running_folder()) as admin:
        yield admin
