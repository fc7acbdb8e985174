"""`ktt outbox accepted`: what people have accepted, of which day, who, when and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from ktt.cli.sender.options import CONFIG, ConfigFile, load_settings
from ktt.cli.show import JsonFlag, emit, language, table, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from ktt.sender.plausibility.question import Accepted

_HELP = Text(
    nb="Hva noen har godtatt, for hvilken dag, hvem, når og hvorfor.",
    en="What someone has accepted, of which day, who, when and why.",
)
_NONE = Text(nb="Ingenting er godtatt.", en="Nothing has been accepted.")
_COLUMNS = [
    Text(nb="Dag", en="Day"),
    Text(nb="Spørsmål", en="Question"),
    Text(nb="Før", en="Then"),
    Text(nb="Nå", en="Now"),
    Text(nb="Av", en="By"),
    Text(nb="Når", en="When"),
    Text(nb="Hvorfor", en="Why"),
]


def register(app: typer.Typer) -> None:
    """Add the command to `ktt outbox`."""
    app.command("accepted", help=told(nb=_HELP.nb, en=_HELP.en))(accepted)


def accepted(config: ConfigFile = CONFIG, *, json: JsonFlag = False) -> None:
    """All that was ever accepted of the unit, in order."""
    settings = load_settings(config)
    from ktt.wiring.sender import history_from

    with history_from(settings) as history:
        found = history.accepted(settings.unit.reporting_unit)
    emit([asdict(one) for one in found], json=json, render=lambda: _shown(found))


def _shown(found: Sequence[Accepted]) -> RenderableType:
    if not found:
        return _NONE.in_(language())
    rows = [
        (
            one.day,
            one.name,
            one.then,
            one.now,
            one.by,
            one.at,
            one.reason,
        )
        for one in found
    ]
    return table(_COLUMNS, rows)
