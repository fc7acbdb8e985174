"""`ktt registry reidentify`: the numbers behind pseudonyms. Who opens them and why is written down first."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ktt.cli.receiver.options import CONFIG, ConfigFile, current_user
from ktt.cli.registry.options import Folder, place_of
from ktt.cli.registry.persons.whom import Why
from ktt.cli.rows import Column, CsvFlag, Form, answer
from ktt.cli.show import JsonFlag, told
from ktt.core.text import Text

_HELP = told(
    nb="""Vis nummeret til personer som er kjent ved pseudonym, og hvor de er kjent.

    Pseudonymer skrives på kommandolinjen eller, uten noen der, ett per linje på standard inn. Hvem, når, hvorfor og for
    hvor mange skrives i loggen før noe åpnes, og den som åpner mange på en dag, varsles det om. Nummeret vises bare i
    svaret; skriv det ikke til en fil.""",
    en="""Show the number of persons who are known by a pseudonym, and where they are known.

    Pseudonyms are written on the command line or, without any there, one a line on standard in. Who, when, why and for how
    many is written in the log before anything is opened, and who opens many in a day causes an alarm. The number is shown
    in the answer alone; do not write it to a file.""",
)
_Pseudonyms = Annotated[
    list[str] | None,
    typer.Argument(
        metavar=told(nb="PSEUDONYM", en="PSEUDONYM"),
        help=told(nb="Personens nøkkel i registeret.", en="The person's key in the registry."),
    ),
]
_COLUMNS = (
    Column("pseudonym", Text(nb="Pseudonym", en="Pseudonym")),
    Column("number", Text(nb="Nummer", en="Number")),
    Column("kind", Text(nb="Type", en="Kind")),
    Column("known_as", Text(nb="Kjent som", en="Known as")),
)


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("reidentify", help=_HELP)(reidentify)


def reidentify(
    pseudonyms: _Pseudonyms = None,
    *,
    reason: Why,
    config: ConfigFile = CONFIG,
    folder: Folder = None,
    json: JsonFlag = False,
    csv: CsvFlag = False,
) -> None:
    """A row for each pseudonym that is known."""
    form = Form("ktt registry reidentify", json, csv)
    wanted = pseudonyms or [line.strip() for line in sys.stdin if line.strip()]
    place = place_of(config, folder)
    from ktt.wiring.persons import reidentified_at

    found = reidentified_at(place, wanted, current_user(), reason)
    rows = [
        {
            "pseudonym": one.pseudonym,
            "number": one.identity and one.identity.number,
            "kind": one.identity and one.identity.kind,
            "known_as": ", ".join(f"{person.unit.key} {person.local_id}" for person in one.known_as),
        }
        for one in found
    ]
    answer(_COLUMNS, rows, form)
