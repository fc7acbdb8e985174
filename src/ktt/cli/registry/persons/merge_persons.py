"""`ktt registry merge-persons`: two numbers that are one person, and apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.registry.persons.whom import Why, read_number
from ktt.cli.show import JsonFlag, emit, language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.persons.merging import Merged

_COMMAND = "ktt registry merge-persons"
_HELP = told(
    nb="""Slå sammen to numre som er samme person, så registeret forteller én historie.

    Når en enhet selv forteller at et D-nummer ble et fødselsnummer, følger registeret det uten at noe må gjøres. Kommandoen er
    for resten: to numre som Folkeregisteret har slått sammen, eller et D-nummer der ingen enhet har fortalt om det nye. Begge
    numrene leses fra tastaturet (uten å vises) eller som to linjer fra standard inn; de skrives aldri på kommandolinjen.

    Etterpå viser «person», «innsyn» og «delete-person» begge numrenes opplysninger, og personen telles én gang. Ingenting av
    det enhetene har sendt, endres. Loggen viser hvem som slo sammen og hvorfor, uten numrene. --undo skiller dem igjen.""",
    en="""Merge two numbers that are one person, so that the registry tells one story.

    When a unit itself tells that a D-number became a national number, the registry follows it and nothing must be done. The
    command is for the rest: two numbers that the Person Register has merged, or a D-number of whose follower no unit has told.
    Both numbers are read from the keyboard (without showing them) or as two lines of standard in; they are never written on
    the command line.

    Afterwards `person`, `innsyn` and `delete-person` have what is known under both, and the person counts once. Nothing that
    units have sent is changed. The log tells who merged and why, without the numbers. --undo takes them apart again.""",
)
_Undo = Annotated[
    bool, typer.Option("--undo", help=told(nb="Skill de to numrene igjen.", en="Take the two numbers apart again."))
]
_SAME = Text(nb="skriv to forskjellige numre.", en="write two different numbers.")
_MERGED = Text(
    nb="✓ De to numrene er samme person fra nå. Personen er kjent i {units:enhet|enheter}.",
    en="✓ The two numbers are one person from now on. The person is known in {units:unit|units}.",
)
_APART = Text(nb="✓ De to numrene er to personer igjen.", en="✓ The two numbers are two persons again.")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("merge-persons", help=_HELP)(merge_persons)


def merge_persons(
    *,
    reason: Why,
    undo: _Undo = False,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    json: JsonFlag = False,
) -> None:
    """Two numbers, of which neither is shown or kept anywhere else."""
    place = place_of(config, folder)
    number, other = read_number(), read_number()
    if number == other or not (number and other):
        raise CommandMisused(reason=_SAME, command=_COMMAND)
    from ktt.wiring.persons import person_merging_at

    with person_merging_at(place) as merging:
        done = (merging.undo if undo else merging.merge)(number, other, current_user(), reason)
    emit({"merged": not undo, "units": list(done.units)}, json=json, render=lambda: _said(done, undo=undo))


def _said(done: Merged, *, undo: bool) -> str:
    return _APART.in_(language()) if undo else _MERGED.format(units=len(done.units)).in_(language())
