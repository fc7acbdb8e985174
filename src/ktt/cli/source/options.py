"""What the commands about a source share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.show import progress, told
from ktt.core.clock import SystemClock, norwegian_day
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.sender.extract.profiling.model import SourceProfile

Url = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="ADRESSE", en="ADDRESS"),
        help=told(
            nb="Adressen til kilden, som sqlite:///epj.sqlite, postgresql://leser@vert/epj eller files:///eksport.",
            en="The address of the source, as sqlite:///epj.sqlite, postgresql://reader@host/epj or files:///export.",
        ),
    ),
]
ScanOrUrl = Annotated[
    str,
    typer.Argument(
        metavar=told(nb="SKANNING|ADRESSE", en="SCAN|ADDRESS"),
        help=told(
            nb="En fil fra «ktt source scan --out», eller adressen til kilden.",
            en="A file of “ktt source scan --out”, or the address of the source.",
        ),
    ),
]
AtLeast = Annotated[
    int,
    typer.Option(
        "--at-least",
        help=told(
            nb="Vis bare verdier som minst så mange rader har. Minst 3.",
            en="Show only values that at least so many rows have. At least 3.",
        ),
    ),
]
MappingFile = Annotated[
    Path,
    typer.Argument(
        metavar=told(nb="KOBLINGSFIL", en="MAPPING"),
        help=told(nb="Koblingsfilen (TOML).", en="The mapping file (TOML)."),
    ),
]

_SCANS = Text(nb="Leser tabellene", en="Reading the tables")


def today() -> dt.date:
    """The day it is in Norway."""
    return norwegian_day(SystemClock().now())


def profile(place: str, at_least: int) -> SourceProfile:
    """The profile in a file, or of the source at an address, with a progress line while it is scanned."""
    from ktt.sender.extract.profiling.profile_file import profile_at

    with progress(_SCANS) as step:
        return profile_at(place, today(), at_least, step)
