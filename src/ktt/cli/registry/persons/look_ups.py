"""`ktt registry look-ups`: who has looked at persons, when and why; and who has looked at many."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Day, Folder, Since, Until, days_from, place_of
from ktt.cli.registry.persons.whom import LocalId, NumberFlag, UnitWord, whom_from
from ktt.cli.rows import Column, CsvFlag, Form, ParquetFile, answer
from ktt.cli.show import JsonFlag, language, told
from ktt.core.errors import EXIT_NOT_MET
from ktt.core.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

_COMMAND = "ktt registry look-ups"
_HELP = told(
    nb="""Vis hvem som har sett på personer i registeret: når, hvorfor, og hvor mange personer det gjaldt.

    Uten person vises hele loggen, eller en del av den med --since, --until og --who. Med enhet og lokal id, eller --number,
    vises det som gjaldt denne personen, også avsendernes lister over hele enheten; også det er et innsyn, og krever
    --reason. --alarms viser bare der én har sett på flere personer på en dag enn innstillingen «persons_a_day», og
    svarer 4 når det finnes noen. Loggen er en kjede; «ktt registry verify» prøver den.""",
    en="""Show who has looked at persons in the registry: when, why, and how many persons it was about.

    Without a person the whole log is shown, or a part of it with --since, --until and --who. With unit and local id, or
    --number, what was about this person is shown, the senders' listings of the whole unit too; that is a look as well and
    needs --reason. --alarms shows only where one has looked at more persons in a day than the setting `persons_a_day`, and
    answers 4 when there are any. The log is a chain; `ktt registry verify` verifies it.""",
)
_Who = Annotated[
    str | None,
    typer.Option(help=told(nb="Bare det denne har gjort.", en="Only what this one has done.")),
]
_Alarms = Annotated[
    bool,
    typer.Option(
        "--alarms",
        help=told(nb="Bare der én har sett på mange på en dag.", en="Only where one has looked at many in a day."),
    ),
]
_Why = Annotated[
    str | None,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor dere ser på loggen til én person; det loggføres.",
            en="Why you look at the log of one person; it is logged.",
        ),
    ),
]
ACTS = {
    "look": Text(nb="så historien", en="saw the story"),
    "list": Text(nb="sammenlignet en hel enhet", en="compared a whole unit"),
    "reidentify": Text(nb="åpnet nummeret", en="opened the number"),
    "innsyn": Text(nb="skrev ut innsyn", en="wrote out all there is"),
    "log": Text(nb="så loggen over innsyn", en="saw the log of looks"),
    "delete": Text(nb="slettet", en="deleted"),
    "link": Text(nb="slo sammen", en="merged"),
    "unlink": Text(nb="skilte", en="took apart"),
    "rotate": Text(nb="byttet nøkkel", en="exchanged a key"),
    "restore": Text(nb="la tilbake en kopi", en="put a backup back"),
    "reprocess": Text(nb="leste inn på nytt", en="ingested anew"),
}
"""What was done, in the words of people."""
COLUMNS = (
    Column("number", Text(nb="Nr.", en="No."), "count"),
    Column("at", Text(nb="Når", en="When"), "instant"),
    Column("who", Text(nb="Hvem", en="Who")),
    Column("act", Text(nb="Gjorde", en="Did")),
    Column("persons", Text(nb="Personer", en="Persons"), "count"),
    Column("unit", Text(nb="Enhet", en="Unit")),
    Column("why", Text(nb="Hvorfor", en="Why")),
    Column("detail", Text(nb="Om", en="About")),
    Column("many", Text(nb="Mange", en="Many"), "flag"),
)
_NONE = Text(nb="Ingen innførsler.", en="No entries.")
_NEEDS = Text(nb="loggen til én person krever --reason.", en="the log of one person needs --reason.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("look-ups", help=_HELP)(look_ups)


def look_ups(
    unit: UnitWord = None,
    local_id: LocalId = None,
    *,
    number: NumberFlag = False,
    reason: _Why = None,
    day: Day = None,
    since: Since = None,
    until: Until = None,
    who: _Who = None,
    alarms: _Alarms = False,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
    parquet: ParquetFile = None,
) -> None:
    """The entries in their order."""
    form = Form(_COMMAND, json, csv, parquet)
    days = days_from(day, since, until, _COMMAND)
    about_one = number or unit is not None or local_id is not None
    if about_one and not (reason or "").strip():
        raise CommandMisused(reason=_NEEDS, command=_COMMAND)
    place = place_of(config, folder)
    whom = whom_from(unit, local_id, _COMMAND, number=number) if about_one else None
    from ktt.wiring.persons import look_ups_at

    found = look_ups_at(place, whom, (current_user(), reason or ""), days=days, who=who)
    rows = [asdict(one) for one in found if one.many or not alarms]
    answer(COLUMNS, [spoken(row) for row in rows], form, data=rows, render=lambda drawn: _shown(drawn, bool(rows)))
    if alarms and rows:
        raise typer.Exit(EXIT_NOT_MET)


def spoken(row: dict[str, Any]) -> dict[str, Any]:
    """A row with what was done in words."""
    return row | {"act": ACTS[row["act"]].in_(language())}


def _shown(drawn: RenderableType, some: bool) -> RenderableType:  # noqa: FBT001
    return drawn if some else _NONE.in_(language())
