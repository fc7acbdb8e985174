"""`ktt registry cases`: follow-up cases, one for each unit and cause."""

from __future__ import annotations

import typer

from ktt.cli.registry.cases import acts, cases, letter, look
from ktt.cli.show import told

HELP = told(
    nb="""Vis oppfølgingssakene: én sak per enhet og årsak, med hvem som har den og frist.

    Årsakene er det registeret finner selv: stille enheter, avviste meldinger, meldinger som ikke kan leses, programversjoner som
    avvises ofte, brå endringer, mange avvik og måneder som mangler. «open» åpner saker for det som finnes i dag, «check» lukker
    det som har ordnet seg. Enheten ser sine åpne saker i «ktt status» og på mottakets adresse /units/…/outstanding.
    Utgangskode: 0 ingen frist er passert · 4 minst én frist er passert.""",
    en="""Show the follow-up cases: one for each unit and cause, with who has it and a deadline.

    The causes are what the registry finds by itself: silent units, rejected messages, messages that cannot be read, program
    versions that are often rejected, sudden changes, many findings, and months that are missing. `open` opens cases for what is
    found today, `check` closes what has come right. The unit sees its open cases in `ktt status` and at the receiver's address
    /units/…/outstanding.
    Exit code: 0 no deadline has passed · 4 at least one has.""",
)


def register(app: typer.Typer) -> None:
    """Add the group to its own group."""
    group = typer.Typer(add_completion=False)
    group.callback(invoke_without_command=True, help=HELP)(cases.cases)
    look.register(group)
    acts.register(group)
    letter.register(group)
    app.add_typer(group, name="cases", help=HELP)
