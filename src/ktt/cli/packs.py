"""`--pack`: the message packs that a command knows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ktt.cli.language import told

PackOption = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar=told(nb="NAVN|MAPPE", en="NAME|FOLDER"),
        help=told(
            nb="Meldingspakken: en mappe med skjemaer, eller navnet på en kjent pakke. Kan gjentas. [standard: ktt_v1]",
            en="The message pack: a folder of schemas, or the name of a known pack. May be repeated. [without: ktt_v1]",
        ),
    ),
]


def chosen_packs(named: list[str] | None) -> tuple[str, ...]:
    """The packs that were named, folders by their whole path, or the one that the program brings."""
    return tuple(str(Path(name).absolute()) if Path(name).is_dir() else name for name in named or ("ktt_v1",))
