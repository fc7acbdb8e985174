"""How a command of `ktt registry` is told whom it is about: a unit's local person, or a number that is never shown."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from ktt.cli.errors import CommandMisused
from ktt.cli.registry.options import unit_from
from ktt.cli.show import language, told
from ktt.core.text import Text

if TYPE_CHECKING:
    from ktt.registry.persons.whom import Whom

UnitWord = Annotated[
    str | None,
    typer.Argument(
        metavar=told(nb="ENHET", en="UNIT"),
        help=told(nb="Enheten, som 312000008-1114.", en="The unit, as 312000008-1114."),
    ),
]
LocalId = Annotated[
    str | None,
    typer.Argument(
        metavar=told(nb="LOKAL_ID", en="LOCAL_ID"),
        help=told(nb="Personens id i enhetens EPJ.", en="The person's id in the unit's EPJ."),
    ),
]
NumberFlag = Annotated[
    bool,
    typer.Option(
        "--number",
        help=told(
            nb="Spør etter personens nummer (fødselsnummer, D-nummer eller DUF-nummer).",
            en="Ask for the person's number (national number, D-number or DUF number).",
        ),
    ),
]
Why = Annotated[
    str,
    typer.Option(
        "--reason",
        help=told(
            nb="Hvorfor dere ser; det loggføres, så ingen personopplysninger.",
            en="Why you look; it is logged, so nothing about persons.",
        ),
    ),
]
_EITHER = Text(nb="skriv enhet og lokal id, eller --number.", en="write unit and local id, or --number.")


def whom_from(unit: str | None, local_id: str | None, command: str, *, number: bool) -> Whom:
    """The person that was named; CommandMisused unless it is one of the two ways."""
    from ktt.registry.persons.whom import LocalPerson, NumberedPerson

    if number == (unit is not None or local_id is not None) or (unit is None) != (local_id is None):
        raise CommandMisused(reason=_EITHER, command=command)
    if unit is not None and local_id is not None:
        return LocalPerson(unit_from(unit, command), local_id)
    return NumberedPerson(read_number())


def read_number() -> str:
    """From the keyboard, without an echo, or the first line of standard in; in plain form."""
    from ktt.domain.identifiers import normalise_number

    if sys.stdin.isatty():
        ask = Text(nb="Nummer (vises ikke)", en="Number (not shown)")
        text = typer.prompt(ask.in_(language()), hide_input=True, err=True)
    else:
        text = sys.stdin.readline()
    return normalise_number(text)
